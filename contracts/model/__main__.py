"""Compare the installed botocore's model with the one that the contract was last reviewed against, or store it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from contracts.clauses import UnsoundContract
from contracts.commands import CommandParser
from contracts.coverage import listing
from contracts.coverage.drift import current, drift
from contracts.model import snapshot
from contracts.printing.visible import line
from contracts.vocabulary import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "python -m contracts.model"
_DESCRIPTION = """\
Keep the model of the operation that the contract was last reviewed against, contracts/model/snapshot.json.

  drift      print what changed in the installed botocore's model against it, clause by clause
  snapshot   print that, and put the installed model in its place
"""
_STATUS = "The exit status is 0; 1 if anything changed (drift); 4 for bad usage or a file that can't be used."


def main(arguments: Sequence[str]) -> int:
    """Run the command that the arguments ask for, and return its exit status."""
    style = argparse.RawDescriptionHelpFormatter
    parser = CommandParser(prog=PROGRAM, description=_DESCRIPTION, epilog=_STATUS, formatter_class=style)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    compare = commands.add_parser("drift", help="print what changed against the model on file")
    compare.add_argument("--json", action="store_true", help="print one JSON document")
    compare.set_defaults(run=_drift)
    commands.add_parser("snapshot", help="put the installed model on file").set_defaults(run=_snapshot, json=False)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(as_json=options.json)
    except UnsoundContract as error:
        sys.stderr.write(f"{PROGRAM}: error: {line(str(error))}\n")
        return ExitCode.USAGE
    except OSError as error:
        sys.stderr.write(f"{PROGRAM}: error: {snapshot.SNAPSHOT} can't be used: {error.strerror}\n")
        return ExitCode.USAGE
    return status


def _drift(*, as_json: bool) -> int:
    found = drift()
    document = {"old": found.old.botocore, "new": found.new.botocore, "left_out": {**found.left_out}}
    lines = listing.of_drift()
    if as_json:
        lines = iter([json.dumps(document | {"changes": [asdict(each) for each in found.changes]}, indent=1)])
    sys.stdout.write("".join(f"{each}\n" for each in lines))
    return int(found.is_any)


def _snapshot(*, as_json: bool) -> int:
    _drift(as_json=as_json)
    snapshot.write(current())
    sys.stdout.write(f"written: {snapshot.SNAPSHOT}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
