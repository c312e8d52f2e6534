"""A server may end an idle connection: no call is lost by it, none is made twice, and nobody is blamed."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme

from contracts.clauses import contract
from contracts.judging.judge import judge
from contracts.judging.lines import read_transcripts, transcript_lines
from contracts.model.operation import ENABLE, TRANSFER
from contracts.vocabulary import Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Reference
from fixtures.scenarios.checks import checks
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy, by_key
from fixtures.transport.client import CHANGES, Call, Wire
from proof.matrix import judge_of
from tests.endpoints import Dropped, proxy
from tests.suite import suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from contracts.judging.exchange import Transcript
    from contracts.judging.verdict import Verdict


SELDOM = {ENABLE, TRANSFER}
"""They are called once or twice in a run."""


@contextmanager
def runner_behind(check: Callable[[int, str, int], None]) -> Iterator[tuple[ScenarioRunner, Reference]]:
    with Reference.start() as reference, proxy(reference.url, check) as url:
        target = replace(embedded_target(reference), url=url)
        yield ScenarioRunner(target, Identities(Strategy.KEY, {}, None)), reference


def verdicts(runner: ScenarioRunner, *ids: str) -> list[Verdict]:
    return [
        judge(clause, check.step, judge_of(clause), runner.transcript(check.scenario), case=check.case)
        for clause in contract().clauses
        if not ids or clause.id in ids
        for check in checks(clause)
    ]


def closes_before_each_second_call(number: int, _: str, status: int) -> None:
    if number > 1 and not status:
        raise Dropped


def test_a_call_on_a_connection_that_was_closed_is_made_once_more() -> None:
    with Reference.start() as reference, proxy(reference.url, closes_before_each_second_call) as url:
        wire, sender = Wire(replace(embedded_target(reference), url=url)), by_key("111111111111")

        def describe() -> tuple[bool, bool, int | None]:
            made = wire.send(sender, Call("DescribeOrganization", {}), scenario="s", step="t", actor="sender")
            return made.resent, made.lost, made.status

        assert [describe() for _ in range(3)] == [(False, False, 400), (True, False, 400), (True, False, 400)]
        assert len(reference.log) == 3


@pytest.mark.parametrize("after", [False, True])
def test_the_first_call_on_a_connection_is_made_once_only(*, after: bool) -> None:
    def closes(_: int, __: str, status: int) -> None:
        if bool(status) == after:
            raise Dropped

    with Reference.start() as reference, proxy(reference.url, closes) as url:
        wire = Wire(replace(embedded_target(reference), url=url))
        made = wire.send(
            by_key("111111111111"), Call("DescribeOrganization", {}), scenario="s", step="t", actor="sender"
        )
        assert (made.resent, made.lost, made.response) == (False, False, None)
        assert len(reference.log) == after


@contextmanager
def one_connection_at_a_time(context: ssl.SSLContext) -> Iterator[str]:
    """A TLS server that leaves each connection waiting, handshake and all, until the one before it is closed."""

    def serve() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), raw, context.wrap_socket(raw, server_side=True) as connection:
                connection.settimeout(20)
                received = b""
                while not received.endswith(b"{}") and (chunk := connection.recv(65536)):
                    received += chunk
                if received:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


def test_a_connection_that_can_not_be_opened_ahead_is_opened_by_its_call(tmp_path: Path) -> None:
    authority, bundle = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Reference.start() as reference, one_connection_at_a_time(context) as url:
        target = replace(embedded_target(reference), url=url, ca_bundle=str(bundle))
        first, second = Wire(target), Wire(target)
        first.open()
        second.open()
        made = [
            each.send(by_key("111111111111"), Call("DescribeOrganization", {}), scenario="s", step="t", actor="sender")
            for each in (first, second)
        ]
    assert [(each.status, each.failure) for each in made] == [(200, None), (200, None)]


@pytest.mark.long
def test_a_server_that_closes_before_each_second_call_fails_nothing(tmp_path: Path) -> None:
    with Reference.start() as reference, proxy(reference.url, closes_before_each_second_call) as url:
        finished = suite(tmp_path, f"--endpoint-url={url}", "--settle=0")
        changes = Counter(entry.operation for entry in reference.log if entry.code is None)
    assert finished.code == 0, finished.output
    assert finished.run.resent > 50
    assert "made again as the connection had been closed while idle" in finished.output
    assert changes["InviteAccountToOrganization"] == finished.run.invitations
    assert {each.operation for each in finished.run.exchanges if each.resent} >= CHANGES - SELDOM


class SwallowsFirst:
    """Keeps back the first answer to an operation that succeeds on a used connection, and closes that."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.swallowed = 0

    def __call__(self, number: int, operation: str, status: int) -> None:
        if not self.swallowed and number > 1 and operation == self.operation and status == 200:
            self.swallowed += 1
            raise Dropped


@pytest.mark.parametrize(
    "operation", [pytest.param(each, marks=[pytest.mark.long] * (each in SELDOM)) for each in sorted(CHANGES)]
)
def test_a_change_that_was_done_is_not_made_again_and_blocks_but_fails_nothing(operation: str) -> None:
    swallows = SwallowsFirst(operation)
    with runner_behind(swallows) as (runner, reference):
        found = verdicts(runner)
        lost = [each for name in contract().scenarios for each in runner.transcript(name).exchanges if each.lost]
        own = [
            each for each in reference.store.handshakes() if each.parent is None
        ]  # a child follows its parent, or not
        open_now = [each.id for each in own if each.state in {"OPEN", "REQUESTED"}]
        made = Counter(each.operation for each in reference.log)
    assert swallows.swallowed == 1
    outcomes = Counter(each.outcome for each in found)
    assert not outcomes[Outcome.FAILED], [each for each in found if each.outcome is Outcome.FAILED]
    assert not outcomes[Outcome.ERROR]
    assert open_now == []
    if operation == "CreateOrganization":  # it is in the set-up, and described again
        assert not outcomes[Outcome.BLOCKED]
        return
    (only,) = lost
    assert only.operation == operation
    assert only.failure is not None
    assert "it was carried out all the same" in only.failure
    assert made[operation] > 0


def test_what_is_canceled_though_the_answer_was_lost_is_blocked_with_that_reason() -> None:
    with runner_behind(SwallowsFirst("CancelHandshake")) as (runner, _):
        (judged,) = [each for each in verdicts(runner, "response.state-canceled") if each.outcome is not Outcome.PASSED]
    assert judged.outcome is Outcome.BLOCKED
    assert "had been idle before, and it was carried out all the same" in judged.because


def test_a_server_that_answers_no_cancellation_is_found_out_all_the_same() -> None:
    def swallows_all(_: int, operation: str, status: int) -> None:
        if operation == "CancelHandshake" and status == 200:
            raise Dropped

    with runner_behind(swallows_all) as (runner, _):
        found = {each.outcome for each in verdicts(runner, "transitions.sender-open")}
    assert Outcome.FAILED in found


def test_a_report_says_which_calls_were_made_again_and_which_were_lost() -> None:
    with runner_behind(closes_before_each_second_call) as (runner, _):
        transcript: Transcript = runner.transcript("email")
    assert any(each.resent for each in transcript.exchanges)
    marked = replace(transcript, exchanges=tuple(replace(each, lost=True) for each in transcript.exchanges))
    assert read_transcripts(transcript_lines(marked)) == (marked,)
    old = [
        {key: value for key, value in line.items() if key not in {"resent", "lost"}}
        for line in transcript_lines(transcript)
    ]
    assert not any(each.resent or each.lost for each in read_transcripts(old)[0].exchanges)
