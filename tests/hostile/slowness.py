"""Servers that take their time, or all the time there is."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.hostile.server import head, with_headers
from tests.hostile.table import (
    ALL,
    AWAY,
    CANCEL,
    DEAD,
    DESCRIBE,
    HALF,
    IDENTITY,
    INVITE,
    LEGAL,
    LISTS,
    PROBED_CANCEL,
    behaviour,
    connections,
)

if TYPE_CHECKING:
    from tests.hostile.server import Call, Server

STEP = 0.1  # seconds from one byte to the next, well below any timeout of a single read


def drip(call: Call, piece: bytes) -> None:
    while True:
        call.send(piece)
        call.wait(STEP)


@behaviour(HALF, CANCEL)
def slow_headers(call: Call) -> None:
    """Sends the headers of a cancellation's answer a byte at a time, forever."""
    call.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(call, b"a")


@behaviour(AWAY, ALL)
def slow_headers_everywhere(call: Call) -> None:
    """Sends the headers of every answer a byte at a time, forever."""
    slow_headers(call)


@behaviour(HALF, CANCEL)
def slow_body(call: Call) -> None:
    """Sends the body of a cancellation's answer a byte at a time."""
    call.send(head(with_headers(call.healthy(), ("Content-Length", "100000"), without=("content-length",))))
    drip(call, b" ")


@behaviour(AWAY, ALL)
def slow_body_everywhere(call: Call) -> None:
    """Sends the body of every answer a byte at a time."""
    slow_body(call)


@behaviour(HALF, CANCEL)
def drip_chunked(call: Call) -> None:
    """Sends the body of a cancellation's answer in chunks of one byte, without an end."""
    call.send(
        head(with_headers(call.healthy(), ("Transfer-Encoding", "chunked"), without=("content-length",))),
    )
    drip(call, b"1\r\n \r\n")


@behaviour(HALF, CANCEL)
def continue_flood(call: Call) -> None:
    """Answers a cancellation with 100 Continue, without an end."""
    while True:
        call.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


@behaviour(AWAY, ALL)
def continue_flood_everywhere(call: Call) -> None:
    """Answers everything with 100 Continue, without an end."""
    continue_flood(call)


@behaviour(HALF, CANCEL)
def early_hints_drip(call: Call) -> None:
    """Answers a cancellation with 103 Early Hints now and then, without an end."""
    drip(call, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")


@behaviour(HALF, CANCEL)
def silent_cancel(call: Call) -> None:
    """Never answers a cancellation."""
    call.silence()


@behaviour(AWAY | HALF, PROBED_CANCEL)
def silent_cancel_from_the_probe_on(call: Call) -> None:
    """Never answers a cancellation, not even the preflight's."""
    call.silence()


@behaviour(HALF, CANCEL)
def stores_and_never_answers_cancel(call: Call) -> None:
    """Carries out every cancellation, and never answers it."""
    call.healthy()
    call.silence()


@behaviour(HALF, DESCRIBE)
def silent_describe(call: Call) -> None:
    """Never answers DescribeHandshake."""
    call.silence()


@behaviour(HALF, LISTS)
def silent_lists(call: Call) -> None:
    """Never answers a list."""
    call.silence()


@behaviour(HALF | DEAD, INVITE)
def silent_invite(call: Call) -> None:
    """Never answers an invitation."""
    call.silence()


@behaviour(AWAY | HALF, IDENTITY)
def silent_identity(call: Call) -> None:
    """Never answers GetCallerIdentity."""
    call.silence()


@behaviour(AWAY, ALL, quick=True)
def silent_everything(call: Call) -> None:
    """Never answers anything."""
    call.silence()


@behaviour(DEAD, ALL)
def silent_after_thirty_calls(call: Call) -> None:
    """Answers thirty calls and then never again."""
    if call.number > 30:
        call.silence()
    call.answer()


@behaviour(HALF, CANCEL)
def half_a_head(call: Call) -> None:
    """Begins the head of a cancellation's answer, and then says nothing."""
    call.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
    call.silence()


@behaviour(HALF, CANCEL)
def half_a_body(call: Call) -> None:
    """Sends half of a cancellation's answer, and then says nothing."""
    whole = call.healthy()
    call.send(head(whole) + whole.body[: len(whole.body) // 2])
    call.silence()


@connections(AWAY)
def accepts_and_never_reads(server: Server, connection: socket.socket) -> None:
    """Accepts connections and reads nothing from them."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    server.ended.wait()


@connections(AWAY)
def talks_before_it_is_asked(server: Server, connection: socket.socket) -> None:
    """Sends half a head on every connection before it is asked, and then nothing."""
    connection.sendall(b"HTTP/1.1 2")
    server.ended.wait()


@connections(AWAY)
def speaks_ssh(server: Server, connection: socket.socket) -> None:
    """Greets every connection as an SSH server does, and waits."""
    with suppress(OSError):
        connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
    server.ended.wait()


@behaviour(LEGAL, ALL)
def late_and_right(call: Call) -> None:
    """Takes a tenth of a second for every answer, which is right."""
    call.wait(STEP)
    call.answer()


@behaviour(HALF, CANCEL)
def later_each_time(call: Call) -> None:
    """Takes longer for each cancellation than for the one before."""
    call.wait(call.turn * 0.2)
    call.answer()
