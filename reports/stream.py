"""Write a run as JSON lines and read it back. ``stream.schema.json`` describes every line.

The errors of reading::

    UnreadableReport
      +-- MissingHeader
      +-- OtherFormat
      +-- InvalidLine
      +-- TruncatedReport
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from contracts import __version__
from contracts.deviations.entries import Deviation
from contracts.deviations.matching import Filed
from contracts.deviations.observation import Observation
from contracts.files import MOST_REPORT, read_file, write_whole
from contracts.judging.conclusion import Conclusion
from contracts.judging.lines import FORMAT, FORMATS, Line, read_transcripts, transcript_lines
from contracts.judging.verdict import Verdict
from contracts.reading import read_json
from contracts.values import Capability, TargetFacts
from contracts.vocabulary import Authority, ExitCode
from reports.run import Header, Judgement, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Path(__file__).with_name("stream.schema.json")
# The types of line that may follow each type: a header, scenarios each with its exchanges, verdicts, a footer.
_FOLLOWS = {
    "header": {"scenario", "verdict", "footer"},
    "scenario": {"scenario", "exchange", "verdict", "footer"},
    "exchange": {"scenario", "exchange", "verdict", "footer"},
    "verdict": {"verdict", "footer"},
    "footer": set[str](),
}


class UnreadableReport(ValueError):
    """A file isn't the complete stream of one run."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}")


class MissingHeader(UnreadableReport):
    """A file doesn't start with the header line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "the first line is not a header; expected the report.jsonl that --report-dir writes")


class OtherFormat(UnreadableReport):
    """A stream is in another format than this suite reads; ``suite`` is the version that wrote it."""

    def __init__(self, path: Path, written: object, suite: object) -> None:
        self.format = written
        self.suite = suite
        super().__init__(
            path,
            f"it is in format {written!r}, written by version {suite!r} of the suite; this one, {__version__}, reads "
            f"the formats {' and '.join(map(str, FORMATS))}, so use that version, or run it again",
        )


class InvalidLine(UnreadableReport):
    """A line isn't what ``stream.schema.json`` describes, or stands in the wrong place."""

    def __init__(self, path: Path, number: int, problem: str) -> None:
        self.number = number
        super().__init__(path, f"line {number}: {problem}")


class TruncatedReport(UnreadableReport):
    """A stream ends before its footer, or lacks lines that its footer counted."""

    def __init__(self, path: Path, missing: str) -> None:
        self.missing = missing
        super().__init__(path, f"incomplete: {missing}; the run was killed or the file was cut, so run it again")


@cache
def schema() -> Line:
    """Return the JSON Schema (2020-12) of a line."""
    loaded: Line = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


@cache
def _validator(kind: str) -> Draft202012Validator:
    """Return the validator of one type of line, whose messages speak of that type only."""
    return Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema()["$defs"]})


def lines(run: Run) -> Iterator[Line]:
    """Yield the lines of the run's stream in their order, as JSON values."""
    yield {"type": "header", "format": FORMAT} | _sorted_maps(asdict(run.header))
    for transcript in run.transcripts:
        yield from transcript_lines(transcript)
    yield from (_verdict(judgement) for judgement in run.judgements)
    yield _footer(run)


def texts(run: Run) -> Iterator[str]:
    """Yield the lines in ASCII, the same run in the same bytes. Nothing is redacted here."""
    return (json.dumps(line, allow_nan=False) + "\n" for line in lines(run))


def write(run: Run, path: Path) -> None:
    """Write the run as JSON lines."""
    write_whole({path: texts(run)})


def read(path: Path) -> Run:
    """Read the run that the file holds. Raise an :class:`UnreadableReport` unless it holds one complete run."""
    parsed = list(_parsed(path))
    if not parsed or parsed[0].get("type") != "header":
        raise MissingHeader(path)
    if parsed[0].get("format") not in FORMATS:
        raise OtherFormat(path, parsed[0].get("format"), parsed[0].get("suite"))
    _check(path, parsed)
    if parsed[-1]["type"] != "footer":
        raise TruncatedReport(path, "it has no footer")
    footer = parsed[-1]
    run = Run(
        header=_read_header(parsed[0]),
        transcripts=read_transcripts(parsed),
        judgements=tuple(_read_judgement(line) for line in parsed if line["type"] == "verdict"),
        conclusion=_read_conclusion(footer),
        deviations=tuple(map(_read_deviation, footer["deviations"])),
        seconds=footer["seconds"],
    )
    for key, counted in _footer(run).items():
        if footer[key] != counted:
            raise TruncatedReport(path, f"the footer says {key} {footer[key]}, the lines before it say {counted}")
    return run


