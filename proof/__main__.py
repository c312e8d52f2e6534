"""Prove that the verdicts can be believed: run the clauses on the reference, healthy and with each of its faults."""

from __future__ import annotations

import argparse
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.clauses import UnsoundContract, contract
from contracts.commands import CommandParser
from fixtures.reference.faults import FaultError, UnknownFault
from proof import figures, races, single, whole
from proof.document import forms

if TYPE_CHECKING:
    from collections.abc import Callable

DECLARATION_ERRORS = (UnsoundContract, FaultError)
"""Raised where the rows of clauses or the declarations of faults break their rules."""
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
  python -m proof --clause response.expiry  after a clause was written
  python -m proof --only cancel-declines    after a fault was written
  python -m proof                           all of it (some minutes)

The exit status is 0 if the proof holds, 1 if not, 4 for bad usage.
"""


def main(arguments: list[str]) -> int:
    """Run the proof and return its exit status: 0 if it holds, 1 if not. Exit with 4 for bad usage or declarations."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return _run(parser, options)
    except DECLARATION_ERRORS as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="python -m proof",
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
    part.add_argument("--only", nargs="*", metavar="FAULT", help="run these faults only, and no weakened guards")
    part.add_argument(
        "--figures",
        action="store_true",
        help="measure how well the diagnosis names the faults, by themselves and in pairs, and write diagnosis.md",
    )
    part.add_argument(
        "--document",
        action="store_true",
        help="write the contract as a document, clauses.md and clauses.html, to --out",
    )
    part.add_argument(
        "--races",
        action="store_true",
        help="measure how often the faults are found that show only when two calls meet, and write races.md",
    )
    part.add_argument(
        "--explore",
        action="store_true",
        help="have faults found by randomly generated call sequences, and write explore.md (about ten minutes)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("proof"), metavar="DIR", help="the folder to write to (%(default)s)"
    )
    return parser


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.clause is not None:
        clauses = [clause.id for clause in contract().clauses]
        if options.clause not in clauses:
            parser.error(_unknown_clause(options.clause, clauses))
        return single.prove(options.clause)
    if options.only is not None:
        try:
            return whole.prove_faults(options.only)
        except UnknownFault as error:
            parser.error(f"argument --only: {error}")
    publish = _publication(options)
    return publish(options.out) if publish else whole.prove(options.out)


def _publication(options: argparse.Namespace) -> Callable[[Path], int] | None:
    """Return what publishes the part that was asked for, None where all of the proof was."""
    if options.explore:
        from proof import exploring  # noqa: PLC0415  # hypothesis, which isn't always installed

        return exploring.publish
    parts = {figures.publish: options.figures, forms.publish: options.document, races.publish: options.races}
    return next((publish for publish, asked in parts.items() if asked), None)


def _unknown_clause(clause: str, clauses: list[str]) -> str:
    close = get_close_matches(clause, clauses, n=1) or [each for each in clauses if clause in each][:3]
    hint = f"did you mean {' or '.join(close)}?" if close else "`pytest --list-clauses` prints them all"
    return f"argument --clause: there is no clause {clause!r}; {hint}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
