"""How often each fault is found that shows only when two calls meet: a measurement, for it depends on chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.clauses import contract
from contracts.vocabulary import Outcome
from fixtures.reference.faults import FAULTS
from fixtures.scenarios.catalogue import scenarios
from proof.matrix import drive, verdicts
from proof.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.reference.faults import Fault
    from fixtures.reference.parts import Parts

RUNS = 100
THEME = "races"
_HEAD = """\
# How often two callers at once find a fault

Each of these faults shows only when two calls meet. `python -m proof --races` ran each of them {runs} times, with as
many rounds as a run has by default, and the sound reference as often. A run finds a fault if it fails all the clauses
that the fault declares.

| fault | found | something else failed |
|---|---|---|
"""


def faults() -> tuple[Fault, ...]:
    """Return the faults of the theme."""
    return tuple(each for each in FAULTS.values() if each.module.rpartition(".")[2] == THEME)


def failed(parts: Parts | None) -> frozenset[str]:
    """Return the clauses of the theme that fail in one run of a reference of these parts."""
    names = {name for name, scenario in scenarios().items() if scenario.races}
    clauses = [clause for clause in contract().clauses if clause.theme == THEME]
    judged = verdicts(drive(parts, scenarios=names), clauses)
    return frozenset(each.clause for each in judged if each.outcome in {Outcome.FAILED, Outcome.ERROR})


def publish(folder: Path, runs: int = RUNS) -> int:
    """Measure, write races.md into the folder, and return the exit status: 0 if every fault was found in every run."""
    lines, missed = [], False
    for name, fault, kills in _subjects():
        found = [*in_parallel(_failed, [fault] * runs)]
        hits = sum(kills <= each for each in found)
        others = sum(bool(each - kills) for each in found)
        missed |= others > 0 or hits < runs
        hit = f"{hits} of {runs}" if kills else "-"
        lines.append(f"| {name} | {hit} | {others} of {runs} |\n")
        print(lines[-1], end="", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "races.md").write_text(_HEAD.format(runs=runs) + "".join(lines), encoding="utf-8")
    print(f"the table is written to {folder}/races.md")
    return int(missed)


def _failed(fault: str) -> frozenset[str]:
    return failed(FAULTS[fault].parts if fault else None)


def _subjects() -> Iterator[tuple[str, str, frozenset[str]]]:
    yield "none: the sound reference", "", frozenset[str]()
    for fault in faults():
        yield f"`{fault.name}`", fault.name, fault.kills
