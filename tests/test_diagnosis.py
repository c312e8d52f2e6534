"""The diagnosis names the faults that were made, and never touches a verdict."""

from __future__ import annotations

import re

import pytest

from fixtures.reference.faults import FAULTS, fault
from proof import figures
from reports.diagnosis import published
from tests.suite import ROOT, once

SAMPLE = 20  # pairs in a plain run of the tests; `python -m proof --figures` runs all of them


def test_the_published_proof_is_of_these_faults() -> None:
    faults, basis = published()
    assert {each.name for each in faults} == set(FAULTS)
    assert basis.endswith(f"{len(FAULTS)} faults")


@pytest.mark.long
@pytest.mark.parametrize("name", [*FAULTS][::40])
def test_a_fault_is_named_first_or_second_by_its_own_run(name: str) -> None:
    first, *others = figures.explain(fault(name).parts, fault(name).realism)
    assert name in [first.fault.name, *first.others][:2]
    assert others == []


@pytest.mark.long
def test_of_random_pairs_both_are_named_in_most() -> None:
    assert sum(map(figures.is_named, figures.random_pairs(SAMPLE))) >= 0.7 * SAMPLE


def test_the_published_figures_are_what_is_promised() -> None:
    text = (ROOT / "proof" / "diagnosis.md").read_text(encoding="utf-8")
    assert f"named first or second by their own run: {len(FAULTS)} of {len(FAULTS)}\n" in text
    named = re.search(r"both are named: (\d+) of 200\n", text)
    assert named is not None
    assert int(named[1]) >= 160


def test_the_report_says_what_it_looks_like_and_on_which_data_that_rests() -> None:
    output = once("--fault=reason-missing").output
    assert "DIAGNOSIS (a guess, by the published proof of suite " in output
    several = f"{len(FAULTS['reason-missing'].kills)} clauses pass"
    assert f"looks like `reason-missing`, as seen in most emulators: mend it and {several}" in " ".join(output.split())
    assert "what failed is exactly what this fault fails" in output


def test_a_healthy_run_has_none() -> None:
    assert "DIAGNOSIS" not in once().output
