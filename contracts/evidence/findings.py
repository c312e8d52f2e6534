"""What a run confirms, contradicts and newly settles of the contract, clause by clause."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.clauses import Clause, contract
from contracts.vocabulary import Authority, Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.evidence.report import Report
    from contracts.judging.verdict import Verdict


class Effect(StrEnum):
    """What a run does to a clause."""

    CONTRADICTS = "contradicts"
    SETTLES = "newly settles"
    CONFIRMS = "confirms"
    NOTHING = "says nothing of"


@dataclass(frozen=True)
class Finding:
    """What a run does to one clause: its authority ``before``, and what it could be ``now`` (empty: the same).

    ``detail`` is the difference where the run contradicts it, and the reason where the run says nothing of it.
    """

    clause: str
    level: Level
    effect: Effect
    before: str
    now: str = ""
    detail: str = ""


def findings(report: Report) -> tuple[Finding, ...]:
    """Return what the run does to every clause, in the order of effects, levels and the contract."""
    verdicts: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        verdicts.setdefault(verdict.clause, []).append(verdict)
    found = (_finding(clause, verdicts.get(clause.id, []), report.day) for clause in contract().clauses)
    return tuple(sorted(found, key=lambda each: ([*Effect].index(each.effect), [*Level].index(each.level))))


def authority(clause: Clause) -> str:
    """Return the authority of the clause in words, with the day of its observation."""
    return f"{clause.authority} {clause.observed}".strip()


def _finding(clause: Clause, verdicts: list[Verdict], day: str) -> Finding:
    before = authority(clause)
    observed = "" if clause.authority in {Authority.INFERRED, Authority.OBSERVED} else f"{clause.authority}, "
    if against := [each for each in verdicts if each.outcome in {Outcome.FAILED, Outcome.KNOWN}]:
        now = f"{observed}observed otherwise {day}"
        return Finding(clause.id, clause.level, Effect.CONTRADICTS, before, now, "; ".join(_differences(against)))
    passed = sum(each.outcome is Outcome.PASSED for each in verdicts)
    if not passed:
        return Finding(clause.id, clause.level, Effect.NOTHING, before, detail=_reason(verdicts))
    # What was observed on other operations only is an inference for this one.
    unseen = clause.authority is Authority.INFERRED or "," in clause.observed
    effect = Effect.SETTLES if unseen else Effect.CONFIRMS
    part = f"in {passed} of {len(verdicts)} cases" if passed < len(verdicts) else ""
    return Finding(clause.id, clause.level, effect, before, f"{observed}observed {day}", part)


def _differences(verdicts: Iterable[Verdict]) -> Iterable[str]:
    """Return each difference once, with the exchanges that show it."""
    cases: dict[str, list[str]] = {}
    for each in verdicts:
        difference = f"expected {each.expected}, actual {each.actual}"
        if each.outcome is Outcome.KNOWN:
            difference = f"a deviation on file: {each.because}"
        cases.setdefault(difference, []).append(each.case or next(iter(each.exchanges), ""))
    return (f"{difference} ({', '.join(filter(None, shown))})" for difference, shown in cases.items())


def _reason(verdicts: list[Verdict]) -> str:
    if not verdicts:
        return "the run did not ask for it"
    return "; ".join(dict.fromkeys(f"{each.outcome}: {each.because.strip().splitlines()[-1]}" for each in verdicts))
