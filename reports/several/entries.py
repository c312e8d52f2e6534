"""One run among several: what it is called, and what each clause came to in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reports.formats.tally import Result, results_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.vocabulary import Level
    from reports.run import Run

FAULT = "--fault="


@dataclass(frozen=True)
class Standing:
    """What one clause came to in one run: the name of the outcome, in how many checks, and what was seen of it."""

    clause: str
    level: Level
    sentence: str
    name: str
    checks: str
    seen: str


@dataclass(frozen=True)
class Entry:
    """One run, with the name of its file."""

    file: str
    run: Run

    @cached_property
    def target(self) -> str:
        """The name of the target, with the faults that the reference was to make."""
        target = self.run.header.target
        faults = [each.removeprefix(FAULT) for each in target.options if each.startswith(FAULT)]
        return f"{target.name} with {', '.join(faults)}" if faults else target.name

    @property
    def started(self) -> str:
        """The start of the run, in ISO 8601."""
        return self.run.header.started

    @property
    def day(self) -> str:
        """The day on which the run started."""
        return self.started[:10]

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """What each clause came to, by its id."""
        return {result.clause: _standing(self.run, result) for result in results_of(self.run)}

    def counted(self, name: str) -> int:
        """Return how many clauses came to the outcome of this name."""
        return sum(each.name == name for each in self.standings.values())


def _standing(run: Run, result: Result) -> Standing:
    cases = result.cases(result.outcome)
    first, every = cases[0], len(result.judgements)
    checks = f"{len(cases)} of {every} checks" if len(cases) < every else ""
    seen = first.verdict.actual or first.verdict.because
    name = run.name_of(result.outcome, result.level)
    return Standing(result.clause, result.level, first.sentence, name, checks, seen)


def by_target(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """Return the runs of each target, the oldest first; the targets in the order in which they come."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.target, []).append(entry)
    return {target: tuple(sorted(runs, key=lambda each: each.started)) for target, runs in grouped.items()}


def slugs(targets: Iterable[str]) -> dict[str, str]:
    """Return for each target a name that can be that of a file, another one for each."""
    made: dict[str, str] = {}
    for target in targets:
        slug = re.sub(r"[^a-z0-9]+", "-", target[:80].lower()).strip("-") or "target"
        taken = {*made.values()}
        made[target] = next(each for each in (slug, *(f"{slug}-{n}" for n in range(2, 10_000))) if each not in taken)
    return made
