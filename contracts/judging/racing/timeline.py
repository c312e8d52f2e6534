"""A round of two calls at once as text: a lane for each of the two with its times, and what was seen afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.judging.summary import answer_summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.judging.racing.history import Round

WIDTH = 24
_MILLISECONDS = 1000.0


def timeline(race: Round) -> str:
    """Return the lines that show who called when, and who was answered what when."""
    return "\n".join((f"in round {race.number}", *_lanes(race), *_afterwards(race)))


def _lanes(race: Round) -> Iterator[str]:
    began = min(each.started for each in race.pair)
    span = max(each.started + each.seconds for each in race.pair) - began
    callers = [f"{each.actor} {each.operation}" for each in race.pair]
    for caller, each in zip(callers, race.pair, strict=True):
        first = each.started - began
        last = first + each.seconds
        times = f"{first * _MILLISECONDS:.1f} to {last * _MILLISECONDS:.1f} ms"
        yield f"{caller:<{max(map(len, callers))}} [{_bar(first, last, span)}] {times}: {answer_summary(each)}"


def _bar(first: float, last: float, span: float) -> str:
    scale = WIDTH / span if span else 0.0
    start = min(WIDTH - 1, int(first * scale))
    length = max(1, min(WIDTH - start, round((last - first) * scale)))
    return " " * start + "=" * length + " " * (WIDTH - start - length)


def _afterwards(race: Round) -> Iterator[str]:
    for step, state in race.shown_states().items():
        view = race.later[step]
        yield f"then {view.actor} {view.operation}: {f'State {state}' if state else 'no such handshake'}"
    if race.is_member is not None:
        yield f"then the account is {'a' if race.is_member else 'not a'} member"
