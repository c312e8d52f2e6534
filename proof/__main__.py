"""Can the verdicts be believed? Prints what kills what, and exits with 1 if any mistake or weakening goes unnoticed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.clauses import contract
from fixtures.reference.faults import FAULTS, UnknownFault, fault
from proof import rendering as matrix
from proof import weakenings
from proof.matrix import WEIGHTY, Row, rows, survivors, unhealthy

if TYPE_CHECKING:
    from collections.abc import Iterable

SEEDS = 20
FEW_SEEDS = 3


def main(arguments: list[str]) -> int:
    """Which exit status does the proof come to?"""
    options = _parser().parse_args(arguments)
    names = options.only if options.only is not None else [*FAULTS]
    problems = _healthy(FEW_SEEDS if options.only is not None else SEEDS)
    found = _matrix(names)
    problems += [f"{each.fault.name}: {each.differs}" for each in found if each.differs]
    if options.only is not None:
        return _conclude(problems)
    problems += [f"{each.fault.name}: no clause notices it" for each in found if not each.killed]
    problems += [f"{clause}: no fault kills it" for clause in survivors(found)]
    checked = _weakenings()
    problems += [f"{name}: the weakening goes unnoticed" for name, noticed in checked.items() if not noticed]
    proven = _proven(found, checked)
    if not problems:  # what is published is proven
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "matrix.md").write_text(matrix.markdown(proven), encoding="utf-8")
        (options.out / "matrix.json").write_text(matrix.to_json(proven), encoding="utf-8")
        print(f"the matrix stands in {options.out}/matrix.md and matrix.json")
    print(matrix.summary(proven))
    return _conclude(problems)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="FAULT", type=_fault, help="these faults, and no weakenings")
    parser.add_argument("--out", type=Path, default=Path("proof"), help="folder for the matrix (%(default)s)")
    return parser


def _fault(name: str) -> str:
    try:
        return fault(name).name
    except UnknownFault as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _healthy(seeds: int) -> list[str]:
    problems = []
    for seed in range(seeds):
        for name, outcome in unhealthy(seed).items():
            problems.append(f"healthy, seed {seed}: {name} {weakenings.BROKEN if outcome == 'error' else outcome}")
    print(f"healthy reference: {seeds} seeds, {len(problems)} verdicts other than passed", flush=True)
    return problems


def _matrix(names: Iterable[str]) -> list[Row]:
    found = []
    for each in rows(names):
        found.append(each)
        mark = each.differs or f"{len(each.failed)} clauses"
        print(f"  {each.fault.name:<45} {mark}", flush=True)
    return found


def _weakenings() -> dict[str, bool]:
    checked = {}
    for weakening, noticed in weakenings.results():
        checked[weakening.name] = noticed
        print(f"  {weakening.name:<45} {'noticed' if noticed else 'NOT NOTICED'}", flush=True)
    return checked


def _proven(found: Iterable[Row], checked: dict[str, bool]) -> matrix.Proven:
    return matrix.Proven(
        faults=tuple(
            matrix.FaultRow(r.fault.name, r.fault.does, r.fault.seen_in, tuple(sorted(r.failed))) for r in found
        ),
        clauses=tuple((clause.id, clause.level) for clause in contract().clauses),
        weighty=WEIGHTY,
        weakenings=checked,
    )


def _conclude(problems: list[str]) -> int:
    if problems:
        print(weakenings.NOTICED)
    for problem in problems:
        print(f"  {problem}")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
