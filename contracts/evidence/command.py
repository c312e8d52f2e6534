"""The commands of ``python -m contracts.recordings``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts import recordings
from contracts.commands import CommandParser
from contracts.evidence import listing, report, restating
from contracts.evidence.coverage import coverage
from contracts.evidence.drift import compare
from contracts.evidence.findings import Effect, findings
from contracts.printing.visible import harmless, line
from contracts.vocabulary import ExitCode, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.evidence.report import Report
    from contracts.recordings import Recording

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DESCRIPTION = """\
Keep the recordings of the real service, on which the contract's observations rest.

  add REPORT        restate the report of a run on the real service as a recording, and print what it
                    confirms, contradicts or newly settles: the authority of each clause before, and
                    what it could be now. Clauses are changed by hand, in contracts/clauses.toml
  compare OLD NEW   print what drifted between two recordings, the wording of messages apart
  coverage          print which clauses have an observation of the real service behind them, and its age
"""
_EXAMPLES = """\
examples:
  pytest --target=aws --allow-account=111111111111 --report-dir=build
  python -m contracts.recordings add build/report.jsonl
  python -m contracts.recordings compare organizations-2026-09-13 organizations-2026-11-25
  python -m contracts.recordings coverage

A run on another target, to see what the commands do:
  pytest --report-dir=build
  python -m contracts.recordings add build/report.jsonl --as-if-real

The exit status is 0; 1 if the run contradicts a required clause (add) or the meaning of an answer
drifted (compare); 4 for bad usage or a file that can't be used, with one line that says why.
"""


class _Unusable(ValueError):
    """The arguments can't be followed. The message is one line."""


def main(program: str, arguments: Sequence[str]) -> int:
    """Run the command that the arguments ask for, and return its exit status."""
    options = _parser(program).parse_args(arguments)
    try:
        status: int = options.run(options)
    except (ValueError, recordings.Rehearsal, recordings.UnknownObservation) as error:
        sys.stderr.write(f"{program}: error: {line(str(error))}\n")
        return ExitCode.USAGE
    return status


def _parser(program: str) -> argparse.ArgumentParser:
    style = argparse.RawDescriptionHelpFormatter
    parser = CommandParser(prog=program, description=_DESCRIPTION, epilog=_EXAMPLES, formatter_class=style)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="restate a report as a recording, and print what it does to the contract")
    add.add_argument("report", type=Path, metavar="REPORT", help="the report.jsonl that a run wrote with --report-dir")
    add.add_argument("--name", help="the recording's name (default: organizations-DATE)")
    add.add_argument("--out", type=Path, metavar="FOLDER", help="where it is written (default: among those on file)")
    add.add_argument(
        "--as-if-real",
        action="store_true",
        help="rehearse with a run on another target: what is written is marked as a rehearsal, and stands beside the "
        "report, never among the recordings on file",
    )
    add.set_defaults(run=_add)
    two = commands.add_parser("compare", help="print what drifted between two recordings")
    two.add_argument("old", metavar="OLD", type=_recording, help="the name of a recording on file, or a file")
    two.add_argument("new", metavar="NEW", type=_recording, help="the same")
    two.set_defaults(run=_compare)
    cover = commands.add_parser("coverage", help="print which clauses have an observation of the real service")
    cover.set_defaults(run=_coverage)
    for command in (add, two, cover):
        command.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _recording(name: str) -> Recording:
    path = Path(name)
    try:
        return recordings.read(path) if path.suffix == ".json" else recordings.recording(name)
    except (ValueError, LookupError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path} can't be read: {error.strerror}") from error


def _add(options: argparse.Namespace) -> int:
    run = report.read(options.report)
    path = _destination(options, run)
    effects = findings(run)
    _write(path, restating.restated(run))
    lines = listing.of_findings(effects, str(path), rehearsal=not run.real)
    document = {"written": str(path), "rehearsal": not run.real, "findings": [asdict(each) for each in effects]}
    _print(lines, document if options.json else None)
    return int(any(each.effect is Effect.CONTRADICTS and each.level is Level.REQUIRED for each in effects))


def _destination(options: argparse.Namespace, run: Report) -> Path:
    """Return the file for the recording. Raises :class:`_Unusable` for one where it must not stand."""
    if run.real and options.as_if_real:
        raise _Unusable(f"{options.report}: the target was the real service; leave --as-if-real out")
    if not run.real and not options.as_if_real:
        raise _Unusable(
            f"{options.report}: the target was {run.name} at {run.url}, not the real service; "
            "--as-if-real writes a rehearsal of it beside the report"
        )
    name = restating.name(run) if options.name is None else options.name
    if not _NAME.fullmatch(name):
        raise _Unusable(f"--name: {name!r}; expected lower-case letters and digits, with hyphens between them")
    folder = options.out or (recordings.FOLDER if run.real else options.report.parent)
    if not run.real and _is_on_file(folder):
        raise _Unusable(f"--out: {folder} holds the recordings of the real service, which a rehearsal is not")
    path: Path = folder / f"{name}.json"
    return path


def _is_on_file(folder: Path) -> bool:
    return folder.resolve().is_relative_to(recordings.FOLDER.resolve())


def _write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    encoded = text.encode("utf-8", "backslashreplace")  # of half a character, JSON's own escape
    try:
        with path.open("xb") as file:
            file.write(encoded)
    except FileExistsError as error:
        raise _Unusable(f"{path} is there already; give the recording another --name") from error
    except OSError as error:
        raise _Unusable(f"{path} can't be written: {error.strerror}") from error


def _compare(options: argparse.Namespace) -> int:
    drift = compare(options.old, options.new)
    document = {"old": options.old.name, "new": options.new.name} | asdict(drift)
    _print(listing.of_drift(options.old, options.new, drift), document if options.json else None)
    return int(bool(drift.meaning))


def _coverage(options: argparse.Namespace) -> int:
    covers = coverage(datetime.now(UTC).date())
    _print(listing.of_coverage(covers), [asdict(each) for each in covers] if options.json else None)
    return 0


def _print(lines: Iterable[str], document: Any) -> None:
    if document is not None:
        lines = [json.dumps(document, indent=1)]
    sys.stdout.write(harmless("".join(f"{each}\n" for each in lines)))
