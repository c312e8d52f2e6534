"""The table of a report: how many clauses of each theme and each level came to which outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.judging.stability import passed
from contracts.vocabulary import NOT_COUNTED, Level, Outcome
from reports.formats.tally import Result, counts
from reports.formats.text.layout import COLORS, Style, count_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.run import Run

_COLORS = {
    "passed": COLORS[Outcome.PASSED],
    "known": COLORS[Outcome.KNOWN],
    "not applicable": COLORS[Outcome.NOT_APPLICABLE],
    "not implemented": COLORS[Outcome.NOT_IMPLEMENTED],
    "blocked": COLORS[Outcome.BLOCKED],
    NOT_COUNTED: COLORS[Outcome.BLOCKED],
    "failed": COLORS[Outcome.FAILED],
    "error": COLORS[Outcome.ERROR],
}
"""The names of outcomes in the order of their columns, with the colour of each."""


def table(run: Run, results: tuple[Result, ...], style: Style) -> list[str]:
    """Return the lines of the table: a row for each theme and each level, and the totals below."""
    themes = counts(run, results, lambda result: result.theme)
    levels = counts(run, results, lambda result: str(result.level))
    total = sum(themes.values(), Counter[str]())
    columns = [name for name in _COLORS if total[name] or name in {"passed", "failed"}]
    by_level = {str(level): levels[level] for level in Level if level in levels}
    grid = _Grid(columns, max(map(len, [*themes, *levels, "clauses"])), style)
    return [
        *grid.heading(),
        *(grid.row(name, tally) for name, tally in themes.items()),
        grid.rule(),
        *(grid.row(name, tally) for name, tally in by_level.items()),
        grid.rule(),
        grid.row("all", total),
        f"  {totals(run, results)}",
        *_passed_shares(run, results, style),
    ]


def totals(run: Run, results: tuple[Result, ...]) -> str:
    """Return the numbers of clauses and of checks, a check being one clause applied to one exchange."""
    return f"{count_of(len(results), 'clause')}, {count_of(len(run.judgements), 'check')}"


def outcome_counts(run: Run, results: tuple[Result, ...]) -> str:
    """Return how many clauses came to each outcome, the most frequent first."""
    tally = Counter(run.name_of(result.outcome, result.level) for result in results)
    return ", ".join(f"{number} {name}" for name, number in tally.most_common())


def _passed_shares(run: Run, results: tuple[Result, ...], style: Style) -> Iterator[str]:
    """Say in how many of the runs each clause passed; those that passed in every run are only counted."""
    if run.header.repeat == 1:
        return
    always = [each for each in results if {*each.runs} == {Outcome.PASSED}]
    yield f"  {count_of(len(always), 'clause')} passed in every run"
    by_share: dict[str, list[str]] = {}
    for result in results:
        if result not in always and {*result.runs} & {Outcome.PASSED, Outcome.FAILED}:
            by_share.setdefault(passed(result.runs), []).append(result.clause)
    for share, names in sorted(by_share.items(), key=lambda each: -int(each[0].partition("/")[0])):
        yield from style.wrap(f"passed {share}: {', '.join(names)}", "  ", "    ")


@dataclass(frozen=True)
class _Grid:
    """A table of counts with a column for each outcome; a name of several words stands on two lines."""

    columns: list[str]
    widest: int
    style: Style

    def heading(self) -> list[str]:
        upper = self._line("", [name.partition(" ")[0] if " " in name else "" for name in self.columns], "")
        lower = self._line("clauses", [_lower(name) for name in self.columns], "total")
        return [line for line in (upper, lower) if line.strip()]

    def rule(self) -> str:
        return "  " + "-" * (len(self.heading()[-1]) - 2)

    def row(self, name: str, tally: Counter[str]) -> str:
        return self._line(name, [str(tally[outcome] or ".") for outcome in self.columns], str(tally.total()))

    def _line(self, name: str, cells: list[str], total: str) -> str:
        widths = [len(_lower(outcome)) for outcome in self.columns]
        gap = "  " if sum(widths) + 2 * len(widths) + self.widest + 9 <= self.style.width else " "
        padded = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        painted = (
            self.style.paint(cell, _COLORS[outcome]) if cell.strip().isdigit() else cell
            for cell, outcome in zip(padded, self.columns, strict=True)
        )
        return f"  {name:<{self.widest}}{gap}{gap.join(painted)}{gap}{total:>5}".rstrip()


def _lower(name: str) -> str:
    """Return what stands on the lower line of a column's heading."""
    return name.partition(" ")[2] or name
