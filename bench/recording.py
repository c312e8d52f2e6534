"""A run of the suite that keeps what its reference was asked: ``python -m bench.recording FILE``."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from cancelhandshake_conformance.command import run
from fixtures.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.judging.exchange import Request, Response

SEED = 1
"""Of the reference, here and at the floor: the ids in the requests have to be those that it gives out there."""


@dataclass(frozen=True)
class Asked:
    """A request as the reference received it, and the status of its answer. ``body`` is in base64."""

    method: str
    url: str
    headers: list[list[str]]
    body: str
    status: int

    @classmethod
    def of(cls, request: Request, response: Response) -> Asked:
        """Return what is kept of one exchange: the floor sends all on one connection, so nothing that would end it."""
        headers = [[*pair] for pair in request.headers if pair[0].lower() != "connection"]
        body = base64.b64encode(request.body).decode("ascii")
        return cls(request.method, request.url, headers, body, response.status)


def write(path: Path, asked: Iterable[Asked]) -> None:
    """Write the requests into a file, in their order."""
    path.write_text(json.dumps([asdict(each) for each in asked]), encoding="utf-8")


def read(path: Path) -> list[Asked]:
    """Return the requests that :func:`write` wrote."""
    return [Asked(**each) for each in json.loads(path.read_text(encoding="utf-8"))]


def main(path: Path) -> int:
    """Run the suite on the embedded reference, write what it was asked, and return the run's exit status."""
    kept: list[Asked] = []
    answer = Reference.answer

    def kept_answer(reference: Reference, request: Request) -> Response:
        response = answer(reference, request)
        kept.append(Asked.of(request, response))
        return response

    seeded: Any = partial(Reference.start, seed=SEED)
    with mock.patch.object(Reference, "start", seeded), mock.patch.object(Reference, "answer", kept_answer):
        code = run(["-q"])
    write(path, kept)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
