"""The proof of all clauses by all faults, or by some; the whole proof weakens every guard as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.clauses import contract
from fixtures.reference.faults import FAULTS, fault
from proof import matrix, rendering, weakenings
from proof.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

SEEDS = 20
FEW_SEEDS = 3


def prove_faults(names: Sequence[str]) -> int:
    """Run the healthy reference and these faults with every clause, and return the exit status.

    Raise :class:`fixtures.reference.faults.UnknownFault` if there is no fault of such a name.
    """
    faults = [fault(name).name for name in names]
    return _conclude([*_healthy(FEW_SEEDS), *_differences(_rows(faults))])


def prove(folder: Path) -> int:
    """Run the whole proof, write the matrix into the folder if it holds, and return the exit status."""
    problems = _healthy(SEEDS)
    rows = _rows([*FAULTS])
    problems += _differences(rows)
    problems += [f"{each.fault.name}: no clause notices it" for each in rows if not each.killed]
    problems += [f"{clause}: no fault fails it" for clause in matrix.survivors(rows)]
    noticed = _weakenings()
    problems += [f"{name}: the weakened guard is not noticed" for name, seen in noticed.items() if not seen]
    proven = _proven(rows, noticed)
    if not problems:  # what is published is proven
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "matrix.md").write_text(rendering.markdown(proven), encoding="utf-8")
        (folder / "matrix.json").write_text(rendering.to_json(proven), encoding="utf-8")
        print(f"the matrix is written to {folder}/matrix.md and matrix.json")
    print(rendering.summary(proven))
    return _conclude(problems)


def _healthy(seeds: int) -> list[str]:
    problems = []
    for seed, found in enumerate(in_parallel(matrix.unhealthy, range(seeds))):
        print(f"  {seed + 1:>3} of {seeds}: healthy reference, seed {seed}", flush=True)
        for name, outcome in found.items():
            problems.append(f"healthy, seed {seed}: {name} {weakenings.BROKEN if outcome == 'error' else outcome}")
    print(f"healthy reference: {seeds} seeds, {len(problems)} verdicts other than passed", flush=True)
    return problems


def _rows(names: Sequence[str]) -> list[matrix.Row]:
    rows = []
    for number, row in enumerate(matrix.rows(names), 1):
        rows.append(row)
        result = row.differs or f"{len(row.failed)} clauses"
        print(f"  {number:>3} of {len(names)}: {row.fault.name:<45} {result}", flush=True)
    return rows


def _differences(rows: Iterable[matrix.Row]) -> list[str]:
    return [f"{each.fault.name}: {each.differs}" for each in rows if each.differs]


def _weakenings() -> dict[str, bool]:
    results: dict[str, bool] = {}
    for number, (weakening, noticed) in enumerate(weakenings.results(), 1):
        results[weakening.name] = noticed
        result = "noticed" if noticed else "NOT NOTICED"
        print(f"  {number:>3} of {len(weakenings.WEAKENINGS)}: {weakening.name:<52} {result}", flush=True)
    return results


def _proven(rows: Iterable[matrix.Row], noticed: dict[str, bool]) -> rendering.Proven:
    return rendering.Proven(
        faults=tuple(
            rendering.FaultRow(
                name=row.fault.name,
                does=row.fault.does,
                seen_in=row.fault.seen_in,
                failed=tuple(sorted(row.failed)),
                checks=row.checks,
                by_chance=tuple(sorted(row.fault.by_chance)),
            )
            for row in rows
        ),
        clauses=tuple((clause.id, clause.level) for clause in contract().clauses),
        weighty=matrix.WEIGHTY,
        weakenings=noticed,
    )


def _conclude(problems: list[str]) -> int:
    if problems:
        print(weakenings.NOTICED)
    for problem in problems:
        print(f"  {problem}")
    return bool(problems)
