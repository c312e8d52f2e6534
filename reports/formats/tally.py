"""What each clause came to over all of its cases, and what the clauses that weren't judged have in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.vocabulary import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reports.run import Judgement, Run

WORST_FIRST = (
    Outcome.ERROR,
    Outcome.FAILED,
    Outcome.BLOCKED,
    Outcome.NOT_IMPLEMENTED,
    Outcome.KNOWN,
    Outcome.PASSED,
    Outcome.NOT_APPLICABLE,
)


@dataclass(frozen=True)
class Result:
    """One clause with its judgements, one for each case."""

    judgements: tuple[Judgement, ...]

    @property
    def clause(self) -> str:
        """The clause's id."""
        return self.judgements[0].verdict.clause

    @property
    def theme(self) -> str:
        """The clause's theme."""
        return self.judgements[0].theme

    @property
    def level(self) -> Level:
        """The clause's level."""
        return self.judgements[0].verdict.level

    @property
    def outcome(self) -> Outcome:
        """The worst outcome over its cases."""
        return min((each.verdict.outcome for each in self.judgements), key=WORST_FIRST.index)

    @property
    def runs(self) -> tuple[Outcome, ...]:
        """The outcome in each run: the worst over the cases that were driven in it."""
        cases = [each.verdict.runs or (each.verdict.outcome,) for each in self.judgements]
        return tuple(
            min((runs[run] for runs in cases if run < len(runs)), key=WORST_FIRST.index)
            for run in range(max(map(len, cases)))
        )

    @property
    def unstable(self) -> tuple[Judgement, ...]:
        """Its cases that didn't come to the same outcome in every run."""
        return tuple(each for each in self.judgements if not each.verdict.stable)

    def cases(self, outcome: Outcome) -> tuple[Judgement, ...]:
        """Return its cases that came to this outcome."""
        return tuple(each for each in self.judgements if each.verdict.outcome is outcome)


@dataclass(frozen=True)
class Group:
    """Clauses that came to one outcome, in all of their cases or in some, for the same reason.

    ``example`` is a judgement with that reason.
    """

    example: Judgement
    results: tuple[Result, ...]
    outcome: Outcome

    @property
    def partial(self) -> tuple[Result, ...]:
        """The clauses of which other cases came to another outcome."""
        return tuple(each for each in self.results if len(each.cases(self.outcome)) < len(each.judgements))

    def names(self) -> list[str]:
        """Return the clauses' ids, with the number of cases where not all of them came to this outcome."""
        return [self._name(result) for result in self.results]

    def _name(self, result: Result) -> str:
        concerned, every = len(result.cases(self.outcome)), len(result.judgements)
        return result.clause if concerned == every else f"{result.clause} ({concerned} of {every} checks)"


def results_of(run: Run) -> tuple[Result, ...]:
    """Return what each clause came to, in the order of the stream."""
    by_clause: dict[str, list[Judgement]] = {}
    for judgement in run.judgements:
        by_clause.setdefault(judgement.verdict.clause, []).append(judgement)
    return tuple(Result(tuple(judgements)) for judgements in by_clause.values())


def counts(run: Run, results: Iterable[Result], key: Callable[[Result], str]) -> dict[str, Counter[str]]:
    """Return how many clauses came to which outcome, by the key of each clause and the outcome's name in reports."""
    table: dict[str, Counter[str]] = {}
    for result in results:
        table.setdefault(key(result), Counter())[run.name_of(result.outcome, result.level)] += 1
    return table


def groups(results: Iterable[Result], outcome: Outcome, key: Callable[[Judgement], str]) -> tuple[Group, ...]:
    """Return the clauses with this outcome, grouped by the key of their judgements.

    A clause stands in one group only: where its cases differ, in that of the key that most of them share.
    """
    by_key: dict[str, tuple[Judgement, list[Result]]] = {}
    for result in results:
        if cases := result.cases(outcome):
            ((shared, _),) = Counter(map(key, cases)).most_common(1)
            example = next(each for each in cases if key(each) == shared)
            by_key.setdefault(shared, (example, []))[1].append(result)
    return tuple(Group(example, tuple(concerned), outcome) for example, concerned in by_key.values())


def abridged(names: Sequence[str], most: int) -> str:
    """Return the first names and the number of those left out."""
    left_out = len(names) - most
    return ", ".join(names[:most]) + (f" and {left_out} more" if left_out > 0 else "")
