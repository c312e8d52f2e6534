"""The commands of the proof: all of it, some faults only, or one clause."""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from contracts.clauses import contract
from fixtures.reference.faults import FAULTS, UnknownFault, fault
from proof import matrix, rendering, weakenings
from proof.single import prove

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

SEEDS = 20
FEW_SEEDS = 3
_DESCRIPTION = """\
Prove that the verdicts can be believed.

Each fault is one mistake of the embedded reference. It declares which clauses
it fails; the proof runs it and compares. Without options:
  1. the healthy reference passes every clause, with several seeds;
  2. every fault fails exactly the clauses that it declares;
  3. every required and recommended clause is failed by a fault;
  4. every guard of the suite, weakened in a copy, is noticed to be weak.
If all of that holds, the result is written to matrix.md and matrix.json.
"""
_EXAMPLES = """\
examples:
  python -m proof --clause response.expiry            after a clause was written
  python -m proof --only cancel-declines              after a fault was written
  python -m proof                                     all of it (some minutes)

The exit status is 0 if the proof holds, 1 if not, 2 for bad usage.
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n")


def run(program: str, arguments: Sequence[str]) -> int:
    """Run the command that the arguments ask for, and return its exit status."""
    parser = _parser(program)
    options = parser.parse_args(arguments)
    if options.clause is not None:
        clauses = [each.id for each in contract().clauses]
        if options.clause not in clauses:
            parser.error(_unknown_clause(options.clause, clauses))
        return prove(options.clause)
    if options.only is not None:
        return _conclude([*_healthy(FEW_SEEDS), *_differences(_rows(options.only))])
    return _prove_all(options.out)


def _parser(program: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=program,
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--clause",
        metavar="ID",
        help="prove one clause: the healthy reference passes it, and exactly those faults fail it that declare it",
    )
    part.add_argument(
        "--only", nargs="*", metavar="FAULT", type=_fault, help="run these faults only, and no weakened guards"
    )
    parser.add_argument("--out", type=Path, default=Path("proof"), help="the folder for the matrix (%(default)s)")
    return parser


def _unknown_clause(clause: str, clauses: Collection[str]) -> str:
    close = get_close_matches(clause, clauses, n=1) or [each for each in clauses if clause in each][:3]
    hint = f"did you mean {' or '.join(close)}?" if close else "`pytest --list-clauses` prints them all"
    return f"argument --clause: there is no clause {clause!r}; {hint}"


def _fault(name: str) -> str:
    try:
        return fault(name).name
    except UnknownFault as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _prove_all(folder: Path) -> int:
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
    for seed in range(seeds):
        print(f"  {seed + 1:>3} of {seeds}: healthy reference, seed {seed}", flush=True)
        for name, outcome in matrix.unhealthy(seed).items():
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
            rendering.FaultRow(row.fault.name, row.fault.does, row.fault.seen_in, tuple(sorted(row.failed)))
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
