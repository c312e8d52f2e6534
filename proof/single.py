"""The proof of one clause: the healthy reference passes it, and exactly the faults that declare it fail it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts import vocabulary
from contracts.clauses import Clause, contract
from contracts.vocabulary import Outcome
from fixtures.reference.faults import FAULTS
from fixtures.reference.realism import BUSY, WITH_EXPIRED
from fixtures.scenarios.checks import checks
from proof.matrix import WEIGHTY, drive, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.judging.verdict import Verdict
    from fixtures.reference.faults import Fault

_EVERY = 25


def prove(name: str) -> int:
    """Prove the clause of this id, print what was found, and return the exit status: 0 if it is proven, else 1.

    Every fault is run, and only the scenarios that the clause judges are driven.
    """
    clause = contract()[name]
    declared = [fault for fault in FAULTS.values() if name in fault.kills]
    others = [fault for fault in FAULTS.values() if name not in fault.kills | fault.by_chance]
    print(f"{clause.id} ({clause.level}): {clause.sentence}", flush=True)
    problems = _healthy(clause)
    caught, missed = _run_declared(clause, declared)
    unexpected = _run_others(clause, others)
    print(f"caught by the clause: {_names(caught)}")
    print(f"declared, but not caught: {_names(missed)}")
    print(f"caught, but not declared: {_names(unexpected)}")
    if clause.level in WEIGHTY and not caught:
        problems.append("no fault fails it; write one that does, and declare the clause there")
    proven = not (problems or missed or unexpected)
    print(f"{clause.id}: {'PROVEN' if proven else 'NOT PROVEN'}{''.join(f'; {problem}' for problem in problems)}")
    return not proven


def _healthy(clause: Clause) -> list[str]:
    """Judge the clause on the healthy reference, and say which of its checks don't pass."""
    realism = BUSY if vocabulary.BUSY in clause.needs else WITH_EXPIRED
    judged = list(verdicts(drive(realism=realism, scenarios=_scenarios(clause)), (clause,)))
    passed = any(each.outcome is Outcome.PASSED for each in judged)
    # The target doesn't happen to be busy in every scenario.
    allowed = {Outcome.PASSED, Outcome.NOT_APPLICABLE} if realism.throttles and passed else {Outcome.PASSED}
    problems = [each for each in judged if each.outcome not in allowed]
    print(f"  healthy reference: {len(judged) - len(problems)} of {len(judged)} checks as expected", flush=True)
    return [f"healthy reference: {_problem(each)}" for each in problems]


def _problem(verdict: Verdict) -> str:
    difference = f"expected {verdict.expected}, actual {verdict.actual}"
    return f"{verdict.name} {verdict.outcome}: {verdict.because.strip() or difference}"


def _run_declared(clause: Clause, faults: list[Fault]) -> tuple[list[str], list[str]]:
    caught: list[str] = []
    missed: list[str] = []
    for number, fault in enumerate(faults, 1):
        noticed = _notices(clause, fault)
        (caught if noticed else missed).append(fault.name)
        print(f"  {number:>3} of {len(faults)}: {fault.name:<45} {'caught' if noticed else 'NOT CAUGHT'}", flush=True)
    return caught, missed


def _run_others(clause: Clause, faults: list[Fault]) -> list[str]:
    unexpected = []
    for number, fault in enumerate(faults, 1):
        if _notices(clause, fault):
            unexpected.append(fault.name)
            print(f"  {number} of {len(faults)} others: {fault.name:<38} CAUGHT, NOT DECLARED", flush=True)
        elif number % _EVERY == 0 or number == len(faults):
            print(f"  {number} of {len(faults)} others", flush=True)
    return unexpected


def _notices(clause: Clause, fault: Fault) -> bool:
    """Return whether the clause fails with the fault.

    A result other than the declared one is confirmed with all scenarios: some faults err on the first call only.
    """
    failed = _fails(clause, fault, _scenarios(clause))
    return failed if failed == (clause.id in fault.kills) else _fails(clause, fault, None)


def _fails(clause: Clause, fault: Fault, scenarios: set[str] | None) -> bool:
    transcripts = drive(fault.parts, realism=fault.realism, scenarios=scenarios)
    return any(each.outcome is Outcome.FAILED for each in verdicts(transcripts, (clause,)))


def _scenarios(clause: Clause) -> set[str]:
    return {check.scenario for check in checks(clause)}


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
