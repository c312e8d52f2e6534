"""The commands on several reports: ``matrix`` and ``history``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reports import stream
from reports.formats.several import html, markdown
from reports.rendering import FORMATS, STREAM_FILE
from reports.several.entries import Entry
from reports.several.history import histories
from reports.several.matrix import Matrix, matrix

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

_INCOMPLETE = 1


class NothingRead(ValueError):
    """None of the files is a report."""

    def __init__(self, looked_at: str) -> None:
        super().__init__(f"{looked_at}: no report could be read; expected the report.jsonl that --report-dir writes")


def add_matrix(made: argparse.ArgumentParser) -> None:
    """Give the parser what ``matrix`` takes."""
    made.add_argument("reports", type=Path, nargs="+", metavar="REPORT", help="the report.jsonl of a run")
    made.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="the folder for matrix.md, matrix.html and a page and badge for each target (default: print the Markdown)",
    )
    made.set_defaults(run=run_matrix)


def run_matrix(options: argparse.Namespace) -> int:
    """Print or write the matrix; return 1 if a file was left out. Raises :class:`NothingRead`, OSError."""
    entries, unread = read(options.reports)
    if not entries:
        raise NothingRead(str(options.reports[0]))
    made = matrix(entries)
    if options.output is None:
        sys.stdout.buffer.write(markdown.matrix_page(made).encode())
    else:
        write_matrix(made, options.output)
    return _INCOMPLETE if unread else 0


def write_matrix(made: Matrix, folder: Path) -> None:
    """Write the matrix, and for each target its page and its badge."""
    pages = {"matrix.md": markdown.matrix_page(made), "matrix.html": html.matrix_page(made)}
    for column in made.columns:
        pages[f"{column.page}.md"] = markdown.target_page(column)
        pages[f"{column.page}.html"] = html.target_page(column)
        pages[f"{column.page}.svg"] = FORMATS["badge"].render(column.entry.run)
    _write(pages, folder)


def add_history(made: argparse.ArgumentParser) -> None:
    """Give the parser what ``history`` takes."""
    made.add_argument("folder", type=Path, metavar="DIR", help=f"the folder below which every {STREAM_FILE} is read")
    made.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="the folder for history.md and history.html (default: print Markdown)",
    )
    made.set_defaults(run=run_history)


def run_history(options: argparse.Namespace) -> int:
    """Print or write the history; return 1 if a file was left out. Raises :class:`NothingRead`, OSError."""
    entries, unread = read(sorted(options.folder.rglob(STREAM_FILE)))
    if not entries:
        raise NothingRead(str(options.folder))
    made = histories(entries)
    pages = {"history.md": markdown.history_page(made, unread), "history.html": html.history_page(made, unread)}
    if options.output is None:
        sys.stdout.buffer.write(pages["history.md"].encode())
    else:
        _write(pages, options.output)
    return _INCOMPLETE if unread else 0


def read(paths: Iterable[Path]) -> tuple[list[Entry], tuple[str, ...]]:
    """Return the runs in the files, and for each file that can't be read a line that says so, which is printed, too."""
    entries: list[Entry] = []
    unread: list[str] = []
    for path in paths:
        try:
            entries.append(Entry(str(path), stream.read(path)))
        except (OSError, stream.UnreadableReport) as error:
            unread.append(" ".join(f"{error}".split()))
            sys.stderr.write(f"left out: {unread[-1]}\n")
    return entries, tuple(unread)


def _write(pages: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / name).write_bytes(text.encode())
