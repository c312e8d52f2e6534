"""The boto3 program of a finding: it makes the calls of the sequence on the endpoint that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.formats.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contracts.judging.exploring.exploration import Wait
    from reports.run import Run

_CLIENT = """
ENDPOINT = sys.argv[1] if len(sys.argv) > 1 else {url!r}

def client(session=boto3, **keys):
    config = Config(parameter_validation=False, retries={{"total_max_attempts": 1}})
    place = {{"region_name": {region!r}, "endpoint_url": ENDPOINT}}
    return session.client("organizations", config=config, **place, **keys)
"""
_WAIT = """
def wait(method, path, body):
    url = "{{0.scheme}}://{{0.netloc}}".format(urllib.parse.urlsplit(ENDPOINT)) + path
    sent = urllib.request.Request(url, json.dumps(body).encode(), {{"Content-Type": "application/json"}}, method=method)
    print("wait", urllib.request.urlopen(sent).status)
"""


class _Sequence(Program):
    """The program of a sequence, with the moves of the target's clock between its calls."""

    waits: Sequence[Wait] = ()

    def _steps(self) -> Iterator[str]:
        waits = [*self.waits]
        for place, exchange in enumerate(self._calls):
            while waits and waits[0].after <= place:
                request = waits.pop(0).request
                yield f"wait({request.get('method', 'POST')!r}, {request['path']!r}, {request.get('body', {})!r})"
            yield self._call(exchange)


def program_of(run: Run, waits: Sequence[Wait]) -> list[str]:
    """Return the lines of a Python program that makes the calls of the run's one transcript."""
    transcript = run.transcripts[0]
    program = _Sequence(run.header.target, transcript, transcript.exchanges)
    program.waits = waits
    imports = "sys, urllib.parse, urllib.request" if waits else "sys"
    program.head = Program.head.replace("import json, os, random", f"import json, os, random, {imports}")
    program.client = _CLIENT + (_WAIT if waits else "")
    return program.lines()
