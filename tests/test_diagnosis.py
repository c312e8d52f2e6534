"""The diagnosis names the faults that were made, and never touches a verdict."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

import pytest

from contracts.deviations.observation import observe
from contracts.vocabulary import Outcome
from fixtures.reference.faults import FAULTS, fault
from fixtures.reference.faults.composition import compose
from proof.matrix import drive, verdicts
from reports.diagnosis import Explanation, Search, published
from tests.suite import suite

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.reference import Parts
    from fixtures.reference.realism import Realism

JUDGED = {Outcome.PASSED, Outcome.FAILED, Outcome.KNOWN}
PAIRS = 200
SAMPLE = 20  # pairs in a plain run of the tests; proof/diagnosis.md has the figures of all


def explained(parts: Parts, realism: Realism) -> list[Explanation]:
    transcripts = drive(parts, realism=realism, seed=5)
    judged = [*verdicts(transcripts)]
    failed = (each for each in judged if each.outcome is Outcome.FAILED)
    seen = {each.name: observe(each, transcripts.values()).digest for each in failed}
    search = Search(published()[0], {each.name for each in judged if each.outcome in JUDGED}, seen)
    chosen = search.smallest()
    return [search.explain(each, chosen) for each in chosen]


def test_the_published_proof_is_of_these_faults() -> None:
    faults, basis = published()
    assert {each.name for each in faults} == set(FAULTS)
    assert basis.endswith(f"{len(FAULTS)} faults")


@pytest.mark.parametrize("name", [*FAULTS][::6])
def test_a_fault_is_named_first_or_second_by_its_own_run(name: str) -> None:
    first, *others = explained(fault(name).parts, fault(name).realism)
    assert name in [first.fault.name, *first.others][:2]
    assert others == []


@cache
def pairs() -> tuple[tuple[str, str], ...]:
    chance, names = random.Random(7), [*FAULTS]  # noqa: S311  # which faults to pair, nothing secret
    return tuple((first, second) for first, second in (chance.sample(names, 2) for _ in range(PAIRS)))


def test_of_random_pairs_both_are_named_in_most() -> None:
    named = 0
    for pair in pairs()[:SAMPLE]:
        both = [fault(name) for name in pair]
        realism = next((each.realism for each in both if each.realism.throttles), both[0].realism)
        found = {name for each in explained(compose(both), realism) for name in (each.fault.name, *each.others[:1])}
        named += found >= {*pair}
    assert named >= 0.7 * SAMPLE


def test_the_report_says_what_it_looks_like_and_on_which_data_that_rests(tmp_path: Path) -> None:
    output = suite(tmp_path, "--fault=reason-missing").output
    assert "DIAGNOSIS (a guess, by the published proof of suite " in output
    assert "looks like `reason-missing`, as seen in most emulators: mend it and 2 clauses pass" in output
    assert "what failed is exactly what this fault fails" in output


def test_a_healthy_run_has_none(tmp_path: Path) -> None:
    assert "DIAGNOSIS" not in suite(tmp_path).output
