"""Runs that are interrupted at a random moment, on a reference that is taken for the real service."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from contracts.vocabulary import Actor
from fixtures.reference import Realism, Reference
from fixtures.reference.organizations.store import Party
from reports import stream
from tests.suite import ROOT, clean_environment
from tests.world import IDS, World

if TYPE_CHECKING:
    from pathlib import Path

SENDER = IDS[Actor.SENDER]
GENTLE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MOMENTS = [
    (number, workers, seed)
    for number in (*GENTLE, signal.SIGKILL)
    for workers in ((), ("-n", "2"))
    for seed in range(int(os.environ.get("KILLS", "1")))
]


def command(world: World, folder: Path, *options: str) -> list[str]:
    target = (f"--target={world.profile(folder)}", f"--allow-account={SENDER}", f"--ledger={folder / 'ledger.jsonl'}")
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *target, *options]


def start(folder: Path, words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words,
        cwd=ROOT,
        env=clean_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def await_calls(world: World, running: subprocess.Popen[str], calls: int) -> None:
    deadline = time.monotonic() + 60
    while len(world.reference.log) < calls and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)


def end_the_rest(world: World, folder: Path) -> str:
    """Make another run, once the workers of the first have ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        again = start(folder, command(world, folder, "-k", "sdk-success"))
        output = again.communicate(timeout=120)[0]
        if "another run is using" not in output:
            assert again.returncode == 8, output  # one clause is no verdict on the whole
            return output
        time.sleep(0.5)
    raise TimeoutError("the workers of a run that was killed never ended")


def check_reports(folder: Path, code: int, output: str) -> None:
    run = stream.read(folder / "report.jsonl")
    assert run.conclusion.code == code, output
    assert run.transcripts
    assert ET.parse(folder / "junit.xml").getroot().tag == "testsuites"
    assert not [each for each in folder.iterdir() if each.name.startswith(".")]


def interrupt(folder: Path, number: signal.Signals, workers: tuple[str, ...], seed: int) -> str:
    """Interrupt one run, check what the issue of it has to be, and return it in a few words."""
    chance = random.Random(f"{number} {workers} {seed}")  # noqa: S311  # when to interrupt, nothing secret
    calls, pause = chance.randrange(12, 150), chance.uniform(0, 0.02)
    with Reference.start(realism=Realism(lag=0.1, expired=1)) as reference:
        world = World(reference)
        theirs = {
            world.invite(Party("ACCOUNT", "999999999999"), "CancelHandshake conformance 0 account").id,
            world.invite(Party("EMAIL", "somebody@example.com"), None).id,
        }
        running = start(folder, command(world, folder, f"--report-dir={folder}", *workers))
        await_calls(world, running, calls)
        time.sleep(pause)
        running.send_signal(number)
        sent = time.monotonic()
        output = running.communicate(timeout=60)[0]
        seconds = time.monotonic() - sent
        assert "Traceback" not in output, output
        assert "INTERNALERROR" not in output, output
        left = len({*world.open()} - theirs)
        if number is signal.SIGKILL:
            assert running.returncode in {-number, 0}, output
            end_the_rest(world, folder)
        else:
            assert running.returncode in {2, 0}, output
            check_reports(folder, running.returncode, output)
            assert not left, output
        assert {*world.open()} == theirs, output
        assert not (folder / "ledger.jsonl").exists()
    return f"call {calls:3}, exit {running.returncode:2}, {seconds:4.1f} s, {left} open then, 0 in the end"


@pytest.mark.long
@pytest.mark.parametrize(("number", "workers", "seed"), MOMENTS)
def test_an_interrupted_run_reports_and_leaves_nothing(
    number: signal.Signals, workers: tuple[str, ...], seed: int, tmp_path: Path
) -> None:
    told = interrupt(tmp_path, number, workers, seed)
    sys.stdout.write(f"{number.name} {' '.join(workers) or '-'} {told}\n")


@pytest.mark.long
@pytest.mark.parametrize("number", GENTLE)
def test_workers_that_have_accounts_of_their_own_leave_nothing(number: signal.Signals, tmp_path: Path) -> None:
    chance = random.Random(str(number))  # noqa: S311  # as above
    with Reference.start(realism=Realism(lag=0.05)) as reference:
        options = (f"--endpoint-url={reference.url}", "--settle=1", f"--report-dir={tmp_path}", "-n", "2")
        running = start(tmp_path, [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options])
        world = World(reference)
        await_calls(world, running, chance.randrange(40, 200))
        running.send_signal(number)
        output = running.communicate(timeout=60)[0]
        assert running.returncode == 2, output
        check_reports(tmp_path, 2, output)
        assert world.open() == []
