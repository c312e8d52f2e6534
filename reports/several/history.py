"""The runs of each target over time: what broke, what was mended, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.vocabulary import NOT_COUNTED
from reports.several.entries import Entry, Standing, by_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BROKE, MENDED, UNJUDGED, NEW, GONE = "broke", "mended", "no longer judged", "new", "gone"
KINDS = (BROKE, MENDED, UNJUDGED, NEW, GONE)
"""The kinds of events, in the order in which they are told."""
_WRONG = frozenset({"failed", NOT_COUNTED, "error", "known"})
_JUDGED = _WRONG | {"passed"}


@dataclass(frozen=True)
class Event:
    """What happened to one clause from an earlier run to this one."""

    kind: str
    clause: str
    entry: Entry
    seen: str = ""


@dataclass(frozen=True)
class Since:
    """A clause that is wrong in the newest run that judged it, and the first of the runs in which it has been so.

    ``passed`` is the last run in which it passed, None if none did.
    """

    standing: Standing
    first: Entry
    passed: Entry | None


@dataclass(frozen=True)
class History:
    """The runs of one target, the oldest first, with the events in the same order and what is wrong now."""

    target: str
    entries: tuple[Entry, ...]
    events: tuple[Event, ...]
    wrong: tuple[Since, ...]

    def of(self, entry: Entry, kind: str) -> tuple[Event, ...]:
        """Return the events of this kind in this run."""
        return tuple(each for each in self.events if each.entry is entry and each.kind == kind)


def histories(entries: Iterable[Entry]) -> tuple[History, ...]:
    """Return the history of each target."""
    return tuple(_history(target, runs) for target, runs in by_target(entries).items())


def _history(target: str, runs: tuple[Entry, ...]) -> History:
    clauses = dict.fromkeys(clause for entry in runs for clause in entry.standings)
    events = [event for clause in clauses for event in _events(clause, runs)]
    place = {id(entry): number for number, entry in enumerate(runs)}
    ordered = sorted(events, key=lambda event: (place[id(event.entry)], KINDS.index(event.kind)))
    wrong = [since for clause in clauses if (since := _since(clause, runs)) is not None]
    return History(target, runs, tuple(ordered), tuple(wrong))


def _events(clause: str, runs: tuple[Entry, ...]) -> Iterator[Event]:
    """Yield what happened to the clause. A run that didn't judge it parts no others."""
    judged: Standing | None = None
    before: Standing | None = None
    for number, entry in enumerate(runs):
        now = entry.standings.get(clause)
        if now is None or (before is None and number):
            if (now is None) != (before is None):
                yield Event(GONE if now is None else NEW, clause, entry)
        elif before is not None and before.name in _JUDGED and now.name not in _JUDGED:
            yield Event(UNJUDGED, clause, entry, now.seen)
        if now is not None and now.name in _JUDGED:
            if judged is not None and (judged.name in _WRONG) != (now.name in _WRONG):
                yield Event(BROKE if now.name in _WRONG else MENDED, clause, entry, now.seen)
            judged = now
        before = now


def _since(clause: str, runs: tuple[Entry, ...]) -> Since | None:
    judged = [entry for entry in runs if clause in entry.standings and entry.standings[clause].name in _JUDGED]
    passed = [number for number, entry in enumerate(judged) if entry.standings[clause].name not in _WRONG]
    start = passed[-1] + 1 if passed else 0
    if start >= len(judged):
        return None
    return Since(judged[-1].standings[clause], judged[start], judged[start - 1] if passed else None)
