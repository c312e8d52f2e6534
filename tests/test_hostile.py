"""Runs against the quickest of the hostile servers; ``make hostile`` runs them all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from contracts.vocabulary import ExitCode
from tests.hostile import TABLE
from tests.hostile.runs import run_against

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.table import Behaviour

QUICK = [each for each in TABLE.values() if each.quick]


@pytest.mark.parametrize("behaviour", QUICK, ids=lambda each: each.name)
def test_a_run_ends_well_whatever_the_server_does(behaviour: Behaviour, tmp_path: Path) -> None:
    run = run_against(behaviour, tmp_path)
    assert not run.complaints, (tmp_path / "output").read_text(encoding="utf-8", errors="replace")[-3000:]


def test_every_behaviour_says_what_it_does_and_how_a_run_may_end() -> None:
    assert len(TABLE) >= 70
    assert 10 <= len(QUICK) <= 20
    for each in TABLE.values():
        assert re.fullmatch(r"[A-Z].*\.", each.does), each.name
        assert each.codes, each.name
        assert ExitCode.INTERNAL_ERROR not in each.codes, each.name
