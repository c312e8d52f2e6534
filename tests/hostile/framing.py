"""Servers whose messages aren't HTTP, or not quite."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from contracts.judging.exchange import Response
from tests.hostile.server import head, with_headers
from tests.hostile.table import (
    ALL,
    AWAY,
    CANCEL,
    HALF,
    LEGAL,
    NEVER,
    NOT_IDENTITY,
    PROBED_CANCEL,
    behaviour,
    connections,
)

if TYPE_CHECKING:
    from tests.hostile.server import Call, Server

ELSEWHERE = "http://192.0.2.1/latest/meta-data/"
"""An address that is nobody's. Source: https://www.rfc-editor.org/rfc/rfc5737"""


def end(call: Call) -> None:
    """Say that nothing more follows on the connection."""
    with suppress(OSError):
        call.connection.shutdown(socket.SHUT_WR)


@behaviour(HALF, CANCEL)
def two_lengths(call: Call) -> None:
    """States two different lengths in a cancellation's answer."""
    call.answer(with_headers(call.healthy(), ("Content-Length", "7")))


@behaviour(AWAY | HALF, PROBED_CANCEL)
def two_lengths_from_the_probe_on(call: Call) -> None:
    """States two different lengths in every answer to a cancellation, the preflight's too."""
    two_lengths(call)


@behaviour(HALF, CANCEL)
def length_and_chunks(call: Call) -> None:
    """States a length for a cancellation's answer and sends it in chunks."""
    whole = call.healthy()
    call.send(head(with_headers(whole, ("Transfer-Encoding", "chunked"))))
    call.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(whole.body), whole.body))


@behaviour(HALF, CANCEL)
def length_too_small(call: Call) -> None:
    """States a length ten bytes too small in a cancellation's answer."""
    whole = call.healthy()
    length = ("Content-Length", str(len(whole.body) - 10))
    call.answer(with_headers(whole, length, without=("content-length",)))


@behaviour(HALF, CANCEL)
def length_too_large(call: Call) -> None:
    """States a length ten bytes too large in a cancellation's answer, and closes."""
    whole = call.healthy()
    length = ("Content-Length", str(len(whole.body) + 10))
    call.answer(with_headers(whole, length, without=("content-length",)))
    end(call)


@behaviour(HALF, CANCEL)
def length_negative(call: Call) -> None:
    """States a negative length in a cancellation's answer, and closes."""
    call.answer(with_headers(call.healthy(), ("Content-Length", "-5"), without=("content-length",)))
    end(call)


@behaviour(HALF, CANCEL)
def length_of_5000_digits(call: Call) -> None:
    """States a length of 5,000 digits in a cancellation's answer, and closes."""
    call.answer(with_headers(call.healthy(), ("Content-Length", "9" * 5000), without=("content-length",)))
    end(call)


@behaviour(HALF, CANCEL)
def length_in_words(call: Call) -> None:
    """States the length of a cancellation's answer in Arabic digits, and closes."""
    call.answer(with_headers(call.healthy(), ("Content-Length", "١٢"), without=("content-length",)))
    end(call)


@behaviour(HALF, CANCEL)
def bytes_after_the_body(call: Call) -> None:
    """Sends bytes after the end of a cancellation's answer."""
    call.answer()
    call.send(b"and more")


@behaviour(HALF, CANCEL)
def answers_twice(call: Call) -> None:
    """Sends a cancellation's answer twice, so that the second copy lies before the next answer."""
    call.answer()
    call.answer()


@behaviour(HALF, CANCEL)
def bad_chunk_size(call: Call) -> None:
    """Sends a chunk of a size that is no number in a cancellation's answer."""
    _chunk(call, b"zz")


@behaviour(HALF, CANCEL)
def negative_chunk_size(call: Call) -> None:
    """Sends a chunk of a negative size in a cancellation's answer."""
    _chunk(call, b"-1")


@behaviour(HALF, CANCEL)
def chunk_size_of_a_terabyte(call: Call) -> None:
    """States a chunk of a terabyte in a cancellation's answer."""
    _chunk(call, b"10000000000")


def _chunk(call: Call, size: bytes) -> None:
    whole = call.healthy()
    call.send(head(with_headers(whole, ("Transfer-Encoding", "chunked"), without=("content-length",))))
    call.send(size + b"\r\n" + whole.body + b"\r\n0\r\n\r\n")
    end(call)


@behaviour(HALF, CANCEL)
def unknown_transfer_encoding(call: Call) -> None:
    """Names a transfer encoding that there isn't in a cancellation's answer."""
    call.answer(with_headers(call.healthy(), ("Transfer-Encoding", "magic")))


@behaviour(HALF | LEGAL, CANCEL)
def no_length(call: Call) -> None:
    """Ends a cancellation's answer by closing the connection, which is legal HTTP."""
    call.answer(with_headers(call.healthy(), ("Connection", "close"), without=("content-length",)))
    end(call)


def _with_line(call: Call, line: bytes) -> None:
    whole = call.healthy()
    call.send(head(whole)[:-2] + line + b"\r\n\r\n" + whole.body)


@behaviour(HALF, CANCEL)
def header_without_colon(call: Call) -> None:
    """Puts a line without a colon among the headers of a cancellation's answer."""
    whole = call.healthy()
    lines = head(whole).split(b"\r\n")
    call.send(b"\r\n".join([lines[0], b"this is no header", *lines[1:]]) + whole.body)


@behaviour(HALF, CANCEL)
def nul_in_header(call: Call) -> None:
    """Puts a NUL into a header of a cancellation's answer."""
    _with_line(call, b"X-Nul: a\0b")


@behaviour(HALF, CANCEL)
def folded_header(call: Call) -> None:
    """Folds a header of a cancellation's answer over two lines."""
    _with_line(call, b"X-Folded: a\r\n b")


