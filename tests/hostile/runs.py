"""One run of the suite against a hostile server, measured, and what is wrong with how it ended."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET

from contracts.vocabulary import ExitCode, Outcome
from reports import stream
from tests.hostile import TABLE
from tests.hostile.server import KEYS, hostile
from tests.suite import ROOT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hostile.table import Behaviour

WALL, MEGABYTES, TIMEOUT = 120.0, 300.0, 1
REPORTED = {ExitCode.CONFORMANT, ExitCode.FAILED, ExitCode.NOT_IMPLEMENTED, ExitCode.INCONCLUSIVE}
_OBEYED = re.compile(r"[^\n\x20-\x7e\xa0-\U0010ffff]|[\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_COMMAND = re.compile(r"^\s*(::|##\[|##vso\[|##teamcity\[)", re.MULTILINE)
_HOSTS = re.compile(r"'(127\.0\.0\.1|localhost)'$|^socket\.getaddrinfo None$")


@dataclass(frozen=True)
class HostileRun:
    """A run that ended, or was ended for its time or its memory: then its code is that of the signal."""

    name: str
    code: int
    wall: float
    megabytes: float
    last_line: str
    complaints: tuple[str, ...] = field(default=())


def run_by_name(name: str) -> HostileRun:
    """Run the suite against the server of this name, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return run_against(TABLE[name], Path(folder))


def run_against(behaviour: Behaviour, folder: Path) -> HostileRun:
    """Run the suite against a server that behaves so, and look at all that it wrote and did."""
    reports, output, watched = folder / "reports", folder / "output", folder / "watched"
    watched.touch()
    with hostile(behaviour.acts, behaviour.takes) as server:
        profile = folder / "hostile.toml"
        profile.write_text(_profile(server.url, keys=behaviour.keys), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "suites", "-p", "no:cacheprovider"]
        command += ["-p", "tests.hostile.watch", f"--target={profile}", f"--report-dir={reports}"]
        sender = {"AWS_ACCESS_KEY_ID": KEYS["sender"].access_key, "AWS_SECRET_ACCESS_KEY": KEYS["sender"].secret_key}
        environment = clean_environment(folder) | sender | {"HOSTILE_WATCH": str(watched)}
        code, wall, megabytes = _measured(command, environment, output)
    raw = output.read_bytes()
    text = raw.decode("utf-8", "backslashreplace")
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    complaints = [
        *_on_the_end(behaviour, code, wall, megabytes, last),
        *_on_the_output(text),
        *_on_the_reports(reports, code),
        *_on_secrets(raw, *(each.read_bytes() for each in reports.glob("*"))),
        *_on_connections(watched),
    ]
    return HostileRun(behaviour.name, code, wall, megabytes, last, tuple(complaints))


def _profile(url: str, *, keys: bool) -> str:
    lines = ['about = "a hostile server"', f'endpoint = "{url}"', f"timeout = {TIMEOUT}", "settle = 0"]
    if keys:
        lines += ["[accounts]", 'strategy = "keys"']
        for actor, held in KEYS.items():
            lines.append(f'{actor} = {{ access_key = "{held.access_key}", secret_key = "{held.secret_key}" }}')
    return "\n".join(lines) + "\n"


def _measured(command: list[str], environment: dict[str, str], output: Path) -> tuple[int, float, float]:
    """Run the command; return its exit code, its seconds, and the most memory that it held, in megabytes."""
    started = time.monotonic()
    with output.open("wb") as file:
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
    held = 0.0
    while running.poll() is None:
        time.sleep(0.02)
        # What the system tells of an ended process counts the one that started it, too.
        held = max(held, _most_held(running.pid))
        if time.monotonic() - started > WALL or held > 2 * MEGABYTES:
            os.killpg(running.pid, signal.SIGKILL)
    return running.returncode, time.monotonic() - started, held


def _most_held(process: int) -> float:
    """Return the most memory that the process has held so far, in megabytes, 0 where the system doesn't say."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _on_the_end(behaviour: Behaviour, code: int, wall: float, megabytes: float, last: str) -> Iterator[str]:
    if wall > WALL:
        yield f"it didn't end within {WALL:.0f} s"
    elif code == -signal.SIGKILL:
        yield "it was ended for its memory"
    elif code not in behaviour.codes:
        yield f"exit {code}; expected one of {sorted(map(int, behaviour.codes))}"
    if megabytes > MEGABYTES:
        yield f"it took {megabytes:.0f} MB; expected at most {MEGABYTES:.0f}"
    if code in REPORTED and f"(exit {code})" not in last:
        yield "its last line isn't the verdict"


def _on_the_output(text: str) -> Iterator[str]:
    for word in ("Traceback", "INTERNALERROR"):
        if word in text:
            yield f"{word} in the output"
    if found := _OBEYED.search(text):
        yield f"{found[0]!r} in the output, after {text[max(0, found.start() - 30) : found.start()]!r}"
    if found := _COMMAND.search(text):
        yield f"a line begins with a CI system's command: {found[0].strip()}"


def _on_the_reports(folder: Path, code: int) -> Iterator[str]:
    """Yield what is wrong with the reports. A run that was refused before the first scenario has none."""
    path = folder / "report.jsonl"
    if not path.is_file():
        if code in REPORTED:
            yield "there is no report.jsonl"
        return
    try:
        run = stream.read(path)
    except stream.UnreadableReport as error:
        yield f"report.jsonl can't be read: {error}"
    else:
        if run.counts.get(Outcome.ERROR):
            broken = [each.verdict for each in run.judgements if each.verdict.outcome is Outcome.ERROR]
            yield f"{len(broken)} errors, such as {broken[0].name}: {broken[0].because.splitlines()[-1]}"
        if run.conclusion.code != code:
            yield f"report.jsonl says exit {run.conclusion.code}"
    try:
        ET.parse(folder / "junit.xml")
    except (OSError, ET.ParseError) as error:
        yield f"junit.xml can't be read: {error}"


def _on_secrets(*written: bytes) -> Iterator[str]:
    for actor, held in KEYS.items():
        for name, value in vars(held).items():
            spelt = {value, quote(value, safe=""), base64.b64encode(value.encode()).decode(), value.replace("/", "\\/")}
            if any(each.encode() in text for each in spelt for text in written):
                yield f"the {name} of the {actor} is written"


def _on_connections(watched: Path) -> Iterator[str]:
    others = {line for line in watched.read_text(encoding="utf-8").splitlines() if not _HOSTS.search(line)}
    if others:
        yield f"it went elsewhere: {'; '.join(sorted(others))}"
