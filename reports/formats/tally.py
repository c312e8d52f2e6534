"""What did each clause come to over all of its cases, and what do clauses that weren't judged have in common?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.vocabulary import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
        """Which clause is it?"""
        return self.judgements[0].verdict.clause

    @property
    def theme(self) -> str:
        """Which theme does it belong to?"""
        return self.judgements[0].theme

    @property
    def level(self) -> Level:
        """How much does its failure weigh?"""
        return self.judgements[0].verdict.level

    @property
    def outcome(self) -> Outcome:
        """What did it come to: the worst over its cases?"""
        return min((each.verdict.outcome for each in self.judgements), key=WORST_FIRST.index)

    @property
    def runs(self) -> tuple[Outcome, ...]:
        """What did it come to in each run: the worst over its cases that were driven in it?"""
        cases = [each.verdict.runs or (each.verdict.outcome,) for each in self.judgements]
        return tuple(
            min((runs[run] for runs in cases if run < len(runs)), key=WORST_FIRST.index)
            for run in range(max(map(len, cases)))
        )

    @property
    def unstable(self) -> tuple[Judgement, ...]:
        """Which of its cases didn't come to the same in every run?"""
        return tuple(each for each in self.judgements if not each.verdict.stable)

    def cases(self, outcome: Outcome) -> tuple[Judgement, ...]:
        """Which of its cases came to this?"""
        return tuple(each for each in self.judgements if each.verdict.outcome is outcome)


@dataclass(frozen=True)
class Group:
    """Clauses, or some of their cases, that came to the same for the same reason."""

    reason: str
    results: tuple[Result, ...]
    outcome: Outcome

    def names(self) -> list[str]:
        """How are the clauses named: with the number of cases, where not all of them came to this?"""
        return [self._name(result) for result in self.results]

    def _name(self, result: Result) -> str:
        concerned, every = len(result.cases(self.outcome)), len(result.judgements)
        return result.clause if concerned == every else f"{result.clause} ({concerned} of {every} cases)"


def results(run: Run) -> tuple[Result, ...]:
    """What did each clause come to, in the order of the stream?"""
    found: dict[str, list[Judgement]] = {}
    for judgement in run.judgements:
        found.setdefault(judgement.verdict.clause, []).append(judgement)
    return tuple(Result(tuple(judgements)) for judgements in found.values())


def counts(found: Iterable[Result], of: Callable[[Result], str]) -> dict[str, Counter[Outcome]]:
    """How many clauses came to what, by a property of theirs?"""
    table: dict[str, Counter[Outcome]] = {}
    for result in found:
        table.setdefault(of(result), Counter())[result.outcome] += 1
    return table


def groups(found: Iterable[Result], outcome: Outcome, reason: Callable[[Judgement], str]) -> tuple[Group, ...]:
    """Which clauses came to this outcome, together with those that did so for the same reason?"""
    by_reason: dict[str, dict[str, Result]] = {}
    for result in found:
        for judgement in result.cases(outcome):
            by_reason.setdefault(reason(judgement), {})[result.clause] = result
    return tuple(Group(text, tuple(concerned.values()), outcome) for text, concerned in by_reason.items())
