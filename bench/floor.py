"""The floor of a run, a process that only imports and sends: ``python -m bench.floor FILE``.

It imports the packages that a run can't do without, and sends what a run has sent, by botocore's HTTP session, to a
reference in the same process. It signs nothing, reads nothing of the answers but their status, and judges nothing.
"""

from __future__ import annotations

import base64
import importlib
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.httpsession import URLLib3Session

from bench.recording import SEED, Asked, read
from fixtures.reference import Reference
from fixtures.reference.realism import WITH_EXPIRED

IMPORTS = ("pytest", "boto3", "botocore.auth", "botocore.parsers", "jsonschema", "referencing.jsonschema", "regress")
TIMEOUT_SECONDS = 30


class OtherAnswer(RuntimeError):
    """The reference did other work than in the run, so that the two can't be compared."""

    def __init__(self, number: int, status: int, asked: Asked) -> None:
        super().__init__(
            f"request {number} was answered with {status}, and with {asked.status} in the run; record anew"
        )


def send(asked: list[Asked]) -> None:
    """Send the requests to a new reference at the address that they are signed for. Raises :class:`OtherAnswer`."""
    session = URLLib3Session(timeout=TIMEOUT_SECONDS, socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)])
    with Reference.start(port=urlsplit(asked[0].url).port or 0, seed=SEED, realism=WITH_EXPIRED):
        for number, each in enumerate(asked, 1):
            headers, body = HeadersDict(each.headers), base64.b64decode(each.body)
            answer = session.send(AWSPreparedRequest(each.method, each.url, headers, body, stream_output=False))
            if answer.status_code != each.status:
                raise OtherAnswer(number, answer.status_code, each)
        session.close()


def main(path: Path) -> None:
    """Import what a run imports, and send what the file holds."""
    for name in IMPORTS:
        importlib.import_module(name)
    send(read(path))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
