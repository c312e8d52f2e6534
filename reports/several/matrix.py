"""Clauses by targets: what each clause came to on each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.several.entries import Entry, Standing, by_target, slugs

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Column:
    """One target: its newest run, the older ones that don't count, and the name of its page."""

    entry: Entry
    older: tuple[Entry, ...]
    page: str


@dataclass(frozen=True)
class Row:
    """One clause, with what it came to on each target, None where the report has no such clause."""

    clause: str
    level: str
    sentence: str
    cells: tuple[Standing | None, ...]


@dataclass(frozen=True)
class Matrix:
    """The targets in the order in which they were given, and the clauses in that of the first reports with them."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def partial(self) -> tuple[Row, ...]:
        """The clauses that some reports have and others lack."""
        return tuple(row for row in self.rows if None in row.cells)

    @property
    def contracts(self) -> tuple[tuple[str, str], ...]:
        """The versions of the suite and of the model that the reports are of, each pair once."""
        headers = (column.entry.run.header for column in self.columns)
        return tuple(dict.fromkeys((header.suite, header.model) for header in headers))


def matrix(entries: Iterable[Entry]) -> Matrix:
    """Return the matrix of these runs. Of several runs of one target the newest counts."""
    grouped = by_target(entries)
    pages = slugs(grouped)
    columns = tuple(Column(runs[-1], runs[:-1], pages[target]) for target, runs in grouped.items())
    newest = [column.entry for column in columns]
    order: dict[str, Standing] = {}
    # The contract of the newest run comes first, so that its order is the table's.
    for entry in sorted(newest, key=lambda each: each.started, reverse=True):
        order = order | {clause: each for clause, each in entry.standings.items() if clause not in order}
    rows = tuple(
        Row(clause, each.level, each.sentence, tuple(entry.standings.get(clause) for entry in newest))
        for clause, each in order.items()
    )
    return Matrix(columns, rows)
