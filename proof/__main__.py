"""Prove that the verdicts can be believed: run the clauses on the reference, healthy and with each of its faults."""

from __future__ import annotations

import sys

from contracts.clauses import UnsoundClause

PROGRAM = "python -m proof"
# What a file of declarations raises that breaks its rules. The error for two faults of one name belongs here, too.
DECLARATION_ERRORS: tuple[type[Exception], ...] = (UnsoundClause,)


def main(arguments: list[str]) -> int:
    """Run the proof and return its exit status: 0 if it holds, 1 if not, 2 for bad usage or unsound declarations."""
    try:
        from proof.command import run  # noqa: PLC0415  # importing the faults declares them

        return run(PROGRAM, arguments)
    except DECLARATION_ERRORS as error:
        print(f"{PROGRAM}: error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
