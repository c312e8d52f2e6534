"""Real endpoints for the tests: moto and ministack as their users start them, and little servers that are all wrong."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

STARTING_SECONDS = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def process(command: list[str], port: int, **environment: str) -> Iterator[str]:
    """Runs a server's own command until the block ends; gives its URL once it accepts connections."""
    tool = Path(sys.executable).with_name(command[0])
    found = str(tool) if tool.exists() else shutil.which(command[0])
    assert found, f"{command[0]} is not installed; `make test` installs it"
    server = subprocess.Popen(
        [found, *command[1:]],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended before it accepted a connection"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


@contextmanager
def moto() -> Iterator[str]:
    port = free_port()
    with process(["moto_server", "-H", "127.0.0.1", "-p", str(port)], port) as url:
        yield url


@contextmanager
def ministack() -> Iterator[str]:
    port = free_port()
    with process(["ministack"], port, BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port)) as url:
        yield url


@contextmanager
def always(status: int, content_type: str, body: bytes, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that gives everybody the same answer, under TLS if a context is given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:  # the name is http.server's
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Dropped(Exception):
    """A proxy ends the connection, and passes nothing on."""


@contextmanager
def proxy(url: str, check: Callable[[int, str, int], None]) -> Iterator[str]:
    """A server in front of another one, which asks of each call and of each answer whether it may pass.

    ``check`` gets the number of the call on its connection, from 1, the operation, and the status of the answer, 0 if
    there is none yet; it may raise :class:`Dropped`.
    """
    origin = urlsplit(url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1
        calls = 0

        def do_POST(self) -> None:  # the name is http.server's
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.calls += 1
            try:
                self.pass_on(body, self.headers.get("X-Amz-Target", "").rpartition(".")[2])
            except Dropped:
                self.close_connection = True

        def pass_on(self, body: bytes, operation: str) -> None:
            check(self.calls, operation, 0)
            with closing(HTTPConnection(origin)) as connection:
                connection.request("POST", self.path, body, dict(self.headers.items()))
                answer = connection.getresponse()
                content = answer.read()
            check(self.calls, operation, answer.status)
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
