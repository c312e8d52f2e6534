"""Progress of a long run: a line now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.judging.exchange import Transcript

QUIET = 5.0
"""Seconds that pass before the first line, and between two of them: a short run needs none."""


class Progress:
    """Tells how far a run has come. ``scenarios`` is how many it drives, ``planned`` how many calls (0: not known)."""

    def __init__(
        self,
        scenarios: int,
        planned: int,
        write_line: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scenarios = scenarios
        self._planned = planned
        self._write_line = write_line
        self._clock = clock
        self._started = self._told = clock()
        self._done = 0
        self._calls = 0

    def note(self, transcript: Transcript, *, is_scenario: bool) -> None:
        """Count what was driven, and write a line if it is time for one."""
        self._calls += len(transcript.exchanges)
        self._done += is_scenario
        now = self._clock()
        if self._done and self._done < self._scenarios and now - self._told >= QUIET:
            self._told = now
            self._write_line(self._line(now - self._started))

    def _line(self, elapsed: float) -> str:
        share = min(1.0, self._calls / self._planned) if self._planned else self._done / self._scenarios
        left = elapsed * (1 - share) / share
        calls = f"{self._calls} of {self._planned} calls" if self._planned else f"{self._calls} calls"
        return f"scenario {self._done} of {self._scenarios}, {calls}, about {max(1, round(left))} s left"
