"""The commands on the reports of earlier runs."""

from __future__ import annotations

import argparse
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.commands import CommandParser
from contracts.printing.visible import harmless
from reports import stream
from reports.difference import compare
from reports.formats.annotations import failure_lines, outputs
from reports.formats.difference import FORMATS
from reports.rendering import FORMATS as FILE_FORMATS
from reports.several.commands import NothingRead, add_history, add_matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EXAMPLES = """\
examples:
  python -m reports diff main/report.jsonl branch/report.jsonl
  python -m reports diff OLD NEW --format=markdown >> "$GITHUB_STEP_SUMMARY"

The exit status is 1 if anything got worse (a clause newly fails, or is no longer
judged), 0 if not, 4 for bad usage or an unreadable report.
"""
ALL = "all"
"""The name of all formats together."""


class NoFolder(ValueError):
    """All formats were asked for, and no folder to write them to."""

    def __init__(self) -> None:
        super().__init__(f"--format={ALL}: name the folder for the files with --output=DIR")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the commands."""
    made = CommandParser(prog="python -m reports", description=__doc__)
    add_commands(made.add_subparsers(required=True, metavar="COMMAND"))
    return made


def add_commands(commands: Any) -> None:  # what add_subparsers returns has no public type
    """Add every command to the subparsers, with ``do`` as the function that takes its options."""
    for name, (told, add) in COMMANDS.items():
        made = commands.add_parser(
            name,
            help=told,
            description=f"{told[0].upper()}{told[1:]}.",
            epilog=_EXAMPLES if name == "diff" else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add(made)
        made.set_defaults(do=partial(execute, made))


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


def add_render(render: argparse.ArgumentParser) -> None:
    """Give the parser what ``render`` takes."""
    render.add_argument("report", type=Path, metavar="REPORT", help="the report.jsonl of the run")
    formats = "; ".join(f"{each.name}: {each.about}" for each in FILE_FORMATS.values())
    render.add_argument(
        "--format",
        choices=[*FILE_FORMATS, ALL],
        default="html",
        help=f"the format (default: html; {formats}; {ALL}: each of them)",
    )
    render.add_argument(
        "--output", type=Path, metavar="PATH", help=f"the file to write, or the folder for {ALL} (default: print it)"
    )
    render.set_defaults(run=run_render)


def run_render(options: argparse.Namespace) -> int:
    """Print or write the report. Raises :class:`stream.UnreadableReport`, :class:`NoFolder`, OSError."""
    run, output = stream.read(options.report), options.output
    if options.format == ALL and output is None:
        raise NoFolder
    if options.format == ALL:
        output.mkdir(parents=True, exist_ok=True)
        for each in FILE_FORMATS.values():
            each.write(run, output / each.file)
    elif output is None:
        sys.stdout.buffer.write(FILE_FORMATS[options.format].render(run).encode())
    else:
        FILE_FORMATS[options.format].write(run, output)
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


COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "diff": ("say what changed between two runs, clause by clause", add_diff),
    "annotate": ("print a run's failures as annotations of GitHub Actions", add_annotate),
    "render": ("make a report again, from the report.jsonl of a run", add_render),
    "matrix": ("show clauses by targets, from reports of several targets", add_matrix),
    "history": ("show what broke and what was mended, from the reports below a folder", add_history),
}


def execute(made: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Run the command that was parsed and return its exit status; say in one line what can't be read."""
    try:
        code: int = options.run(options)
    except OSError as error:
        made.error(f"{error.filename}: {error.strerror}")
    except (stream.UnreadableReport, NoFolder, NothingRead) as error:
        made.error(str(error))
    return code


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = parser().parse_args(arguments)
    return int(options.do(options))


if __name__ == "__main__":
    sys.exit(main())
