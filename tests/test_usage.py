"""Bad usage of every option of every command is refused in one line, with the status of bad usage."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import proof.__main__
import reports.__main__
from cancelhandshake_conformance import command
from contracts.commands import CommandParser, usage_line
from contracts.evidence import command as recordings
from contracts.vocabulary import ExitCode
from fixtures.reference import __main__ as reference
from fixtures.target.options import OPTIONS
from tests.options import NOBODY
from tests.suite import ROOT, clean_environment

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterator

MANY = """
import contextlib, io, json, sys
from cancelhandshake_conformance.command import main
answers = []
for arguments in json.load(sys.stdin):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["-q", "-p", "no:cacheprovider", *arguments])
    answers.append([int(code), said.getvalue()])
print(json.dumps(answers))
"""
"""Runs the suite once for each list of arguments, in one process: none of these runs gets as far as a target."""
TAKING = [option for option in OPTIONS if option.action != "store_true"]
FLAGS = [option for option in OPTIONS if option.action == "store_true"]
ONE_VALUE = [option for option in TAKING if option.action == "store"]
SUITE: dict[str, tuple[list[str], str]] = {
    **{f"{option.flag}, empty": ([f"{option.flag}="], f"{option.flag}: the value is empty") for option in TAKING},
    **{f"{option.flag}, blank": ([f"{option.flag}= "], f"{option.flag}: the value is empty") for option in TAKING},
    **{
        f"{option.flag}, without": ([option.flag], f"{option.flag}: a value is missing")
        for option in TAKING
        if not option.bare
    },
    **{f"{option.flag}, a value": ([f"{option.flag}=1"], f"{option.flag}: it takes no value") for option in FLAGS},
    **{
        f"{option.flag}, twice": ([f"{option.flag}={value}"] * 2, f"{option.flag}: it is given twice")
        for option in ONE_VALUE
        for value in [option.choices[0] if option.choices else option.bare or "1"]
    },
    "another second one": (["--target=moto", "--target=aws"], "--target: it is given twice"),
    "no number": (["--repeat=abc"], "--repeat: expected a whole number"),
    "none": (["--repeat=0"], "--repeat: expected a whole number"),
    "fewer than none": (["--repeat=-1"], "--repeat: expected a whole number"),
    "half a one": (["--max-invitations=1.5"], "--max-invitations: expected a whole number"),
    "no invitation": (["--max-invitations=0"], "--max-invitations: expected a whole number"),
    "fewer than no race": (["--races=-1"], "--races: expected a whole number from 0 to "),
    "half a race": (["--races=0.5"], "--races: expected a whole number from 0 to "),
    "no seconds": (["--settle=soon"], "--settle: expected seconds"),
    "endless seconds": (["--settle=inf"], "--settle: expected seconds"),
    "no strategy": (["--account-strategy=keys"], "--account-strategy: invalid choice: 'keys'"),
    "no clause": (["--only=errors.reasn"], "--only: there is no clause 'errors.reasn'; did you mean errors.reason?"),
    "no names": (["--require=a,,b"], "--require: expected names"),
    "a misspelt option": (["--targt=moto"], "there is no option --targt; did you mean --target?"),
    "a shortened option": (["--endpoint=http://127.0.0.1:1"], "there is no option --endpoint;"),
    "no option": (["--frobnicate"], "there is no option --frobnicate; --help lists them all"),
    "an actor's empty profile": ([f"--endpoint-url={NOBODY}", "--profile=member="], "--profile=member=: it is empty"),
    "two profiles": ([f"--endpoint-url={NOBODY}", "--profile=a", "--profile=sender=b"], "--profile: it is given twice"),
}


@cache
def answers() -> dict[str, tuple[int, str]]:
    """Return the exit status and the output of the suite for each row, run in one process."""
    done = subprocess.run(
        [sys.executable, "-c", MANY],
        input=json.dumps([given for given, _ in SUITE.values()]),
        cwd=ROOT,
        env=clean_environment(ROOT),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return {name: (code, text) for name, (code, text) in zip(SUITE, json.loads(done.stdout), strict=True)}


@pytest.mark.parametrize("case", SUITE)
def test_the_suite_refuses_it_in_one_line(case: str) -> None:
    code, text = answers()[case]
    assert code == ExitCode.USAGE, text
    (line,) = text.strip().splitlines()
    assert line.startswith(f"ERROR: {SUITE[case][1]}")


def run_recordings(arguments: list[str]) -> int:
    return recordings.main("python -m contracts.recordings", arguments)


COMMANDS: dict[str, tuple[Callable[[list[str]], int], Callable[[], ArgumentParser], list[str]]] = {
    "reports diff": (reports.__main__.main, reports.__main__.parser, ["diff", "a", "b"]),
    "reports annotate": (reports.__main__.main, reports.__main__.parser, ["annotate", "a"]),
    "recordings add": (run_recordings, lambda: recordings._parser(""), ["add", "a"]),
    "recordings coverage": (run_recordings, lambda: recordings._parser(""), ["coverage"]),
    "proof": (proof.__main__.main, proof.__main__._parser, []),
    "reference": (reference.main, lambda: reference._arguments(""), []),
    "command explain": (command.main, command.parser, ["explain", "a"]),
    "command diff": (command.main, command.parser, ["diff", "a", "b"]),
}


def actions(parser: Any, arguments: list[str]) -> Iterator[Any]:
    """Yield the options of the command, or of its subcommand that the arguments name."""
    for action in parser._actions:
        subcommand = action.choices.get(arguments[0]) if arguments and isinstance(action.choices, dict) else None
        if isinstance(subcommand, CommandParser):
            yield from actions(subcommand, [])
        elif action.option_strings and action.nargs is None:
            yield action


def misuses() -> Iterator[tuple[str, list[str], str]]:
    for name, (_, parser, before) in COMMANDS.items():
        yield name, [*before, "--frobnicate"], "there is no option --frobnicate"
        for action in actions(parser(), before):
            flag, value = action.option_strings[-1], next(iter(action.choices or ["1"]))
            yield name, [*before, f"{flag}="], f"{flag}: the value is empty"
            yield name, [*before, flag], f"{flag}: a value is missing"
            if flag != "--fault":  # which may be given several times
                yield name, [*before, f"{flag}={value}", f"{flag}={value}"], f"{flag}: it is given twice"
    for name, before in (("reports diff", ["diff", "", "b"]), ("command explain", ["explain", ""])):
        yield name, before, "the value is empty"
    for name, before in (("reports diff", ["diff", "a", "b", "c"]), ("proof", ["c"]), ("reference", ["c"])):
        yield name, before, "one argument too many: c"
    for rubbish, line in RUBBISH.items():
        yield "reference", [rubbish], f"{rubbish.partition('=')[0]}: {line}"
    yield "reports diff", ["diff", "a", "b", "--fromat=text"], "did you mean --format?"
    yield "reports diff", ["dif"], "invalid choice: 'dif'"
    yield "proof", ["--clause=errors.reasn"], "did you mean errors.reason?"


RUBBISH = {
    "--port=abc": "expected a whole number from 0 to 65535, got 'abc'",
    "--port=65536": "expected a whole number from 0 to 65535",
    f"--seed={'9' * 5000}": "expected a whole number",
    "--expired=1000000000": "expected a whole number from 0 to 1000",
    "--invitations=-1": "expected a whole number from 0",
    "--rates=nan": "expected a number, 0 or more",
    "--lag=inf": "expected a number, 0 or more",
    "--throttled=x": "expected a number, 0 or more",
    "--clock-start=1e300": "expected epoch seconds or ISO 8601",
    "--clock-start=yesterday": "expected epoch seconds or ISO 8601",
}


@pytest.mark.parametrize(("name", "arguments", "says"), [*misuses()])
def test_every_other_command_refuses_it_in_one_line(
    name: str, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        COMMANDS[name][0](arguments)
    assert ended.value.code == ExitCode.USAGE
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


def test_what_is_told_of_bad_usage_is_printable_and_quotes_no_value() -> None:
    line = usage_line("unrecognized arguments: --passwrod=hunter2 \x1b[31m", ["--password"])
    assert line == "there is no option --passwrod; did you mean --password? --help lists them all"
    assert usage_line("argument --x: bad '\x1b[31m\n'", []).isprintable()
    assert usage_line("unrecognized arguments: ", []).startswith("there is one argument too many: ''")


def test_a_quote_that_is_not_closed_in_pytest_s_variable_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "'x")
    assert command.main([]) == ExitCode.USAGE
    assert capsys.readouterr().err == "ERROR: PYTEST_ADDOPTS: No closing quotation; write it as in a shell\n"
