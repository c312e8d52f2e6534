"""Every fault fails exactly the clauses that it names, and a sound reference fails none."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from contracts.clauses import THEMES, contract
from contracts.vocabulary import Level, Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Parts, Reference
from fixtures.reference.faults import (
    FAULTS,
    DuplicateFault,
    FaultError,
    UnknownClause,
    UnknownFault,
    check_faults,
    fault,
    races,
)
from fixtures.reference.faults.aftermath.refusals import SLOW_SECONDS
from fixtures.reference.faults.registry import Registry, check_clauses, kills
from fixtures.reference.protocol.rendering import Renderer
from proof.matrix import drive, unhealthy, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contracts.judging.verdict import Verdict

SEEDS = 20
ONLY_ADVISORY = {
    "manager-is-party",
    "transfer-lacks-recipient",
    "expired-is-checked-first",
    "forgotten-is-denied",
    "array-unwrapped",
    "denial-tells-the-organization",
    "denial-tells-the-party",
    "content-type-case-sensitive",
    "expired-is-canceled",
    "malformed-json-is-empty",
    "message-of-own-wording",
    "operation-guessed",
    "retry-answered-from-memory",
    "scope-unchecked",
    "signature-unchecked",
    "state-checked-before-caller",
    "canceled-others-again-succeed",
    "parent-has-prefix",
    "stranger-may-describe",
    "timestamps-in-microseconds",
    "unsigned-allowed",
}
"""The faults that only advisory clauses notice, because nothing certain is known about them."""


@cache
def judged(name: str) -> tuple[Verdict, ...]:
    return tuple(verdicts(drive(fault(name).parts, seed=1, realism=fault(name).realism)))


def clauses(judgements: Iterable[Verdict], outcome: Outcome) -> set[str]:
    return {verdict.clause for verdict in judgements if verdict.outcome is outcome}


def gating() -> set[str]:
    return {clause.id for clause in contract().clauses if clause.level is not Level.ADVISORY}


@pytest.mark.long
@pytest.mark.parametrize("name", [*FAULTS][::40])  # `make proof` runs all of them
def test_a_fault_fails_the_clauses_that_it_names_and_no_other(name: str) -> None:
    judgements = judged(name)
    assert [verdict for verdict in judgements if verdict.outcome is Outcome.ERROR] == []
    assert sorted(clauses(judgements, Outcome.FAILED) - fault(name).by_chance) == sorted(fault(name).kills)


def test_every_clause_that_decides_a_gate_is_failed_by_some_fault() -> None:
    assert gating() - {clause for each in FAULTS.values() for clause in each.kills} == set()


def test_every_fault_fails_a_clause_that_decides_a_gate_unless_nothing_certain_is_known() -> None:
    assert {name for name, each in FAULTS.items() if not each.kills & gating()} == ONLY_ADVISORY
    assert [name for name, each in FAULTS.items() if not each.kills] == []


def test_a_fault_names_clauses_that_the_contract_has() -> None:
    check_faults({clause.id for clause in contract().clauses})


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_stands_in_the_file_of_a_theme_that_it_fails_a_clause_of(name: str) -> None:
    theme = fault(name).module.removeprefix("fixtures.reference.faults.").partition(".")[0]
    assert theme in THEMES
    assert theme in {clause.partition(".")[0] for clause in fault(name).kills}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_sound_reference_passes_everything(seed: int) -> None:
    assert unhealthy(seed) == {}


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) >= 70


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_a_name_a_sentence_and_one_part_of_its_own(name: str) -> None:
    named = fault(name)
    assert named.name == name
    assert re.fullmatch(r"[a-z]+[0-9]*(-[a-z0-9]+)+", name)
    assert re.fullmatch(r"[A-Z`][^\n]{20,}\.", named.does)
    own = [part for part, sound in vars(Parts()).items() if getattr(named.parts, part) is not sound]
    assert len(own) == 1


def test_no_two_faults_say_the_same() -> None:
    assert len({each.does for each in FAULTS.values()}) == len(FAULTS)


def test_the_slow_answer_takes_longer_than_the_matrix_waits() -> None:
    with Reference.start() as reference:
        assert embedded_target(reference).timeout < SLOW_SECONDS
        assert 2 * embedded_target(reference).timeout < races.SLOW_SECONDS


def test_an_unknown_name_is_an_error_with_the_names_that_resemble_it() -> None:
    with pytest.raises(UnknownFault, match="there is no fault 'cancel-not-store'; did you mean cancel-not-stored"):
        fault("cancel-not-store")


def test_a_name_that_resembles_none_is_an_error_with_all_names() -> None:
    with pytest.raises(UnknownFault, match=rf"--list-faults` prints all {len(FAULTS)}"):
        fault("?")


def declare(registry: Registry, module: str, *clauses: str) -> None:
    """Declare a fault named message-shouted in this module."""
    part = type("MessageShouted", (Renderer,), {"__module__": module, "__doc__": "A message is in upper case."})
    kills(*clauses, registry=registry)(part)


def test_two_faults_of_one_name_are_an_error_where_faults_are_used_that_names_both_files() -> None:
    registry = Registry()
    declare(registry, "faults.errors", "errors.message-text")
    assert [*registry] == ["message-shouted"]
    declare(registry, "faults.wire", "errors.message-text")
    declare(registry, "faults.callers", "errors.message-text")
    uses: tuple[Callable[[], object], ...] = (
        lambda: registry["message-shouted"],
        lambda: "message-shouted" in registry,
        lambda: [*registry],
        lambda: len(registry),
    )
    for use in uses:
        with pytest.raises(DuplicateFault) as raised:
            use()
        assert (raised.value.name, raised.value.modules) == ("message-shouted", ("faults.errors", "faults.wire"))
        assert "'message-shouted', in faults/errors.py and in faults/wire.py" in str(raised.value)
    with pytest.raises(DuplicateFault):
        check_clauses(registry, {"errors.message-text"})


def test_two_faults_of_one_name_in_one_file_are_an_error_that_names_the_file_once() -> None:
    assert str(DuplicateFault("one", ("faults.wire", "faults.wire"))).count("faults/wire.py") == 1


def test_a_clause_that_the_contract_lacks_is_an_error_that_names_the_fault_and_its_file() -> None:
    registry = Registry()
    declare(registry, "faults.errors", "errors.message-text", "errors.massage", "wire.nothing")
    with pytest.raises(
        UnknownClause, match=r"^faults/errors\.py: the fault 'message-shouted' .* errors\.massage"
    ) as raised:
        check_clauses(registry, {"errors.message", "errors.message-text"})
    assert raised.value.fault == registry["message-shouted"]
    assert raised.value.clauses == ("errors.massage", "wire.nothing")
    assert str(raised.value).startswith("faults/errors.py: the fault 'message-shouted' names clauses")
    assert "did you mean errors.message?" in str(raised.value)
    check_clauses(registry, {"errors.message-text", "errors.massage", "wire.nothing"})


@pytest.mark.parametrize("kind", [DuplicateFault, UnknownClause, UnknownFault])
def test_a_command_can_catch_every_error_about_faults_as_one(kind: type[Exception]) -> None:
    assert issubclass(kind, FaultError)
