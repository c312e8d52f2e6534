"""The console command: pytest on the suites, with a subcommand for each thing that is done without a run."""

from __future__ import annotations

import argparse
import importlib
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest
import shtab

from cancelhandshake_conformance.rooms import INSTALLED, PACKAGE, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ADDED = "PYTEST_ADDOPTS"
NAME = "cancelhandshake-conformance"
_EXAMPLES = f"""\
examples:
  {NAME} --endpoint-url=http://127.0.0.1:5000    check an endpoint
  {NAME} run --target=moto --strict              the same, by a ready profile
  {NAME} explain errors.reason                   all that is known of a clause
  {NAME} diff OLD/report.jsonl NEW/report.jsonl  what changed between two runs
  {NAME} render report.jsonl --format=markdown   a report again, from its stream
  {NAME} reference --port 8080                   serve the reference

`run` is the default, and takes pytest's options as well as those of the suite:
`{NAME} run --help` lists them all. The exit status is the verdict: 0 conformant,
1 failed, 4 bad usage, 5 nothing judged, 6 unreachable, 7 not implemented,
8 inconclusive.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    given = [*(sys.argv[1:] if arguments is None else arguments)]
    first = given[0] if given else "run"
    try:
        if first in _PASSED_ON:
            return _PASSED_ON[first](given[1:])
        if first.startswith("-") and first not in {"-h", "--help", "--version"}:
            return run(given)
        options = parser().parse_args(given)
        return int(options.do(options))
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def run(given: Sequence[str]) -> int:
    """Run pytest on the suites with these arguments."""
    configuration = PACKAGE / "pytest.toml" if INSTALLED else ROOT / "pyproject.toml"
    try:
        shlex.split(os.environ.get(_ADDED, ""))
    except ValueError as error:  # pytest would end in a traceback
        sys.stderr.write(f"ERROR: {_ADDED}: {error}; write it as in a shell\n")
        return int(pytest.ExitCode.USAGE_ERROR)
    own = ["-c", str(configuration), "--rootdir", str(ROOT)]
    if INSTALLED:  # nothing is written beside the installed files
        own += ["-p", "cancelhandshake_conformance.plugin", "-p", "no:cacheprovider"]
    places = [] if any("::" in each for each in given) else [str(ROOT / "suites")]
    return int(pytest.main([*own, *places, *map(_in_root, given)]))


def _in_root(argument: str) -> str:
    """Return the argument, with the path of a test id taken from the folder of the rooms."""
    return str(ROOT / argument) if argument.startswith("suites/") and "::" in argument else argument


def parser() -> Any:  # an argparse.ArgumentParser of a room that is imported late
    """Return the parser of the subcommands."""
    contracts, reports = importlib.import_module("contracts"), importlib.import_module("reports.__main__")
    made = importlib.import_module("contracts.commands").CommandParser(
        prog=NAME,
        description="Check whether an endpoint implements AWS Organizations CancelHandshake the way AWS does.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"{NAME} {contracts.__version__}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    _add_run(commands.add_parser("run", help="check an endpoint (the default)"))
    commands.add_parser("plan", help="show what a run would do; only reads are sent")
    explain = commands.add_parser("explain", help="print all that is known of a clause")
    explain.add_argument("clause", metavar="CLAUSE", help="the id of a clause, such as errors.reason")
    explain.set_defaults(do=lambda options: run([f"--explain={options.clause}"]))
    clauses = commands.add_parser("clauses", help="list the clauses of the contract")
    listings = importlib.import_module("contracts.values").LISTINGS
    clauses.add_argument("what", nargs="?", default=listings[0], choices=listings, help="what to list instead of them")
    clauses.set_defaults(do=lambda options: run([f"--list-clauses={options.what}"]))
    for name, flag, told in (
        ("targets", "--list-targets", "list the ready profiles"),
        ("faults", "--list-faults", "list the mistakes that the reference can make"),
    ):
        commands.add_parser(name, help=told).set_defaults(do=lambda _, flag=flag: run([flag]))
    reports.add_commands(commands)
    commands.add_parser("reference", help="serve the reference until interrupted")
    completion = commands.add_parser("completion", help="print the completions for a shell")
    completion.add_argument("shell", choices=shtab.SUPPORTED_SHELLS)
    completion.set_defaults(do=lambda options: _print(shtab.complete(made, options.shell)))
    return made


def _add_run(sub: argparse.ArgumentParser) -> None:
    """Give the parser the suite's own options, for the sake of completions: pytest parses them."""
    options = importlib.import_module("fixtures.target.options").OPTIONS
    for option in options:
        sub.add_argument(option.flag, **option.keywords())


def _print(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    return 0


def _plan(given: Sequence[str]) -> int:
    return run(["--plan", *given])


def _reference(given: Sequence[str]) -> int:
    served: Callable[..., int] = importlib.import_module("fixtures.reference.__main__").main
    return int(served([*given], NAME))


_PASSED_ON: dict[str, Callable[[Sequence[str]], int]] = {"run": run, "plan": _plan, "reference": _reference}
