"""A process, and what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FOREIGN = ("AWS_", "PYTEST_", "PYTHONDONTWRITEBYTECODE")  # the last would have each run compile all anew


@dataclass(frozen=True)
class Cost:
    """What a process took, with those that it started: seconds of wall and of CPU, and the peak memory in MB.

    Of several processes, the peak is that of the largest.
    """

    wall: float
    cpu: float
    peak: float


class Unmeasurable(RuntimeError):
    """A process that was to be measured didn't do its work."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        super().__init__(f"{' '.join(command)} ended with {code}, so that there is nothing to measure:\n{output}")


def measure(folder: Path, *arguments: str) -> Cost:
    """Run Python with these arguments, and return what it took. Raises :class:`Unmeasurable` unless it exits with 0.

    It sees nothing of the settings of AWS and pytest. ``folder`` is where its output goes.
    """
    command = [sys.executable, *arguments]
    nowhere = str(folder / "none")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    environment |= {"AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere}
    with (folder / "output.txt").open("w+", encoding="utf-8") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603  # this Python, on this project
        _, status, usage = os.wait4(process.pid, 0)  # which tells what this one process used
        wall = time.perf_counter() - started
        process.returncode = code = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if code != 0:
            raise Unmeasurable(command, code, output.read()[-2000:])
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(wall, usage.ru_utime + usage.ru_stime, kilobytes / 1024)


def median_of(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        *(median(figures) for figures in zip(*((each.wall, each.cpu, each.peak) for each in costs), strict=True))
    )
