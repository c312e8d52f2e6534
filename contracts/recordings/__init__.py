"""Recorded answers of the real service, with their dates and limits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.judging.exchange import Exchange, Request, Response, Transcript
from contracts.vocabulary import NOT_RECORDED

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent


class UnknownObservation(LookupError):
    """A source names a recording that doesn't exist, or a case that its recording doesn't have."""

    def __init__(self, reference: str, known: list[str]) -> None:
        self.reference = reference
        super().__init__(f"no recorded observation {reference!r}; there are {known}")


@dataclass(frozen=True)
class Observation:
    """One call to the real service and its answer. ``input`` and ``body`` are the JSON documents."""

    case: str
    caller: str
    operation: str
    input: Mapping[str, Any]
    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """The calls of one capture in their order, with its date (ISO 8601), its source and its limits.

    ``scenarios`` maps each step of a scenario to the case that clauses judge in its place. ``known`` gives the reason
    for each clause, by id, that the recording contradicts.
    """

    name: str
    captured: str
    source: str
    limits: tuple[str, ...]
    accounts: Mapping[str, str]
    organization: str
    scenarios: Mapping[str, Mapping[str, str]]
    known: Mapping[str, str]
    observations: tuple[Observation, ...]

    def __getitem__(self, case: str) -> Observation:
        found = next((each for each in self.observations if each.case == case), None)
        if found is None:
            raise UnknownObservation(f"{self.name}#{case}", [each.case for each in self.observations])
        return found


@cache
def recording(name: str) -> Recording:
    """Return the recording of this name. Raises :class:`UnknownObservation` if there is none."""
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        raise UnknownObservation(name, sorted(file.stem for file in FOLDER.glob("*.json")))
    return read(path)


def read(path: Path) -> Recording:
    """Read the recording in this file. Raises ValueError, with the file's name, if it holds none."""
    try:
        return _recording(path.stem, json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no recording: {error!r}") from error


def _recording(name: str, content: Mapping[str, Any]) -> Recording:
    return Recording(
        name=name,
        captured=content["captured"],
        source=content["source"],
        limits=tuple(content["limits"]),
        accounts=content["accounts"],
        organization=content["organization"],
        scenarios=content["scenarios"],
        known=content["known"],
        observations=tuple(Observation(**row) for row in content["observations"]),
    )


def resolve(reference: str) -> Observation:
    """Return the observation of ``recording-name#case``. Raises :class:`UnknownObservation` if there is none."""
    name, _, case = reference.partition("#")
    return recording(name)[case]


def transcripts(recorded: Recording) -> dict[str, Transcript]:
    """Return the recorded part of each scenario as a transcript. All other steps are marked as skipped."""
    return {
        scenario: Transcript(
            scenario,
            tuple(_exchange(recorded[case], scenario, step) for step, case in steps.items()),
            recorded.organization,
            recorded.accounts,
            skipped={"*": NOT_RECORDED},
        )
        for scenario, steps in recorded.scenarios.items()
    }


def _exchange(observed: Observation, scenario: str, step: str) -> Exchange:
    sent, answered = (json.dumps(document).encode() for document in (observed.input, observed.body))
    request, response = Request("POST", "", (), sent), Response(observed.status, (), answered)
    return Exchange(scenario, step, observed.caller, observed.operation, request, response)
