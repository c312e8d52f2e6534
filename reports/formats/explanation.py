"""All that is known of one clause."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from contracts.vocabulary import CAPABILITIES, Level
from reports.diagnosis import published
from reports.formats.recorded import recorded_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.clauses import Clause

_WIDTH = 110
_WEIGHT = {
    Level.REQUIRED: "fails the run",
    Level.RECOMMENDED: "fails the run with --strict",
    Level.ADVISORY: "never fails the run",
}


def explain(clause: Clause) -> str:
    """Return what the clause says, on whose authority, how it is judged, and which mistakes it catches."""
    return "\n".join(_lines(clause))


def _lines(clause: Clause) -> Iterator[str]:
    since = f", {clause.observed}" if clause.observed else ""
    yield clause.id
    yield from _wrapped(clause.sentence)
    yield ""
    yield f"level        {clause.level}: a failure {_WEIGHT[clause.level]}"
    yield f"authority    {clause.authority}{since}"
    yield from _listed("sources", clause.sources)
    yield from _listed("recorded", recorded_lines(clause.sources, clause.judges[0]) or ["nothing, of the real service"])
    yield from _listed("judges", clause.judges)
    yield from _listed(
        "applies", [f"where {CAPABILITIES[name]} ({name})" for name in sorted(clause.needs)] or ["always"]
    )
    yield f"judged by    suites/test_{clause.theme}.py::{clause.function}"
    yield from _listed("catches", _caught(clause.id) or ["no fault of the published proof"])
    yield f"alone        pytest --only={clause.id}"


def _caught(clause: str) -> list[str]:
    faults, _ = published()
    return [
        f"{each.name}: {' '.join(each.does.split())}"
        for each in faults
        if any(name.partition(":")[0] == clause for name in each.checks)
    ]


def _listed(name: str, values: list[str] | tuple[str, ...]) -> Iterator[str]:
    for number, value in enumerate(values):
        first = f"{'' if number else name:<13}"
        yield from textwrap.wrap(
            value,
            _WIDTH,
            initial_indent=first,
            subsequent_indent=" " * 15,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False)
