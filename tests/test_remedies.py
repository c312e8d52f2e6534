"""Whatever keeps a target from being talked to has a line of its own, with the remedy for just that."""

from __future__ import annotations

import os
import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from fixtures import connection_errors
from fixtures.transport.diagnosis import diagnose
from tests.endpoints import free_port
from tests.raw import call, wire_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fixtures.connection_errors import Unreachable

SECONDS = 0.5
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
AUTHORITY = trustme.CA()
OTHER = trustme.CA()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the authority that is trusted."""
    path = tmp_path_factory.mktemp("bundle") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(os.fspath(path))
    return path


def context(authority: trustme.CA = AUTHORITY, name: str = "127.0.0.1", **validity: Any) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **validity).configure_cert(made)
    return made


def old() -> ssl.SSLContext:
    made = context()
    made.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.deprecated_call():
        made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made


def other_cipher() -> ssl.SSLContext:
    made = context()
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("NULL-SHA256:@SECLEVEL=0")
    return made


def for_known_callers(version: ssl.TLSVersion) -> ssl.SSLContext:
    made = context()
    made.minimum_version = made.maximum_version = version
    made.verify_mode = ssl.CERT_REQUIRED
    AUTHORITY.configure_trust(made)
    return made


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that treats each connection in this way; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def treat(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=treat, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def speaking(tls: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as wrapped:
            while not wrapped.recv(65536).endswith(b"{}"):  # the body of the call
                pass
            wrapped.sendall(ANSWER)

    return serve


def greeting(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
    time.sleep(0.2)


def plain(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def hangs_up(connection: socket.socket) -> None:
    connection.recv(65536)


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


EXPIRED = {"not_before": NOW - 9 * DAY, "not_after": NOW - DAY}
TROUBLES: dict[str, tuple[str, Callable[[socket.socket], None], type[Unreachable], str]] = {
    "another name": ("https", speaking(context(name="elsewhere.example")), connection_errors.WrongName, "a name that"),
    "expired": ("https", speaking(context(**EXPIRED)), connection_errors.NotValidNow, "expired.*renewed"),
    "not valid yet": (
        "https",
        speaking(context(not_before=NOW + 9 * DAY, not_after=NOW + 99 * DAY)),
        connection_errors.NotValidNow,
        "not yet valid.*clocks",
    ),
    "unknown issuer": ("https", speaking(context(OTHER)), connection_errors.NotTrusted, "--ca-bundle"),
    "old TLS": ("https", speaking(old()), connection_errors.NoSharedTls, "TLS 1.2 or later"),
    "another cipher": ("https", speaking(other_cipher()), connection_errors.NoSharedTls, "a current cipher"),
    "client certificate": (
        "https",
        speaking(for_known_callers(ssl.TLSVersion.TLSv1_3)),
        connection_errors.ClientCertificateMissing,
        "asks for a client certificate",
    ),
    "client certificate, TLS 1.2": (
        "https",
        speaking(for_known_callers(ssl.TLSVersion.TLSv1_2)),
        connection_errors.NoSharedTls,
        "client certificate",
    ),
    "no TLS": ("https", plain, connection_errors.WrongScheme, "give it as http://"),
    "TLS": ("http", speaking(context()), connection_errors.WrongScheme, "give it as https://"),
    "SSH": ("http", greeting, connection_errors.NotHttp, "SSH-2.0.*is the port right"),
    "SSH and TLS": ("https", greeting, connection_errors.NotHttp, "SSH-2.0.*is the port right"),
    "closed": ("http", hangs_up, connection_errors.NoAnswer, "closes them.*something else"),
    "closed and TLS": ("https", hangs_up, connection_errors.NoAnswer, "closes them.*something else"),
    "silence": ("http", silent, connection_errors.Silent, "within 0.5 s.*not one byte.*`timeout` in a profile"),
    "silence and TLS": ("https", silent, connection_errors.Silent, "within 0.5 s.*TLS handshake was not finished"),
}


def trouble(url: str, bundle: Path, seconds: float = 10) -> Unreachable:
    made = call(wire_to(url, seconds, bundle))
    assert made.failure is not None
    return diagnose(url, made.failure)


@pytest.mark.parametrize("name", TROUBLES)
def test_the_remedy_fits_the_trouble(name: str, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scheme, serve, kind, line = TROUBLES[name]
    seconds = 10.0
    if serve is silent:
        seconds = SECONDS
        monkeypatch.setattr("fixtures.transport.diagnosis._SECONDS", SECONDS)
    with listening(serve) as port:
        found = trouble(f"{scheme}://127.0.0.1:{port}", bundle, seconds)
    assert type(found) is kind, found
    assert "\n" not in str(found)
    assert re.search(line, str(found)), found


def test_a_port_at_which_nobody_listens(bundle: Path) -> None:
    for scheme in ("http", "https"):
        found = trouble(f"{scheme}://127.0.0.1:{free_port()}", bundle)
        assert type(found) is connection_errors.NoAnswer
        assert found.remedy == "is it running, and is the port right?"


def test_a_name_that_nobody_has(bundle: Path) -> None:
    assert type(trouble("https://nobody.invalid", bundle)) is connection_errors.UnknownHost


def test_a_certificate_that_is_trusted_is_no_trouble(bundle: Path) -> None:
    with listening(speaking(context())) as port:
        assert call(wire_to(f"https://127.0.0.1:{port}", 10, bundle)).status == 200
