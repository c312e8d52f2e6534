"""Which clauses does a mistake of the endpoint fail? Drives every scenario and judges every clause, without pytest."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from contracts.clauses import Clause, contract
from contracts.judging.judge import Judge, judge
from contracts.judging.verdict import Verdict, gate
from contracts.vocabulary import Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Parts, Reference
from fixtures.reference.faults import FAULTS, Fault
from fixtures.reference.realism import THROTTLING, WITH_EXPIRED, Realism
from fixtures.scenarios.checks import checks
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy
from proof.weakenings import BROKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contracts.judging.exchange import Transcript

WEIGHTY = gate(strict=True)


@cache
def judge_of(clause: Clause) -> Judge:
    """Which function judges the clause?"""
    judge_function: Judge = getattr(importlib.import_module(f"suites.test_{clause.theme}"), clause.function)
    return judge_function


def runner_on(reference: Reference) -> ScenarioRunner:
    """Where are scenarios driven on this reference?"""
    return ScenarioRunner(embedded_target(reference), Identities(Strategy.KEY, {}, None))


def drive(
    parts: Parts | None = None, *, seed: int | None = None, realism: Realism = WITH_EXPIRED
) -> dict[str, Transcript]:
    """What is said in every scenario, in the order in which pytest has them driven, with a reference of these parts?"""
    with Reference.start(seed=seed, parts=parts, realism=realism) as reference:
        runner = runner_on(reference)
        return {name: runner.transcript(name) for name in contract().scenarios}


def verdicts(transcripts: Mapping[str, Transcript]) -> Iterator[Verdict]:
    """What does every clause come to on these transcripts?"""
    for clause in contract().clauses:
        for check in checks(clause):
            yield judge(clause, check.step, judge_of(clause), transcripts[check.scenario], case=check.case)


@dataclass(frozen=True)
class Row:
    """What one fault did: the clauses that it fails, and those in which the suite itself broke."""

    fault: Fault
    failed: frozenset[str]
    broken: frozenset[str]

    @property
    def differs(self) -> str:
        """How does it differ from what the fault says of itself? Empty if it doesn't."""
        differences = {
            "fails unexpectedly": self.failed - self.fault.kills,
            "doesn't fail": self.fault.kills - self.failed,
            BROKEN: self.broken,
        }
        return "; ".join(f"{how} {', '.join(sorted(names))}" for how, names in differences.items() if names)

    @property
    def killed(self) -> bool:
        """Does any clause fail?"""
        return bool(self.failed)


def row(fault: Fault) -> Row:
    """What does the fault do?"""
    found = list(verdicts(drive(fault.parts, realism=fault.realism)))
    return Row(fault, _with(found, Outcome.FAILED), _with(found, Outcome.ERROR))


def rows(names: Iterable[str] = FAULTS) -> Iterator[Row]:
    """What does each of these faults do?"""
    return (row(FAULTS[name]) for name in names)


def unhealthy(seed: int) -> dict[str, str]:
    """Which clauses don't pass on the healthy reference with this seed of ids and orders, and what do they come to?

    With every other seed it refuses calls for their rate: what judges that applies only where it happened.
    """
    realism = THROTTLING if seed % 2 else WITH_EXPIRED
    found = list(verdicts(drive(seed=seed, realism=realism)))
    strange = {each.name: str(each.outcome) for each in found if each.outcome is not Outcome.PASSED}
    for clause in contract().clauses:
        outcomes = {each.outcome for each in found if each.clause == clause.id}
        expected = {Outcome.NOT_APPLICABLE, Outcome.PASSED} if realism.throttles else {Outcome.NOT_APPLICABLE}
        if "throttling" in clause.needs and outcomes == expected:
            strange = {name: outcome for name, outcome in strange.items() if name.partition(":")[0] != clause.id}
    return strange


def survivors(found: Iterable[Row]) -> list[str]:
    """Which clauses of weight does no fault kill?"""
    killed = {clause for each in found for clause in each.failed}
    return [clause.id for clause in contract().clauses if clause.level in WEIGHTY and clause.id not in killed]


def _with(found: Iterable[Verdict], outcome: Outcome) -> frozenset[str]:
    return frozenset(each.clause for each in found if each.outcome is outcome)
