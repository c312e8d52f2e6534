"""The suite run as its users run it: another process, from the project's root, with nothing in its environment."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reports import stream

if TYPE_CHECKING:
    from reports.run import Run

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Finished:
    """A finished run of the suite."""

    code: int
    output: str
    folder: Path
    report: str = "report.jsonl"

    @cached_property
    def run(self) -> Run:
        return stream.read(self.folder / self.report)

    def clauses(self, outcome: str) -> set[str]:
        return {each.verdict.clause for each in self.run.judgements if each.verdict.outcome == outcome}

    def verdicts(self) -> dict[str, str]:
        return {each.verdict.name: str(each.verdict.outcome) for each in self.run.judgements}

    def counts(self) -> Counter[str]:
        return Counter(self.verdicts().values())

    def fields_of(self, clause: str) -> dict[str, list[str]]:
        fields: dict[str, list[str]] = defaultdict(list)
        for each in self.run.judgements:
            if each.verdict.clause == clause:
                fields["expected"].append(each.verdict.expected)
                fields["actual"].append(each.verdict.actual)
                fields["because"].append(each.verdict.because)
        return fields


def clean_environment(folder: Path) -> dict[str, str]:
    """Return this environment without the variables of AWS and pytest."""
    foreign = ("AWS_", "PYTEST_", "COV_", "PYTHONDONTWRITEBYTECODE")  # the last would have each run compile all anew
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    nowhere = str(folder / "none")
    return kept | {"AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere, "COLUMNS": "100"}


def suite(folder: Path, *options: str, **environment: str) -> Finished:
    """Run the suite with these options. AWS's own variables come from ``environment`` only."""
    clean = clean_environment(folder) | environment
    reports = [] if any(each.startswith("--report-dir") for each in options) else [f"--report-dir={folder}"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *reports, *options]
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False, timeout=120)
    return Finished(done.returncode, done.stdout + done.stderr, folder)


@cache
def once(*options: str) -> Finished:
    """Run the suite with these options, once for all tests of this process: they only read what it wrote."""
    folder = Path(tempfile.mkdtemp(prefix="conformance-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return suite(folder, *options)
