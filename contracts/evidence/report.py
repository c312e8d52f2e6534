"""The report of a whole run on a target, as far as a recording needs it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

from contracts.files import MOST_REPORT, read_file
from contracts.judging.absence import PREFLIGHT
from contracts.judging.exchange import Transcript, first_name
from contracts.judging.lines import FORMATS, Line, read_transcripts
from contracts.judging.verdict import Verdict
from contracts.reading import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class UnusableReport(ValueError):
    """A file is not the report of a whole run on a target. The message is one line."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}")


@dataclass(frozen=True)
class Report:
    """One run: the suite's version, the start in ISO 8601, the model, the target, its exchanges and verdicts.

    ``name``, ``url`` and ``region`` are the target's; ``real`` says that it was the real service, which a report that
    doesn't say was not. ``repeat`` is the number of times that each scenario was to be driven.
    """

    suite: str
    started: str
    model: str
    name: str
    url: str
    region: str
    real: bool
    repeat: int
    transcripts: tuple[Transcript, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def day(self) -> str:
        """The day on which the run started, in ISO 8601."""
        return self.started[:10]

    @property
    def scenarios(self) -> tuple[Transcript, ...]:
        """The first run of each scenario that made calls, without the preflight."""
        return tuple(
            each
            for each in self.transcripts
            if each.exchanges and each.scenario == first_name(each.scenario) != PREFLIGHT
        )


def read(path: Path) -> Report:
    """Return the report in the file. Raises :class:`UnusableReport` unless it is that of one whole run on a target."""
    lines = list(_lines(path))
    if not lines or lines[0].get("type") != "header" or lines[0].get("format") not in FORMATS:
        known = " or ".join(map(str, FORMATS))
        raise UnusableReport(path, f"expected the report.jsonl of a run, in format {known}, which begins with a header")
    try:
        _check_whole(path, lines)
        report = _report(lines)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, UnusableReport):
            raise
        raise UnusableReport(path, f"a line of it is none of a report: {error!r}") from error
    if lines[0]["replayed"]:
        raise UnusableReport(path, f"it is of a replay of {lines[0]['replayed']}; expected that of a run on a target")
    if not report.scenarios or not report.verdicts:
        raise UnusableReport(path, "nothing was judged in this run")
    return report


def _lines(path: Path) -> Iterator[Line]:
    try:
        rows = read_file(path, MOST_REPORT).decode("utf-8").split("\n")
    except OSError as error:
        raise UnusableReport(path, f"can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnusableReport(path, f"is not text in UTF-8: {error}") from error
    for number, row in enumerate(rows, 1):
        if not row and number == len(rows):
            return
        try:
            value = read_json(row)
        except ValueError as error:
            raise UnusableReport(path, f"line {number} is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise UnusableReport(path, f"line {number} is no JSON object")
        yield value


def _check_whole(path: Path, lines: list[Line]) -> None:
    footer = lines[-1]
    if footer["type"] != "footer":
        raise UnusableReport(path, "it has no footer: the run was killed, or the file was cut")
    if not footer["complete"]:
        raise UnusableReport(path, "the run was interrupted; expected one that came to its end")
    counted = Counter(line["type"] for line in lines)
    outcomes = Counter(line["outcome"] for line in lines if line["type"] == "verdict")
    if (counted["exchange"], +outcomes) != (footer["calls"], +Counter(footer["counts"])):
        raise UnusableReport(path, "lines are missing: its footer counts others than there are")


def _report(lines: list[Line]) -> Report:
    header, members = lines[0], {field.name for field in fields(Verdict)}
    target = header["target"]
    return Report(
        suite=header["suite"],
        started=datetime.fromisoformat(header["started"]).isoformat(),
        model=header["model"],
        name=target["name"],
        url=target["url"],
        region=target["region"],
        real=target.get("real", False) is True,
        repeat=header["repeat"],
        transcripts=read_transcripts(lines),
        verdicts=tuple(
            Verdict.from_json({key: value for key, value in line.items() if key in members})
            for line in lines
            if line["type"] == "verdict"
        ),
    )
