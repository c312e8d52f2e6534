"""Does every mistake that an endpoint can make fail exactly the clauses that it should, and no sound endpoint any?"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from contracts.clauses import contract
from contracts.vocabulary import Level, Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Parts, Reference
from fixtures.reference.faults import FAULTS, UnknownFault, fault
from fixtures.reference.faults.wire import SLOW_SECONDS
from proof.matrix import drive, unhealthy, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.judging.verdict import Verdict

SEEDS = 20
ONLY_ADVISORY = {
    "array-unwrapped",
    "expired-is-canceled",
    "malformed-json-is-empty",
    "message-of-own-wording",
    "operation-guessed",
    "scope-unchecked",
    "signature-unchecked",
    "state-checked-before-caller",
    "stranger-gets-not-in-use",
    "timestamps-in-microseconds",
    "unsigned-allowed",
}
"""The faults about which nothing stronger is known than what advisory clauses say."""


@cache
def judged(name: str) -> tuple[Verdict, ...]:
    return tuple(verdicts(drive(fault(name).parts, seed=1, realism=fault(name).realism)))


def clauses(found: Iterable[Verdict], outcome: Outcome) -> set[str]:
    return {verdict.clause for verdict in found if verdict.outcome is outcome}


def gating() -> set[str]:
    return {clause.id for clause in contract().clauses if clause.level is not Level.ADVISORY}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_the_clauses_that_it_names_and_no_other(name: str) -> None:
    found = judged(name)
    assert [verdict for verdict in found if verdict.outcome is Outcome.ERROR] == []
    assert sorted(clauses(found, Outcome.FAILED)) == sorted(fault(name).kills)


def test_every_clause_that_decides_a_gate_is_failed_by_some_fault() -> None:
    assert gating() - {clause for each in FAULTS.values() for clause in each.kills} == set()


def test_every_fault_fails_a_clause_that_decides_a_gate_unless_nothing_certain_is_known() -> None:
    assert {name for name, each in FAULTS.items() if not each.kills & gating()} == ONLY_ADVISORY
    assert [name for name, each in FAULTS.items() if not each.kills] == []


def test_a_fault_names_clauses_that_the_contract_has() -> None:
    known = {clause.id for clause in contract().clauses}
    assert {name: each.kills - known for name, each in FAULTS.items() if each.kills - known} == {}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_sound_reference_passes_everything(seed: int) -> None:
    assert unhealthy(seed) == {}


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) >= 70


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_a_name_a_sentence_and_one_part_of_its_own(name: str) -> None:
    found = fault(name)
    assert found.name == name
    assert re.fullmatch(r"[a-z]+[0-9]*(-[a-z0-9]+)+", name)
    assert re.fullmatch(r"[A-Z`][^\n]{20,}\.", found.does)
    own = [part for part, sound in vars(Parts()).items() if getattr(found.parts, part) is not sound]
    assert len(own) == 1


def test_no_two_faults_say_the_same() -> None:
    assert len({each.does for each in FAULTS.values()}) == len(FAULTS)


def test_the_slow_answer_takes_longer_than_the_matrix_waits() -> None:
    with Reference.start() as reference:
        assert embedded_target(reference).timeout < SLOW_SECONDS


def test_an_unknown_name_is_told_with_the_ones_that_resemble_it() -> None:
    with pytest.raises(UnknownFault, match="there is no fault 'cancel-not-store'; did you mean cancel-not-stored"):
        fault("cancel-not-store")


def test_a_name_that_resembles_none_is_told_with_all_of_them() -> None:
    with pytest.raises(UnknownFault, match=rf"the {len(FAULTS)} faults are .*cancel-not-stored"):
        fault("?")
