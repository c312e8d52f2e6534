"""Run faults: drive the scenarios and judge the clauses without pytest, and compare with what each fault declares."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from contracts import vocabulary
from contracts.clauses import Clause, contract
from contracts.deviations.observation import observe
from contracts.judging.judge import Judge, judge
from contracts.judging.verdict import Verdict, gate
from contracts.vocabulary import Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Parts, Reference
from fixtures.reference.faults import FAULTS, Fault
from fixtures.reference.realism import BUSY, WITH_EXPIRED, Realism
from fixtures.scenarios.checks import checks
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy
from proof.parallel import in_parallel
from proof.weakenings import BROKEN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from contracts.judging.exchange import Transcript

WEIGHTY = gate(strict=True)


@cache
def judge_of(clause: Clause) -> Judge:
    """Return the function that judges the clause."""
    judge_function: Judge = getattr(importlib.import_module(f"suites.test_{clause.theme}"), clause.function)
    return judge_function


def runner_on(reference: Reference) -> ScenarioRunner:
    """Return a runner of scenarios on this reference."""
    return ScenarioRunner(embedded_target(reference), Identities(Strategy.KEY, {}, None))


def drive(
    parts: Parts | None = None,
    *,
    seed: int | None = None,
    realism: Realism = WITH_EXPIRED,
    scenarios: Collection[str] | None = None,
) -> dict[str, Transcript]:
    """Drive these scenarios, or all of them, on a reference of these parts, in the order in which pytest drives them.

    Return the transcripts by scenario.
    """
    with Reference.start(seed=seed, parts=parts, realism=realism) as reference:
        runner = runner_on(reference)
        wanted = (name for name in contract().scenarios if scenarios is None or name in scenarios)
        return {name: runner.transcript(name) for name in wanted}


def verdicts(transcripts: Mapping[str, Transcript], clauses: Iterable[Clause] | None = None) -> Iterator[Verdict]:
    """Judge these clauses, or all of them, on these transcripts."""
    for clause in contract().clauses if clauses is None else clauses:
        for check in checks(clause):
            yield judge(clause, check.step, judge_of(clause), transcripts[check.scenario], case=check.case)


@dataclass(frozen=True)
class Row:
    """One fault with the clauses that it fails, and those in which the suite itself broke.

    ``checks`` are the failed checks, each with the digest of what it came to see.
    """

    fault: Fault
    failed: frozenset[str]
    broken: frozenset[str]
    checks: Mapping[str, str] = field(default_factory=dict)

    @property
    def differs(self) -> str:
        """How the failed clauses differ from those that the fault declares; empty if they don't."""
        differences = {
            "fails unexpectedly": self.failed - self.fault.kills,
            "doesn't fail": self.fault.kills - self.failed,
            BROKEN: self.broken,
        }
        return "; ".join(f"{how} {', '.join(sorted(names))}" for how, names in differences.items() if names)

    @property
    def killed(self) -> bool:
        """Whether any clause fails."""
        return bool(self.failed)


def row(fault: Fault) -> Row:
    """Run the fault, and leave out the clauses that it fails by chance."""
    transcripts = drive(fault.parts, realism=fault.realism)
    every = verdicts(transcripts)
    judged = [each for each in every if each.outcome is not Outcome.FAILED or each.clause not in fault.by_chance]
    failed = (each for each in judged if each.outcome is Outcome.FAILED)
    checks = {each.name: observe(each, transcripts.values()).digest for each in failed}
    return Row(fault, _with(judged, Outcome.FAILED), _with(judged, Outcome.ERROR), checks)


def rows(names: Iterable[str] = FAULTS) -> Iterator[Row]:
    """Run each of these faults, several at once, and yield their rows in their order."""
    names = [*names]
    for name, came_to in zip(names, in_parallel(_came_to, names), strict=True):
        yield Row(FAULTS[name], *came_to)


def _came_to(name: str) -> tuple[frozenset[str], frozenset[str], Mapping[str, str]]:
    """Return the row of this fault without the fault, whose parts can't be handed to another process."""
    made = row(FAULTS[name])
    return made.failed, made.broken, made.checks


def unhealthy(seed: int) -> dict[str, str]:
    """Return the checks that don't pass on the healthy reference with this seed of ids and orders, with their outcomes.

    With every other seed it is busy at first. The clauses on that apply only where it happened.
    """
    realism = BUSY if seed % 2 else WITH_EXPIRED
    judged = list(verdicts(drive(seed=seed, realism=realism)))
    strange = {each.name: str(each.outcome) for each in judged if each.outcome is not Outcome.PASSED}
    for clause in contract().clauses:
        outcomes = {each.outcome for each in judged if each.clause == clause.id}
        expected = {Outcome.NOT_APPLICABLE, Outcome.PASSED} if realism.throttles else {Outcome.NOT_APPLICABLE}
        if vocabulary.BUSY in clause.needs and outcomes == expected:
            strange = {name: outcome for name, outcome in strange.items() if name.partition(":")[0] != clause.id}
    return strange


def survivors(rows: Iterable[Row]) -> list[str]:
    """Return the required and recommended clauses that no fault fails."""
    killed = {clause for each in rows for clause in each.failed}
    return [clause.id for clause in contract().clauses if clause.level in WEIGHTY and clause.id not in killed]


def _with(judged: Iterable[Verdict], outcome: Outcome) -> frozenset[str]:
    return frozenset(each.clause for each in judged if each.outcome is outcome)
