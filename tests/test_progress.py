"""The line that a long run writes now and then."""

from __future__ import annotations

from contracts.judging.exchange import Exchange, Request, Transcript
from reports.progress import QUIET, Progress

REQUEST = Request("POST", "", (), b"")


def transcript(calls: int) -> Transcript:
    return Transcript("s", tuple(Exchange("s", str(n), "sender", "X", REQUEST, None) for n in range(calls)))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def told(planned: int, *steps: tuple[float, int]) -> list[str]:
    clock, lines = Clock(), list[str]()
    progress = Progress(4, planned, lines.append, clock)
    for now, calls in steps:
        clock.now = now
        progress.note(transcript(calls), is_scenario=True)
    return lines


def test_a_short_run_writes_none() -> None:
    assert told(0, (1.0, 5), (2.0, 5), (3.0, 5), (4.0, 5)) == []


def test_a_long_run_says_how_far_it_is_and_not_too_often() -> None:
    assert told(40, (QUIET, 10), (QUIET + 1, 10), (2 * QUIET + 1, 10), (99.0, 10)) == [
        "scenario 1 of 4, 10 of 40 calls, about 15 s left",
        "scenario 3 of 4, 30 of 40 calls, about 4 s left",
    ]


def test_without_a_plan_the_scenarios_tell_the_time() -> None:
    assert told(0, (10.0, 7)) == ["scenario 1 of 4, 7 calls, about 30 s left"]
