"""The table of states and callers: what the contract says of each pair, and what the target did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.judging.summary import answer_summary
from contracts.transitions import TABLE, Cell, states
from contracts.vocabulary import Actor
from reports.formats.tally import WORST_FIRST, Result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.judging.exchange import Exchange
    from reports.run import Judgement, Run


@dataclass(frozen=True)
class Judged:
    """One pair of a state and a caller: what the contract says of it, and the clauses that judged it in the run.

    ``outcome`` is the name of the worst outcome, empty where no clause judged it; ``answers`` are what the target
    answered, each once, in a few words.
    """

    state: str
    actor: Actor
    cell: Cell
    results: tuple[Result, ...]
    outcome: str
    answers: tuple[str, ...]

    @property
    def promised(self) -> str:
        """The contract in a few words."""
        if not self.cell.refused:
            return "canceled"
        return f"refused, {' or '.join(self.cell.codes)}" if self.cell.codes else "refused"


def cells(run: Run) -> tuple[tuple[Judged, ...], ...]:
    """Return a row for each state, with a cell for each caller."""
    by_clause: dict[str, list[Judgement]] = {}
    for each in run.judgements:
        by_clause.setdefault(each.verdict.clause, []).append(each)
    exchanges = {each.id: each for each in run.exchanges}
    return tuple(tuple(_judged(run, state, actor, by_clause, exchanges) for actor in Actor) for state in states())


def _judged(
    run: Run, state: str, actor: Actor, by_clause: dict[str, list[Judgement]], exchanges: dict[str, Exchange]
) -> Judged:
    cell = TABLE[state, actor]
    results = []
    for clause in cell.clauses:
        concerned = tuple(each for each in by_clause.get(clause, ()) if _is_about(each, clause, state))
        if concerned:
            results.append(Result(concerned))
    worst = min(results, key=lambda each: WORST_FIRST.index(each.outcome), default=None)
    name = run.name_of(worst.outcome, worst.level) if worst else ""
    return Judged(state, actor, cell, tuple(results), name, tuple(dict.fromkeys(_answers(results, actor, exchanges))))


def _answers(results: Iterable[Result], actor: Actor, exchanges: dict[str, Exchange]) -> Iterable[str]:
    for result in results:
        for each in result.judgements:
            judged = next((exchanges[name] for name in each.verdict.exchanges[:1] if name in exchanges), None)
            if judged is not None and judged.actor == actor:
                yield answer_summary(judged)


def _is_about(judgement: Judgement, clause: str, state: str) -> bool:
    """Return whether the check is about this state: one of a clause on several states is named after its own."""
    several = sum(clause in cell.clauses for cell in TABLE.values()) > 1
    return not several or judgement.verdict.case.endswith(f"-{state.lower()}")
