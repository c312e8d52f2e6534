"""A server on loopback that can answer as the reference does, and can do anything else with each connection."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import responses
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from contracts.judging.absence import PREFLIGHT
from contracts.judging.exchange import Request, Response, header
from fixtures.reference import Key, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STS = "GetCallerIdentity"
ACCOUNTS = {
    "sender": "111122223333",
    "recipient": "222233334444",
    "member": "333344445555",
    "stranger": "444455556666",
}


@dataclass(frozen=True)
class Keys:
    """The keys of one caller, none of which may be found in anything that the suite writes."""

    access_key: str
    secret_key: str


KEYS = {
    actor: Keys(f"AKIA{letter * 8}QZ7XV2NM", f"{letter}w9/Kq+T3xRbVn{letter}Yp5Lc8Jd2Gh7Fs4Za6Mt{letter}u")
    for actor, letter in zip(ACCOUNTS, "EFGH", strict=True)
}


class Ended(Exception):
    """The server stops, or the connection is to be closed."""


class Acts(Protocol):
    """What a server does with one call."""

    def __call__(self, call: Call, /) -> None: ...


@dataclass(eq=False)
class Server:
    """One hostile server: the reference behind it, what it does, and what it remembers."""

    reference: Reference
    acts: Acts
    takes: Callable[[Server, socket.socket], None] | None = None
    calls: int = 0
    calls_of: Counter[str] = field(default_factory=Counter)
    memory: dict[str, Any] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    open: set[socket.socket] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def die(self) -> None:
        """End every connection and listen no more."""
        self.ended.set()
        for each in (self.listener, *self.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self, connection: socket.socket) -> None:
        # The connection stays open for as long as the file that reads from it.
        with suppress(Ended, OSError), connection, connection.makefile("rb") as incoming:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.takes is not None:
                self.takes(self, connection)
                return
            while (request := _read_request(incoming, self.url)) is not None:
                operation = (header(request.headers, "x-amz-target") or "").rpartition(".")[2] or STS
                with self.lock:
                    self.calls += 1
                    self.calls_of[operation] += 1
                    call = Call(self, connection, request, operation, self.calls, self.calls_of[operation])
                self.acts(call)
        self.open.discard(connection)


@dataclass(frozen=True, eq=False)
class Call:
    """One call to a hostile server. ``number`` counts all of them, ``turn`` those of the operation, from 1."""

    server: Server
    connection: socket.socket
    request: Request
    operation: str
    number: int
    turn: int

    @property
    def is_probe(self) -> bool:
        """Whether the preflight makes the call."""
        return f" {PREFLIGHT}/" in (header(self.request.headers, "user-agent") or "")

    def healthy(self) -> Response:
        """Return what the reference answers."""
        with self.server.lock:
            found: Response = self.server.memory.get(("healthy", self.number)) or self.server.reference.answer(
                self.request
            )
            self.server.memory["healthy", self.number] = found
        return found

    def document(self) -> dict[str, Any]:
        """Return the JSON object of the reference's answer, an empty one for STS's XML."""
        return {} if self.operation == STS else dict(json.loads(self.healthy().body))

    def send(self, data: bytes) -> None:
        """Send these bytes. Raises :class:`Ended` once the server stops."""
        if self.server.ended.is_set():
            raise Ended
        self.connection.sendall(data)

    def wait(self, seconds: float) -> None:
        """Wait so long. Raises :class:`Ended` once the server stops."""
        if self.server.ended.wait(seconds):
            raise Ended

    def silence(self) -> None:
        """Say nothing until the caller hangs up or the server stops."""
        self.connection.settimeout(0.2)
        while not self.server.ended.is_set():
            try:
                if not self.connection.recv(65536):
                    raise Ended
            except TimeoutError:
                continue
        raise Ended

    def answer(self, response: Response | None = None) -> None:
        """Send an answer, by default the reference's, as it stands."""
        given = response or self.healthy()
        self.send(head(given) + given.body)

    def answer_body(self, body: bytes, status: int | None = None) -> None:
        """Send the reference's answer with this body, and its right length."""
        self.answer(with_body(self.healthy(), body, status))

    def answer_json(self, document: Any, status: int | None = None) -> None:
        """Send the reference's answer with this document in place of its own."""
        self.answer_body(json.dumps(document).encode("utf-8", "surrogatepass"), status)

    def change(self, members: dict[str, Any]) -> None:
        """Send the reference's answer with these members in every handshake that it shows."""
        document = self.document()
        for each in (document.get("Handshake"), *document.get("Handshakes", [])):
            if isinstance(each, dict):
                each.update(members)
        self.answer_json(document)


def head(response: Response) -> bytes:
    """Return the status line and the headers of a response."""
    lines = [f"HTTP/1.1 {response.status} {responses.get(response.status, 'Odd')}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def with_body(response: Response, body: bytes, status: int | None = None) -> Response:
    """Return the response with another body, and the length of that."""
    headers = [(name, value) for name, value in response.headers if name.lower() != "content-length"]
    return Response(status or response.status, (*headers, ("Content-Length", str(len(body)))), body)


def with_headers(response: Response, *further: tuple[str, str], without: tuple[str, ...] = ()) -> Response:
    """Return the response with further headers, and without those of some names."""
    kept = [(name, value) for name, value in response.headers if name.lower() not in without]
    return Response(response.status, (*kept, *further), response.body)


def _read_request(incoming: BinaryIO, url: str) -> Request | None:
    line = incoming.readline().split()
    if len(line) != 3:
        return None
    headers = []
    while (row := incoming.readline()) not in {b"\r\n", b""}:
        name, _, value = row.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    body = incoming.read(int(header(tuple(headers), "content-length") or 0))
    return Request(line[0].decode("latin-1"), url + line[1].decode("latin-1"), tuple(headers), body)


@contextmanager
def hostile(acts: Acts, takes: Callable[[Server, socket.socket], None] | None = None) -> Iterator[Server]:
    """Run a server that does this with each call, or with each connection, in front of a reference."""
    with Reference.start(seed=1) as reference:
        for actor, account in ACCOUNTS.items():
            reference.keys[KEYS[actor].access_key] = Key(account, KEYS[actor].secret_key)
        server = Server(reference, acts, takes)
        thread = threading.Thread(target=server.accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.die()
            thread.join()
