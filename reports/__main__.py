"""The commands on the reports of earlier runs."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from reports import stream
from reports.difference import compare
from reports.formats.difference import FORMATS

_EXAMPLES = """\
examples:
  python -m reports diff main/report.jsonl branch/report.jsonl
  python -m reports diff OLD NEW --format=markdown >> "$GITHUB_STEP_SUMMARY"

The exit status is 1 if anything got worse (a clause newly fails, or is no longer
judged), 0 if not, 4 for bad usage or an unreadable report.
"""
USAGE = 4


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: error: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the commands."""
    made = _Parser(prog="python -m reports", description=__doc__)
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    diff = commands.add_parser(
        "diff",
        help="say what changed between two runs",
        description="Say what changed between two runs, clause by clause.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_diff(diff)
    return made


def add_diff(diff: argparse.ArgumentParser) -> None:
    """Give the parser what ``diff`` takes."""
    diff.add_argument("old", type=Path, metavar="OLD", help="the report.jsonl of the earlier run")
    diff.add_argument("new", type=Path, metavar="NEW", help="the report.jsonl of the later run")
    diff.add_argument("--format", choices=FORMATS, default="text", help="the format of the output (default: text)")
    diff.set_defaults(run=run_diff)


def run_diff(options: argparse.Namespace) -> int:
    """Print what changed, and return 1 if anything got worse. Raises :class:`stream.UnreadableReport`, OSError."""
    difference = compare(stream.read(options.old), stream.read(options.new))
    sys.stdout.write(FORMATS[options.format](difference, shutil.get_terminal_size((100, 20)).columns))
    return int(difference.worse)


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    made = parser()
    options = made.parse_args(arguments)
    try:
        code: int = options.run(options)
    except OSError as error:
        made.error(f"{error.filename}: {error.strerror}")
    except stream.UnreadableReport as error:
        made.error(str(error))
    return code


if __name__ == "__main__":
    sys.exit(main())