@behaviour(HALF, CANCEL)
def blank_before_colon(call: Call) -> None:
    """Puts a blank before the colon of a header of a cancellation's answer."""
    _with_line(call, b"X-Blank : a")


@behaviour(HALF, CANCEL)
def bare_carriage_returns_in_header(call: Call) -> None:
    """Puts bare carriage returns into a header of a cancellation's answer."""
    _with_line(call, b"X-Return: a\rX-Other: b\r::error::c")


@behaviour(HALF | LEGAL, CANCEL)
def bare_line_feeds(call: Call) -> None:
    """Ends the header lines of a cancellation's answer with bare line feeds, which RFC 9112 lets a client accept."""
    whole = call.healthy()
    call.send(head(whole).replace(b"\r\n", b"\n") + whole.body)


@behaviour(AWAY, ALL, quick=True)
def http_0_9(call: Call) -> None:
    """Answers everything as HTTP/0.9 does, with a body and nothing else."""
    call.send(call.healthy().body)
    end(call)


@connections(AWAY)
def http_2(server: Server, connection: socket.socket) -> None:
    """Greets every connection with the settings frame of HTTP/2."""
    with suppress(OSError):
        connection.sendall(b"\0\0\0\4\0\0\0\0\0" + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
    server.ended.wait(0.2)


def _status(call: Call, line: bytes) -> None:
    whole = call.healthy()
    call.send(line + b"\r\n" + head(whole).partition(b"\r\n")[2] + whole.body)


@behaviour(HALF, CANCEL)
def status_000(call: Call) -> None:
    """Answers a cancellation with status 000."""
    _status(call, b"HTTP/1.1 000 Nothing")


@behaviour(HALF, CANCEL)
def status_999(call: Call) -> None:
    """Answers a cancellation with status 999."""
    _status(call, b"HTTP/1.1 999 Everything")


@behaviour(HALF, CANCEL)
def status_in_words(call: Call) -> None:
    """Answers a cancellation with a status that is a word."""
    _status(call, b"HTTP/1.1 fine OK")


@behaviour(HALF, CANCEL)
def status_of_5000_digits(call: Call) -> None:
    """Answers a cancellation with a status of 5,000 digits."""
    _status(call, b"HTTP/1.1 " + b"2" * 5000 + b" OK")


@behaviour(HALF, CANCEL)
def reason_with_escape_sequences(call: Call) -> None:
    """Puts escape sequences into the status line of a cancellation's answer."""
    _status(call, b"HTTP/1.1 418 \x1b[2J\x1b]0;owned\x07\x9b31m")


@behaviour(HALF, CANCEL)
def no_content_with_a_body(call: Call) -> None:
    """Answers a cancellation with status 204 and a body."""
    _status(call, b"HTTP/1.1 204 No Content")


@behaviour(HALF, CANCEL)
def not_modified(call: Call) -> None:
    """Answers a cancellation with status 304 and a body."""
    _status(call, b"HTTP/1.1 304 Not Modified")


@behaviour(HALF, CANCEL)
def switching_protocols(call: Call) -> None:
    """Answers a cancellation with 101 and an upgrade that nobody asked for."""
    call.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    call.answer()


@behaviour(NEVER, ALL)
def switching_protocols_everywhere(call: Call) -> None:
    """Answers everything with 101 and an upgrade that nobody asked for."""
    call.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
    end(call)


def _redirect(call: Call, status: int, place: str) -> None:
    call.answer(Response(status, (("Location", place), ("Content-Length", "0")), b""))


@behaviour(HALF, CANCEL, quick=True)
def redirect_to_another_host(call: Call) -> None:
    """Redirects cancellations to an address outside of this machine."""
    _redirect(call, 307, ELSEWHERE)


@behaviour(NEVER, ALL, quick=True)
def redirect_everything_to_another_host(call: Call) -> None:
    """Redirects everything to an address outside of this machine."""
    _redirect(call, 301, ELSEWHERE)


@behaviour(NEVER, ALL)
def redirect_loop(call: Call) -> None:
    """Redirects everything to itself."""
    _redirect(call, 308, call.server.url)


@behaviour(NEVER, NOT_IDENTITY)
def redirect_to_a_region(call: Call) -> None:
    """Redirects everything as S3 does: with the region and another endpoint in the error and in headers."""
    body = json.dumps({"__type": "PermanentRedirect", "Endpoint": "192.0.2.1", "Region": "eu-west-9"}).encode()
    further = (("Location", ELSEWHERE), ("x-amz-bucket-region", "eu-west-9"), ("Content-Length", str(len(body))))
    call.answer(Response(301, further, body))


@connections(AWAY, quick=True)
def tls_garbage(server: Server, connection: socket.socket) -> None:
    """Answers everything with a TLS alert and garbage."""
    with suppress(OSError):
        connection.recv(65536)
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46" + bytes(range(256)) * 4)
        connection.shutdown(socket.SHUT_WR)
    server.ended.wait(0.2)


@connections(AWAY)
def closes_every_connection(_: Server, connection: socket.socket) -> None:
    """Closes every connection as soon as it was made."""
    connection.close()


@connections(AWAY, quick=True)
def resets_every_connection(_: Server, connection: socket.socket) -> None:
    """Resets every connection as soon as something was sent."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


@connections(AWAY)
def random_bytes(server: Server, connection: socket.socket) -> None:
    """Answers everything with the same bytes of every value, and closes."""
    with suppress(OSError):
        connection.recv(65536)
        connection.sendall(bytes(number * 73 % 256 for number in range(100_000)))
        connection.shutdown(socket.SHUT_WR)
    server.ended.wait(0.2)
