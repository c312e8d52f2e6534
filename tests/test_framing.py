"""What HTTP libraries hide of an answer's bytes is seen, and only that."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import trustme
from botocore.awsrequest import AWSRequest

from contracts.judging import framing
from fixtures.reference import Reference
from fixtures.transport.connections import Connections
from tests.raw import answered, once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\n"
END = b"Content-Length: 2\r\n\r\n{}"
HEADS = {
    "as it should be": (OK + END, ()),
    "no reason": (b"HTTP/1.1 200 \r\n" + END, ()),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n" + END, ()),
    "interim answer": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + END, ()),
    "value with odd bytes": (OK + b"X: \xff:\t=\x01\r\n" + END, ()),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", ()),
    "no blank after the status": (b"HTTP/1.1 200\r\n" + END, (framing.STATUS_LINE,)),
    "two blanks": (b"HTTP/1.1  200 OK\r\n" + END, (framing.STATUS_LINE,)),
    "odd interim answer": (b"HTTP/1.1 100\r\n\r\n" + OK + END, (framing.STATUS_LINE,)),
    "no colon": (OK + b"Content-Length: 2\r\nX\r\n\r\n{}", (framing.NO_COLON,)),
    "blank before the colon": (OK + b"Content-Length: 2\r\nX : y\r\n\r\n{}", (framing.BLANK,)),
    "no name": (OK + b": y\r\n" + END, (framing.NO_NAME,)),
    "blank in the name": (OK + b"Content-Length: 2\r\nX y: z\r\n\r\n{}", (framing.NO_NAME,)),
    "folded": (OK + b"X: y\r\n z\r\n" + END, (framing.FOLDED,)),
    "LF alone": ((OK + END).replace(b"\r", b""), (framing.BARE,)),
    "CR alone": (OK + b"X: y\rz: a\r\n" + END, (framing.BARE,)),
    "NUL": (OK + b"X: \0y\r\n" + END, (framing.NUL,)),
    "two lengths": (OK + b"Content-Length: 2\r\n" + END, (framing.TWO_LENGTHS,)),
    "length in words": (OK + b"Content-Length: +2\r\n\r\n{}", (framing.NO_LENGTH,)),
    "length and chunks": (
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        (framing.BOTH,),
    ),
    "more bytes": (OK + END + b"\n", (framing.MORE,)),
    "more bytes after chunks": (
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n",
        (framing.MORE,),
    ),
    "more bytes, far away": (OK + END + b"x" * 70000, (framing.MORE,)),
    "more bytes after none": (OK + b"Content-Length: 0\r\n\r\n{}", (framing.MORE,)),
}


@pytest.mark.parametrize("name", HEADS)
def test_what_is_wrong_with_the_bytes_is_seen(name: str) -> None:
    block, found = HEADS[name]
    made = answered(once(block), 30)
    assert made.response is not None, made.failure
    assert made.response.findings == found


def test_more_bytes_that_nobody_has_read_are_seen() -> None:
    block = b"x" * io.DEFAULT_BUFFER_SIZE

    def send(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(block))
        time.sleep(0.2)  # so that the body is read by itself, right up to its end
        connection.sendall(block + b"\n")

    made = answered(send, 30)
    assert made.response is not None, made.failure
    assert made.response.findings == (framing.MORE,)


def test_what_is_wrong_with_an_answer_that_can_not_be_read_is_said() -> None:
    made = answered(once(OK + END.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n")))
    assert made.failure is not None
    assert made.failure.endswith(f"; it has {framing.TWO_LENGTHS}")
    assert "Content-Length: 3" in made.beginning.decode()


@contextmanager
def tunnel() -> Iterator[str]:
    """A proxy that takes CONNECT, and whose own answer is out of form."""
    listener = socket.create_server(("127.0.0.1", 0))

    def copy(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(65536):
                sink.sendall(block)

    def accept() -> None:
        with suppress(OSError):
            client, _ = listener.accept()
            port = client.recv(65536).split(b" ")[1].rpartition(b":")[2]
            origin = socket.create_connection(("127.0.0.1", int(port)))
            client.sendall(b"HTTP/1.1 200\nVia : nobody\n\n")
            threading.Thread(target=copy, args=(origin, client), daemon=True).start()
            copy(client, origin)

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_what_a_proxy_answers_is_no_answer_of_the_target(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    names = {name: tmp_path / name for name in ("ca", "chain", "key")}
    authority.cert_pem.write_to_path(os.fspath(names["ca"]))
    issued.cert_chain_pems[0].write_to_path(os.fspath(names["chain"]))
    issued.private_key_pem.write_to_path(os.fspath(names["key"]))
    with Reference.start(tls=(names["chain"], names["key"])) as reference, tunnel() as proxy:
        connections = Connections(10, verify=os.fspath(names["ca"]), proxies={"https": proxy})
        answer, reception = connections.receive(AWSRequest("POST", f"{reference.url}/", data=b"{}").prepare())
    assert answer.status_code == 400
    assert reception.findings == ()
