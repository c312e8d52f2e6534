"""What the real service was recorded to answer where a clause is judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contracts import recordings
from contracts.judging.exchange import first_name
from contracts.recordings import Kind, Observation, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PREFIX = "recording:"
_LONGEST = 400


def recorded_answer(sources: Sequence[str], exchange: str = "") -> tuple[Recording, Observation] | None:
    """Return the recorded answer: to the same step if it was recorded, else to the first case cited.

    ``exchange`` is the id of the exchange that is judged (``scenario/step``). There is none where no answer of the real
    service is cited.
    """
    cited = [*_cited(sources)]
    scenario, _, step = exchange.partition("/")
    for recording, _ in cited:
        case = recording.scenarios.get(first_name(scenario), {}).get(step)
        if case is not None:
            return recording, recording[case]
    return next(iter(cited), None)


def recorded_lines(sources: Sequence[str], exchange: str = "") -> list[str]:
    """Return the recorded answer with its date, in lines; none where there is no such answer."""
    answer = recorded_answer(sources, exchange)
    return lines_of(*answer) if answer else []


def lines_of(recording: Recording, observation: Observation) -> list[str]:
    """Return one recorded answer: its day, its case, its status and its body."""
    body = json.dumps(observation.body, ensure_ascii=False) if observation.body else "no body"
    cut = f"{body[:_LONGEST]} ..." if len(body) > _LONGEST else body
    return [f"{recording.captured[:10]}, {observation.case}:", f"< {observation.status}", f"< {cut}"]


def _cited(sources: Sequence[str]) -> Iterator[tuple[Recording, Observation]]:
    for source in sources:
        if source.startswith(_PREFIX):
            name, _, case = source.removeprefix(_PREFIX).partition("#")
            recording = recordings.recording(name)
            if recording.kind is Kind.SERVICE:
                yield recording, recording[case]
