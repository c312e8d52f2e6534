"""Which clauses does a mistake of the endpoint fail? Drives every scenario and judges every clause, without pytest."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache

from contracts.clauses import Clause, contract
from contracts.exchange import Transcript
from contracts.handover import EMBEDDED, Capability
from contracts.judging import Check, judge
from contracts.verdict import Verdict
from fixtures.actors import Cast, Strategy
from fixtures.reference import Parts, Reference
from fixtures.scenarios import SCENARIOS, questions
from fixtures.stage import Stage
from fixtures.target import Target

TIMEOUT = 2.0
CAN = Capability(present=True, how="declared: the reference")


@cache
def check_of(clause: Clause) -> Check:
    """Which function judges the clause?"""
    check: Check = getattr(importlib.import_module(f"suites.test_{clause.theme}"), clause.function)
    return check


def drive(parts: Parts | None = None, *, seed: int | None = None) -> dict[str, Transcript]:
    """What is said in every scenario, with a reference made of these parts?"""
    with Reference.start(seed=seed, parts=parts) as reference:
        target = Target(
            EMBEDDED,
            reference.url,
            reference.region,
            Strategy.KEY,
            timeout=TIMEOUT,
            settle=0.0,
            capabilities=dict.fromkeys(("recipient", "member", "stranger", "signatures"), CAN),
        )
        stage = Stage(target, Cast(Strategy.KEY, {}, None))
        return {name: stage.transcript(name) for name in SCENARIOS}


def verdicts(transcripts: dict[str, Transcript]) -> Iterator[Verdict]:
    """What does every clause come to on these transcripts?"""
    for clause in contract().clauses:
        for question in questions(clause):
            yield judge(clause, question.step, check_of(clause), transcripts[question.scenario], case=question.case)
