"""The table of states, callers and actions: what the contract says of each cell, and what the target did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.actions import TABLE, is_about
from contracts.judging.summary import answer_summary
from contracts.vocabulary import INVITATION, Actor
from reports.formats.tally import WORST_FIRST, Result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.judging.exchange import Exchange
    from contracts.transitions import Cell
    from reports.run import Judgement, Run


@dataclass(frozen=True)
class Judged:
    """One state and caller for an action: what the contract says of it, and the clauses that judged it in the run.

    ``outcome`` is the name of the worst outcome, empty where no clause judged it; ``answers`` are what the target
    answered, each once, in a few words.
    """

    action: str
    state: str
    actor: Actor
    cell: Cell
    results: tuple[Result, ...]
    outcome: str
    answers: tuple[str, ...]

    @property
    def row(self) -> str:
        """What its row of the table is called."""
        return row_name(self.action, self.state)

    @property
    def promised(self) -> str:
        """The contract in a few words."""
        if not self.cell.refused:
            return "canceled"
        return f"refused, {' or '.join(self.cell.codes)}" if self.cell.codes else "refused"


def row_name(action: str, state: str) -> str:
    """Return what a row is called: the state, and the action where it isn't the usual one."""
    return state if action == INVITATION else f"{state} ({action})"


def judged_rows() -> tuple[tuple[str, str], ...]:
    """Return the action and state of each row: all states of an invitation, and those of others that clauses judge."""
    rows = dict.fromkeys((action, state) for action, state, _ in TABLE)
    return tuple(
        (action, state)
        for action, state in rows
        if action == INVITATION or any(TABLE[action, state, actor].clauses for actor in Actor)
    )


def cells(run: Run) -> tuple[tuple[Judged, ...], ...]:
    """Return the rows of the table, with a cell for each caller."""
    by_clause: dict[str, list[Judgement]] = {}
    for each in run.judgements:
        by_clause.setdefault(each.verdict.clause, []).append(each)
    exchanges = {each.id: each for each in run.exchanges}
    return tuple(tuple(_judged(run, (*row, actor), by_clause, exchanges) for actor in Actor) for row in judged_rows())


def _judged(
    run: Run, place: tuple[str, str, Actor], by_clause: dict[str, list[Judgement]], exchanges: dict[str, Exchange]
) -> Judged:
    cell = TABLE[place]
    results = []
    for clause in cell.clauses:
        checks = by_clause.get(clause, ())
        if concerned := tuple(each for each in checks if is_about(place, clause, each.verdict.case)):
            results.append(Result(concerned))
    worst = min(results, key=lambda each: WORST_FIRST.index(each.outcome), default=None)
    name = run.name_of(worst.outcome, worst.level) if worst else ""
    return Judged(*place, cell, tuple(results), name, tuple(dict.fromkeys(_answers(results, place[2], exchanges))))


def _answers(results: Iterable[Result], actor: Actor, exchanges: dict[str, Exchange]) -> Iterable[str]:
    for result in results:
        for each in result.judgements:
            judged = next((exchanges[name] for name in each.verdict.exchanges[:1] if name in exchanges), None)
            if judged is not None and judged.actor == actor:
                yield answer_summary(judged)
