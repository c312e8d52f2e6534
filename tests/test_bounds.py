"""Every call ends within its time, whatever the server does, and no answer is read beyond its bounds."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.judging.exchange import Transcript
from contracts.judging.lines import read_transcripts, transcript_lines
from fixtures.transport import bounds
from fixtures.transport.bounds import MOST_HEAD, MOST_LINE
from fixtures.transport.waiting import waiting_said
from reports.formats.excerpt import exchange_lines
from tests.raw import SECONDS, always, answered, call, once, server, wire_to
from tests.suite import suite

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SLOW = {
    "silence": (lambda _: time.sleep(5), "not one byte of it had come"),
    "slow body": (always(b"x", 0.05, HEAD + b"Content-Length: 1000\r\n\r\n"), "bytes of the body had come"),
    "slow head": (always(b"x", 0.05, HEAD + b"X-Long: "), "bytes of the head had come"),
    "slow head, line by line": (always(b"X: y\r\n", 0.05, HEAD), "bytes of the head had come"),
    "interim answers": (always(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05), "bytes of the head had come"),
    "slow chunks": (always(b"1\r\nx\r\n", 0.05, CHUNKED), "bytes of the body had come"),
    "slow trailers": (always(b"X: y\r\n", 0.05, CHUNKED + b"0\r\n"), "bytes of the body had come"),
    "slow chunk extension": (always(b"x", 0.05, CHUNKED + b"1;"), "bytes of the body had come"),
    "body without an end": (always(b"x", 0.05, HEAD + b"\r\n"), "bytes of the body had come"),
}
LONG = {
    "interim answers": (always(b"HTTP/1.1 100 Continue\r\n\r\n"), f"header lines go on after {MOST_HEAD} bytes"),
    "line": (always(b"x" * 999, first=HEAD + b"X-Long: "), f"a header line goes on after {MOST_LINE} bytes"),
    "whole line": (once(HEAD, b"X: ", b"y" * MOST_LINE, b"\r\n\r\n"), f"a header line goes on after {MOST_LINE} bytes"),
    "lines": (once(HEAD, (b"X: " + b"y" * 900 + b"\r\n") * 90, b"\r\n"), f"header lines go on after {MOST_HEAD} bytes"),
    "number of lines": (once(HEAD, b"X: y\r\n" * 200, b"\r\n"), "more than 100 headers"),
    "body": (always(b"x" * 65536, first=HEAD + b"\r\n"), f"body goes on after {bounds.MOST_BODY} bytes"),
    "chunks": (always(b"8000\r\n" + b"x" * 32768 + b"\r\n", first=CHUNKED), f"goes on after {bounds.MOST_BODY} bytes"),
    "trailers": (always(b"X: y\r\n" * 999, first=CHUNKED + b"0\r\n"), f"goes on after {bounds.MOST_BODY} bytes"),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_call_ends_when_its_time_is_over(name: str) -> None:
    script, text = SLOW[name]
    made = answered(script)
    assert made.response is None
    assert made.failure is not None
    assert made.failure.startswith(f"no whole answer within {SECONDS:g} s: ")
    assert text in made.failure
    assert made.seconds >= SECONDS


def test_bytes_that_never_cease_to_come_end_with_the_time_too() -> None:
    reception = bounds.Reception(0, bounds.Excess())
    with pytest.raises(TimeoutError):
        reception.take(memoryview(b"HTTP/1.1 100 Continue\r\n"))


@pytest.mark.parametrize("name", LONG)
def test_an_answer_that_is_too_long_is_no_answer_and_its_beginning_is_kept(name: str) -> None:
    script, text = LONG[name]
    made = answered(script, 30)
    assert made.response is None
    assert made.failure is not None
    assert made.failure.startswith("the answer is too long: ")
    assert text in made.failure
    assert made.beginning.startswith(b"HTTP/1.1 ")
    assert len(made.beginning) <= bounds.MOST_KEPT


def test_what_stays_within_the_bounds_is_read() -> None:
    longest = HEAD + b"X: " + b"y" * (MOST_LINE - 20) + b"\r\n" + b"Content-Length: %d\r\n\r\n" % bounds.MOST_BODY
    made = answered(once(longest, b"x" * bounds.MOST_BODY), 30)
    assert made.response is not None, made.failure
    assert len(made.response.body) == bounds.MOST_BODY
    assert made.response.findings == ()


def test_what_a_run_keeps_of_long_answers_is_bounded() -> None:
    whole = once(HEAD, b"Content-Length: %d\r\n\r\n" % bounds.MOST_BODY, b"x" * bounds.MOST_BODY)
    with server(whole) as url:
        wire = wire_to(url, 30)
        made = [call(wire) for _ in range(10)]
    kept = [each for each in made if each.response]
    assert sum(len(each.response.body) for each in kept if each.response) < bounds.MOST_IN_ALL + 10 * bounds.SMALL
    assert made[-1].failure is not None
    assert f"come to more than {bounds.MOST_IN_ALL} in this run" in made[-1].failure


def test_an_answer_that_breaks_off_says_where() -> None:
    def breaks_off(connection: socket.socket) -> None:
        connection.sendall(CHUNKED + b"5\r\nhello\r\nzz\r\n")
        connection.shutdown(socket.SHUT_WR)

    for script in (breaks_off, always(b"x" * 65536, first=CHUNKED + b"1;")):
        made = answered(script, 30)
        assert made.failure is not None
        assert made.failure.startswith("the answer broke off, or can't be read, after ")


def test_a_connection_that_nobody_accepts_ends_in_time() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        with socket.create_connection(address), suppress(OSError):
            waiting = [socket.socket() for _ in range(3)]
            for each in waiting:
                each.settimeout(0)
                with suppress(BlockingIOError):
                    each.connect(address)
            made = call(wire_to(f"http://127.0.0.1:{address[1]}"))
            for each in waiting:
                each.close()
    assert made.failure == f"no whole answer within {SECONDS:g} s: no connection was made"


def test_a_tls_handshake_that_nobody_answers_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = call(wire_to(f"https://127.0.0.1:{listener.getsockname()[1]}"))
    assert made.failure == f"no whole answer within {SECONDS:g} s: the TLS handshake was not finished"


def test_many_addresses_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, float]] = []

    def connect(address: tuple[str, int], timeout: float, *_: object, **__: object) -> socket.socket:
        asked.append((address[0], timeout))
        time.sleep(timeout)
        raise TimeoutError

    numbered = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{last}", 80)) for last in range(1, 9)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: numbered)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    made = call(wire_to("http://many.example"))
    assert made.failure == f"no whole answer within {SECONDS:g} s: no connection was made"
    assert [address for address, _ in asked] == [each[4][0] for each in numbered]
    assert made.seconds < 2 * SECONDS + 1


def test_a_name_that_nobody_looks_up_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2) or [])
    made = call(wire_to("http://slow.example"))
    assert made.failure == f"no whole answer within {SECONDS:g} s: no connection was made"


def test_the_beginning_of_an_answer_is_in_the_report() -> None:
    made = answered(SLOW["slow body"][0])
    transcript = Transcript("s", (made,))
    assert read_transcripts(transcript_lines(transcript)) == (transcript,)
    assert any("Content-Length: 1000" in line for line in exchange_lines(made))
    old = [{key: value for key, value in line.items() if key != "beginning"} for line in transcript_lines(transcript)]
    assert read_transcripts(old) == (replace(transcript, exchanges=(replace(made, beginning=b""),)),)


def test_a_call_that_keeps_the_user_waiting_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fixtures.transport.waiting.UNNOTICED", SECONDS / 4)
    lines: list[str] = []
    with server(SLOW["silence"][0]) as url:
        with waiting_said(lines.append):
            call(wire_to(url))
        assert lines == [f"waiting for an answer of {url}/ (up to {SECONDS:g} s)"]
        call(wire_to(url))
    with server(once(HEAD, b"Content-Length: 2\r\n\r\n{}")) as url, waiting_said(lines.append):
        call(wire_to(url, 60))
    assert len(lines) == 1


@pytest.mark.long
def test_a_silent_endpoint_is_told_of_and_ends_the_run(tmp_path: Path) -> None:
    profile = tmp_path / "silent.toml"
    profile.write_text("about = 'it says nothing'\ntimeout = 4\n[accounts]\nstrategy = 'key'\n", encoding="utf-8")
    with server(lambda _: time.sleep(60)) as url:
        finished = suite(tmp_path, f"--target={profile}", f"--endpoint-url={url}")
    assert finished.code == 6, finished.output
    assert f"waiting for an answer of {url}/ (up to 4 s)" in finished.output
    assert f"ERROR: {url} does not answer: no whole answer within 4 s: not one byte of it had come; " in finished.output
