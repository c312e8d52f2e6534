"""The measuring of runs: each part does its work, and what didn't do it isn't measured. No time is asserted."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import replace
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from bench import __main__ as command_line
from bench import floor, recording
from bench.far import far_reference
from bench.processes import Cost, Unmeasurable, measure, median_of
from tests.suite import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[recording.Asked]:
    folder = tmp_path_factory.mktemp("recording")
    measure(folder, "-m", "bench.recording", str(folder / "asked.json"))
    return recording.read(folder / "asked.json")


def test_the_floor_has_the_reference_do_what_it_did_in_the_run(asked: list[recording.Asked]) -> None:
    floor.send(asked)
    refused = replace(asked[-1], status=500)
    with pytest.raises(floor.OtherAnswer, match=f"request {len(asked)} .* with {asked[-1].status}, and with 500"):
        floor.send([*asked[:-1], refused])


def test_a_process_that_fails_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(Unmeasurable, match=r"ended with 3, .*\nit broke"):
        measure(tmp_path, "-c", "print('it broke'); raise SystemExit(3)")


MEASURED = """
import sys
from pathlib import Path
from bench.processes import measure
for code in sys.argv[2:]:
    cost = measure(Path(sys.argv[1]), "-c", code)
    print(cost.wall, cost.cpu, cost.peak)
"""


def test_what_a_process_took_is_told(tmp_path: Path) -> None:
    # By a small process: the peak of one that a large process starts is that of the large one at the least.
    command = [sys.executable, "-c", MEASURED, tmp_path, "import time; time.sleep(0.5)", "bytearray(600_000_000)"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    idle, large = (Cost(*map(float, line.split())) for line in told.splitlines())
    assert idle.wall >= 0.5 > idle.cpu > 0
    assert large.peak > 570 > idle.peak > 0


def test_of_each_figure_the_median_counts() -> None:
    assert median_of([Cost(1, 6, 7), Cost(2, 5, 9), Cost(3, 4, 8)]) == Cost(2, 5, 8)


def test_a_far_reference_answers_late() -> None:
    with far_reference(0.2) as url:
        connection = HTTPConnection(urlsplit(url).netloc)
        started = time.perf_counter()
        connection.request("POST", "/")
        assert connection.getresponse().status >= 400
        assert time.perf_counter() - started >= 0.2
        connection.close()


@pytest.mark.parametrize("wrong", ["--rounds=0", "--rounds=many", "--latency=long"])
def test_bad_arguments_are_told_in_a_line(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main([wrong])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.long
def test_all_that_is_measured_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["--rounds=1", "--latency=1"]) == 0
    printed = capsys.readouterr().out
    for told in (r"round 1 of 1", r"calls of a run +\d{3}", r"run / floor +[\d.]+ of wall, [\d.]+ of CPU"):
        assert re.search(told, printed), told
