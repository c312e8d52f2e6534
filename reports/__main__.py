"""The commands on the reports of earlier runs."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from reports import stream
from reports.difference import compare
from reports.formats.annotations import failure_lines, outputs
from reports.formats.difference import FORMATS as DIFFERENCES
from reports.rendering import FORMATS

_EXAMPLES = """\
examples:
  python -m reports diff main/report.jsonl branch/report.jsonl
  python -m reports diff OLD NEW --format=markdown >> "$GITHUB_STEP_SUMMARY"

The exit status is 1 if anything got worse (a clause newly fails, or is no longer
judged), 0 if not, 4 for bad usage or an unreadable report.
"""
USAGE = 4


class CommandParser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with the status for bad usage."""
        self.exit(USAGE, f"{self.prog}: error: {message}\n")


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
    render = commands.add_parser("render", help="write the report of a run in another format")
    add_render(render)
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
    sys.stdout.write("".join(f"{line}\n" for line in failure_lines(run)))
    if options.output is not None:
        with options.output.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in outputs(run))
    return 0


def add_render(render: argparse.ArgumentParser) -> None:
    """Give the parser what ``render`` takes."""
    render.add_argument("report", type=Path, metavar="REPORT", help="the report.jsonl of the run")
    render.add_argument("--format", choices=FORMATS, default="html", help="the format of the output (default: html)")
    render.add_argument("--output", type=Path, metavar="FILE", help="the file to write (default: standard output)")
    render.set_defaults(run=run_render)


def run_render(options: argparse.Namespace) -> int:
    """Print or write the report. Raises :class:`stream.UnreadableReport`, OSError.

    A file is written aside and put in its place when it is whole.
    """
    text = FORMATS[options.format].render(stream.read(options.report))
    if options.output is None:
        sys.stdout.buffer.write(text.encode())  # in UTF-8, as the file says, whatever the terminal's encoding is
        return 0
    aside = options.output.with_name(f"{options.output.name}.part")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(options.output)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(options.output)) from error
    return 0


def add_diff(diff: argparse.ArgumentParser) -> None:
    """Give the parser what ``diff`` takes."""
    diff.add_argument("old", type=Path, metavar="OLD", help="the report.jsonl of the earlier run")
    diff.add_argument("new", type=Path, metavar="NEW", help="the report.jsonl of the later run")
    diff.add_argument("--format", choices=DIFFERENCES, default="text", help="the format of the output (default: text)")
    diff.set_defaults(run=run_diff)


def run_diff(options: argparse.Namespace) -> int:
    """Print what changed, and return 1 if anything got worse. Raises :class:`stream.UnreadableReport`, OSError."""
    difference = compare(stream.read(options.old), stream.read(options.new))
    sys.stdout.write(DIFFERENCES[options.format](difference, shutil.get_terminal_size((100, 20)).columns))
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
