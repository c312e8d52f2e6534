"""The tables of a page: what was run against what, the counts, the states and callers, and what wasn't judged."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contracts.vocabulary import Actor, Level
from reports.formats.content.cells import cells
from reports.formats.content.facts import facts
from reports.formats.content.names import SIGNS, signed
from reports.formats.markdown.escape import code, plain, table
from reports.formats.tally import counts, groups
from reports.formats.text.unjudged import TITLES, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.formats.content.cells import Judged
    from reports.formats.tally import Result
    from reports.run import Judgement, Run

_MOST_GROUPS = 20
_MOST_NAMES = 12


def setting(run: Run) -> list[str]:
    """Return a table of what was run against what, and how."""
    return table(("", ""), [(name, code(value)) for name, value in facts(run).items()])


def counted(run: Run, results: tuple[Result, ...]) -> Iterator[str]:
    """Yield the numbers of clauses by theme and by level, with a column for each outcome that occurs."""
    themes = counts(run, results, lambda result: result.theme)
    levels = counts(run, results, lambda result: str(result.level))
    total = sum(themes.values(), Counter[str]())
    columns = [name for name in SIGNS if total[name] or name in {"passed", "failed"}]
    rows = [(plain(theme), tally) for theme, tally in themes.items()]
    rows += [(f"**{level}**", levels[level]) for level in Level if level in levels]
    rows += [("**all**", total)]
    yield from ("", "## Counts", "")
    yield from table(
        ("clauses", *map(signed, columns), "total"),
        [(name, *(str(tally[each] or ".") for each in columns), str(tally.total())) for name, tally in rows],
    )


def matrix_of_states(run: Run) -> Iterator[str]:
    """Yield the table of states and callers: what the contract says of each pair, and what the target came to."""
    rows = cells(run)
    if not any(each.results for row in rows for each in row):
        return
    yield from ("", "## States and callers", "", "What the contract says of a cancellation, and whether it holds.", "")
    yield from table(("state", *Actor), [(row[0].row, *map(_cell, row)) for row in rows])


def _cell(judged: Judged) -> str:
    return f"{signed(judged.outcome)}<br>{plain(judged.promised)}" if judged.outcome else "not checked"


def unjudged(run: Run, results: tuple[Result, ...]) -> Iterator[str]:
    """Yield for each outcome that is no judgement, and for deviations on file, the reasons with their clauses."""

    def key(judgement: Judgement) -> str:
        return judgement.verdict.lacking or judgement.verdict.because

    rows = [
        (TITLES[outcome].lower(), plain(reason(run, group)), _names(group.names()))
        for outcome in TITLES
        for group in groups(results, outcome, key)
    ]
    if rows:
        yield from ("", "## Not judged, or on file", "")
        yield from table(("outcome", "why", "clauses"), rows[:_MOST_GROUPS])
        if len(rows) > _MOST_GROUPS:
            yield from ("", f"and {len(rows) - _MOST_GROUPS} more reasons")


def _names(names: list[str]) -> str:
    left_out = len(names) - _MOST_NAMES
    listed = ", ".join(map(code, names[:_MOST_NAMES]))
    return f"{len(names)}: {listed}{f' and {left_out} more' if left_out > 0 else ''}"
