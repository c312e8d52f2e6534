"""The commands on the reports of earlier runs."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from contracts.commands import CommandParser
from contracts.printing.visible import harmless
from reports import stream
from reports.difference import compare
from reports.formats.annotations import failure_lines, outputs
from reports.formats.difference import FORMATS

_EXAMPLES = """\
examples:
  python -m reports diff main/report.jsonl branch/report.jsonl
  python -m reports diff OLD NEW --format=markdown >> "$GITHUB_STEP_SUMMARY"

The exit status is 1 if anything got worse (a clause newly fails, or is no longer
judged), 0 if not, 4 for bad usage or an unreadable report.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the commands."""
    made = CommandParser(prog="python -m reports", description=__doc__)
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    diff = commands.add_parser(
        "diff",
        help="say what changed between two runs",
        description="Say what changed between two runs, clause by clause.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_diff(diff)
    annotate = commands.add_parser("annotate", help="print a run's failures as annotations of GitHub Actions")
    add_annotate(annotate)
    return made


def add_annotate(annotate: argparse.ArgumentParser) -> None:
    """Give the parser what ``annotate`` takes."""
    annotate.add_argument("report", type=Path, metavar="REPORT", help="the report.jsonl of the run")
    annotate.add_argument(
        "--output", type=Path, metavar="FILE", help="also add the step's outputs to this file, such as $GITHUB_OUTPUT"
    )
    annotate.set_defaults(run=run_annotate)


def run_annotate(options: argparse.Namespace) -> int:
    """Print the annotations and write the outputs. Raises :class:`stream.UnreadableReport`, OSError."""
    run = stream.read(options.report)
    sys.stdout.write("".join(f"{each}\n" for each in failure_lines(run)))
    if options.output is not None:
        with options.output.open("a", encoding="utf-8") as file:
            file.writelines(f"{each}\n" for each in outputs(run))
    return 0


def add_diff(diff: argparse.ArgumentParser) -> None:
    """Give the parser what ``diff`` takes."""
    diff.add_argument("old", type=Path, metavar="OLD", help="the report.jsonl of the earlier run")
    diff.add_argument("new", type=Path, metavar="NEW", help="the report.jsonl of the later run")
    diff.add_argument("--format", choices=FORMATS, default="text", help="the format of the output (default: text)")
    diff.set_defaults(run=run_diff)


def run_diff(options: argparse.Namespace) -> int:
    """Print what changed, and return 1 if anything got worse. Raises :class:`stream.UnreadableReport`, OSError."""
    difference = compare(stream.read(options.old), stream.read(options.new))
    sys.stdout.write(harmless(FORMATS[options.format](difference, shutil.get_terminal_size((100, 20)).columns)))
    return int(difference.worse)


def execute(made: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Run the command that was parsed and return its exit status; say in one line what can't be read."""
    try:
        code: int = options.run(options)
    except OSError as error:
        made.error(f"{error.filename}: {error.strerror}")
    except stream.UnreadableReport as error:
        made.error(str(error))
    return code


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    made = parser()
    return execute(made, made.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
