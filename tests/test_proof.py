"""Are weakened guards noticed, and does the proof say so when something falls short?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from contracts.vocabulary import Level
from fixtures.reference.faults import FAULTS
from proof import rendering as matrix
from proof.matrix import Row, row, survivors
from proof.weakenings import ROOT, WEAKENINGS, StaleWeakening, Weakening, noticed, weakened

NAMES = [each.name for each in WEAKENINGS]


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=NAMES)
def test_a_weakened_guard_is_noticed(weakening: Weakening) -> None:
    assert noticed(weakening)


def test_a_change_that_weakens_nothing_is_not_noticed() -> None:
    harmless = Weakening("harmless", "suites/test_response.py", "EXPIRY_TOLERANCE = 5", "EXPIRY_TOLERANCE = 6")
    assert not noticed(replace(harmless, faults=("expires-after-14-days",)))


def test_a_copy_that_does_not_run_is_no_notice() -> None:
    broken = Weakening("broken", "suites/test_response.py", "EXPIRY_TOLERANCE = 5", "EXPIRY_TOLERANCE = (")
    with pytest.raises(RuntimeError, match="doesn't run"):
        noticed(broken)


def test_a_guard_that_was_rewritten_makes_its_weakening_stale() -> None:
    stale = Weakening("stale", "x.py", "no such line", "")
    with pytest.raises(StaleWeakening, match="0 times"):
        weakened("another line", stale)


def test_every_weakening_has_a_name_of_its_own_and_real_faults() -> None:
    assert len(NAMES) == len(set(NAMES)) >= 10
    for each in WEAKENINGS:
        assert set(each.faults) <= FAULTS.keys(), each.name
        assert (ROOT / each.file).is_file()


def test_a_fault_that_does_other_than_it_says_differs() -> None:
    honest = FAULTS["expires-after-14-days"]
    assert row(honest).differs == ""
    silent = replace(honest, kills=frozenset())
    assert row(silent).differs == "fails unexpectedly response.expiry"
    boasting = replace(honest, kills=honest.kills | {"response.arn"})
    assert row(boasting).differs == "doesn't fail response.arn"


def test_a_clause_that_nothing_kills_survives() -> None:
    lonely = Row(FAULTS["expires-after-14-days"], frozenset({"response.expiry"}), frozenset())
    assert "response.expiry" not in survivors([lonely])
    assert "response.arn" in survivors([lonely])
    assert "errors.message-text" not in survivors([lonely])


PROVEN = matrix.Proven(
    faults=(matrix.FaultRow("late", "It is | late.", "moto", ("a.b",)), matrix.FaultRow("none", "Nothing.", "", ())),
    clauses=(("a.b", Level.REQUIRED), ("c.d", Level.RECOMMENDED), ("e.f", Level.ADVISORY)),
    weighty=frozenset({Level.REQUIRED, Level.RECOMMENDED}),
    weakenings={"one": True, "two": False},
)


def test_the_summary_counts_what_falls_short() -> None:
    assert matrix.summary(PROVEN).split("\n") == [
        "faults killed        1 / 2",
        "clauses killed       1 / 2 (required and recommended)",
        "weakenings noticed   1 / 2",
    ]


def test_the_matrix_is_written_for_readers_and_for_programs() -> None:
    page = matrix.markdown(PROVEN)
    assert "| `late` | It is \\| late. | moto | a.b |" in page
    assert "| `c.d` | recommended | none |" in page
    assert "| two | NO |" in page
    value = json.loads(matrix.to_json(PROVEN))
    assert value["clauses"][0] == {"id": "a.b", "level": "required", "killed_by": ["late"]}
    assert value["weakenings"] == [{"name": "one", "noticed": True}, {"name": "two", "noticed": False}]


def test_the_published_matrix_is_the_one_that_the_declared_kills_make() -> None:
    published = json.loads((ROOT / "proof" / "matrix.json").read_text(encoding="utf-8"))
    declared = {name: sorted(fault.kills) for name, fault in FAULTS.items()}
    assert {each["name"]: each["fails"] for each in published["faults"]} == declared
    assert [each["name"] for each in published["weakenings"]] == NAMES
    assert all(each["noticed"] for each in published["weakenings"])
