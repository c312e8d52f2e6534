"""Whether what a check came to see is what an entry has on file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from contracts.deviations.entries import Deviation
    from contracts.deviations.observation import Observation
    from contracts.judging.verdict import Verdict

WRONG = frozenset({Outcome.FAILED, Outcome.BLOCKED})
"""The outcomes of which an entry can be on file: what is blocked may follow from a deviation that is."""
SOON = timedelta(days=14)
"""How long before its end a deviation is announced to end."""


@dataclass(frozen=True)
class Filed:
    """An entry with its state after a run: ``known``, ``mended``, ``changed``, ``expired`` or ``not judged``."""

    entry: Deviation
    state: str


def on_file(verdict: Verdict, observed: Observation, entries: Iterable[Deviation]) -> Verdict:
    """Return the verdict with the entries applied.

    A check that failed or was blocked is known if one of them has on file what it came to see.
    """
    if verdict.outcome not in WRONG:
        return verdict
    covering = [entry for entry in entries if entry.covers(verdict.clause, verdict.case)]
    for entry in covering:
        if entry.observed == observed:
            return replace(verdict, outcome=Outcome.KNOWN, because=entry.reason, deviation=entry.place)
    if not covering:
        return verdict
    return replace(verdict, because=f"not as on file, in {covering[0].place}: {_told(covering[0].observed)}")


def _told(observed: Observation) -> str:
    answer = f"HTTP {observed.status} {observed.code}".rstrip() if observed.status else "no answer"
    return f"{answer}, {observed.actual}"


def filed(entries: Iterable[Deviation], verdicts: Iterable[Verdict], today: date) -> tuple[Filed, ...]:
    """Return every entry with its state after these verdicts, on this day."""
    judged = [*verdicts]
    return tuple(Filed(entry, _state(entry, judged, today)) for entry in entries)


def _state(entry: Deviation, verdicts: Iterable[Verdict], today: date) -> str:
    covered = [each for each in verdicts if entry.covers(each.clause, each.case)]
    outcomes = {each.outcome for each in covered}
    if entry.until < today:
        return "expired"
    if any(each.deviation == entry.place for each in covered):
        return "known"
    if outcomes & WRONG:
        return "changed"
    return "mended" if outcomes & {Outcome.PASSED, Outcome.KNOWN} else "not judged"


_REMEDIES = {"mended": "mended: remove it", "changed": "another wrong answer now", "expired": "past its date"}


def outdated(entries: Iterable[Filed]) -> tuple[str, ...]:
    """Return for each entry that has to be changed which it is and why, in a few words."""
    return tuple(
        f"{each.entry.place}, {each.entry.clause} ({_REMEDIES[each.state]})"
        for each in entries
        if each.state in _REMEDIES
    )


def ending(entries: Iterable[Filed], today: date) -> str:
    """Return how many of the known deviations end soon, and nothing if none does."""
    soon = [each for each in entries if each.state == "known" and each.entry.until - today <= SOON]
    return f"{len(soon)} end{'s' * (len(soon) == 1)} within {SOON.days} days" if soon else ""
