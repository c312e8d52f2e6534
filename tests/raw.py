"""Servers that say byte for byte what they send, and calls to them."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.client import parse_headers
from typing import TYPE_CHECKING

from fixtures.target.accounts import Strategy, by_key
from fixtures.target.model import Target
from fixtures.transport.client import Call, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from contracts.judging.exchange import Exchange

SECONDS = 0.4
LONGEST = 10.0  # that a call may take on a busy machine before it counts as one without an end


@contextmanager
def server(script: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads each request, and then does as the script says with the connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as requests, suppress(OSError):
            while requests.readline():
                requests.read(int(parse_headers(requests)["Content-Length"] or 0))
                script(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def call(wire: Wire) -> Exchange:
    started = time.monotonic()
    caller = by_key("111111111111")
    made = wire.send(caller, Call("DescribeOrganization", {}), scenario="s", step="t", actor="sender")
    assert time.monotonic() - started < LONGEST
    return made


def wire_to(url: str, seconds: float = SECONDS, bundle: Path | None = None) -> Wire:
    trusted = None if bundle is None else str(bundle)
    return Wire(Target("mine", url, "us-east-1", Strategy.KEY, timeout=seconds, ca_bundle=trusted))


def answered(script: Callable[[socket.socket], None], seconds: float = SECONDS) -> Exchange:
    with server(script) as url:
        return call(wire_to(url, seconds))


def always(block: bytes, pause: float = 0.0, first: bytes = b"") -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(block)
            time.sleep(pause)

    return send


def once(*blocks: bytes) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        connection.sendall(b"".join(blocks))

    return send