def _parsed(path: Path) -> Iterator[Line]:
    for number, raw in enumerate(read_file(path, MOST_REPORT).splitlines(keepends=True), 1):
        try:
            value = read_json(raw)
        except ValueError as error:
            if number > 1 and not raw.endswith(b"\n"):
                raise TruncatedReport(path, f"line {number} breaks off") from error
            kind = "XML or HTML, and not JSON" if raw.lstrip().startswith(b"<") else f"not JSON: {error}"
            raise InvalidLine(path, number, kind) from error
        if not isinstance(value, dict):
            raise InvalidLine(path, number, "not a JSON object")
        yield value


def _check(path: Path, parsed: list[Line]) -> None:
    for number, line in enumerate(parsed, 1):
        if line.get("type") not in [*_FOLLOWS]:  # a list, as the type may be unhashable
            raise InvalidLine(path, number, f"its type is {line.get('type')!r}; expected one of {[*_FOLLOWS]}")
        error = best_match(_validator(line["type"]).iter_errors(line))
        if error is not None:
            place = "".join(f"/{part}" for part in error.absolute_path) or "the line"
            raise InvalidLine(path, number, f"{place}: {error.message}")
    scenario = ""
    for number, (before, line) in enumerate(pairwise(parsed), 2):
        if line["type"] not in _FOLLOWS[before["type"]]:
            raise InvalidLine(path, number, f"a line of type {line['type']} can't follow one of type {before['type']}")
        scenario = line["scenario"] if line["type"] == "scenario" else scenario
        if line["type"] == "exchange" and (line["scenario"] != scenario or line["id"] != f"{scenario}/{line['step']}"):
            raise InvalidLine(path, number, f"the exchange {line['id']} stands under the scenario {scenario!r}")


def _sorted_maps(value: Line) -> Line:
    """Sort the maps of a header: their order has no meaning and may differ between processes."""
    target = value["target"]
    return value | {"target": target | {key: dict(sorted(target[key].items())) for key in ("capabilities", "answers")}}


def _verdict(judgement: Judgement) -> Line:
    return {
        "type": "verdict",
        **judgement.verdict.to_json(),
        "theme": judgement.theme,
        "authority": str(judgement.authority),
        "sentence": judgement.sentence,
        "sources": [*judgement.sources],
        "observed": judgement.observed,
        "needs": [*judgement.needs],
    }


def _footer(run: Run) -> Line:
    return {
        "type": "footer",
        "code": int(run.conclusion.code),
        "conclusion": run.conclusion.sentence,
        "judged": run.conclusion.judged,
        "gated": run.conclusion.gated,
        "lacking": dict(run.conclusion.lacking),
        "deviations": [_deviation(each) for each in run.deviations],
        "counts": run.counts,
        "calls": run.calls,
        "invitations": run.invitations,
        "seconds": run.seconds,
        "complete": run.conclusion.code is not ExitCode.INTERRUPTED,
    }


def _read_header(line: Line) -> Header:
    target = line["target"]
    capabilities = {name: Capability(**known) for name, known in target["capabilities"].items()}
    facts = TargetFacts(**target | {"capabilities": capabilities, "options": tuple(target["options"])})
    return Header(**{key: value for key, value in line.items() if key not in {"type", "format"}} | {"target": facts})


def _deviation(filed: Filed) -> Line:
    return asdict(filed.entry) | {
        "state": filed.state,
        "until": filed.entry.until.isoformat(),
        "cases": [*filed.entry.cases],
    }


def _read_deviation(line: Line) -> Filed:
    own = {
        "observed": Observation(**line["observed"]),
        "until": date.fromisoformat(line["until"]),
        "cases": tuple(line["cases"]),
    }
    return Filed(Deviation(**{key: value for key, value in line.items() if key != "state"} | own), line["state"])


def _read_conclusion(footer: Line) -> Conclusion:
    counted = (footer["judged"], footer["gated"], footer["lacking"])
    return Conclusion(ExitCode(footer["code"]), footer["conclusion"], *counted)


def _read_judgement(line: Line) -> Judgement:
    extra = {"type", "theme", "authority", "sentence", "sources", "observed", "needs"}
    return Judgement(
        verdict=Verdict.from_json({key: value for key, value in line.items() if key not in extra}),
        theme=line["theme"],
        authority=Authority(line["authority"]),
        sentence=line["sentence"],
        sources=tuple(line["sources"]),
        observed=line["observed"],
        needs=tuple(line["needs"]),
    )
