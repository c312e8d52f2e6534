"""What did the real service answer, on which day, to whom, and what was not recorded?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


class UnknownObservation(LookupError):
    """A source names a recording, or a case of one, that isn't there."""

    def __init__(self, reference: str, known: list[str]) -> None:
        self.reference = reference
        super().__init__(f"no recorded observation {reference!r}; there are {known}")


@dataclass(frozen=True)
class Observation:
    """One call to the real service and what it answered. ``input`` and ``body`` are the JSON documents."""

    case: str
    caller: str
    operation: str
    input: Mapping[str, Any]
    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """The calls of one capture in their order, with its date (ISO 8601), its source and its limits."""

    name: str
    captured: str
    source: str
    limits: tuple[str, ...]
    accounts: Mapping[str, str]
    organization: str
    observations: tuple[Observation, ...]


@cache
def recording(name: str) -> Recording:
    """What was recorded under this name? Raises :class:`UnknownObservation` if nothing was."""
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        raise UnknownObservation(name, sorted(file.stem for file in FOLDER.glob("*.json")))
    content = json.loads(path.read_text(encoding="utf-8"))
    return Recording(
        name=name,
        captured=content["captured"],
        source=content["source"],
        limits=tuple(content["limits"]),
        accounts=content["accounts"],
        organization=content["organization"],
        observations=tuple(Observation(**row) for row in content["observations"]),
    )


def resolve(reference: str) -> Observation:
    """Which observation does ``recording-name#case`` name? Raises :class:`UnknownObservation` if none."""
    name, _, case = reference.partition("#")
    observations = recording(name).observations
    found = next((each for each in observations if each.case == case), None)
    if found is None:
        raise UnknownObservation(reference, [each.case for each in observations])
    return found
