"""Recorded answers of the real service, with their dates and limits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.files import MOST_REPORT, read_file
from contracts.judging.exchange import Exchange, Headers, Request, Response, Transcript
from contracts.judging.lines import body_from_json, headers_from_json
from contracts.model.operation import OPERATION
from contracts.reading import read_json
from contracts.vocabulary import NOT_RECORDED

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent


class UnknownObservation(LookupError):
    """A source names a recording that doesn't exist, or a case that its recording doesn't have."""

    def __init__(self, reference: str, known: list[str]) -> None:
        self.reference = reference
        super().__init__(f"no recorded observation {reference!r}; there are {known}")


class Rehearsal(LookupError):
    """A source names a recording of another target than the real service."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the recording {name!r} is a rehearsal, which is no evidence of the real service")


class Kind(StrEnum):
    """The origin of a recording: the real service, an example in its documentation, another target, or an SDK's caller.

    That of a caller holds one call: what was asked for, and what the SDK returned.
    """

    SERVICE = "service"
    EXAMPLE = "example"
    REHEARSAL = "rehearsal"
    SDK = "sdk"


@dataclass(frozen=True)
class Observation:
    """One call and its answer. ``input`` and ``body`` are the JSON documents, empty where there is none.

    ``sent`` and ``answered`` are the bodies that aren't one JSON object each, as in the lines of a report, else None.
    ``status`` is None if no complete answer arrived; ``failure`` then says what happened instead. ``headers`` are those
    of the answer, empty where they weren't recorded. ``client`` is what a boto3 client made of the answer, and
    ``findings`` what was wrong with its bytes, None where nobody looked. ``parsed`` says that the body is what an SDK
    returned.
    """

    case: str
    caller: str
    operation: str
    input: Mapping[str, Any]
    status: int | None
    body: Mapping[str, Any]
    sent: str | Mapping[str, str] | None = None
    answered: str | Mapping[str, str] | None = None
    headers: Headers = ()
    failure: str | None = None
    client: str = ""
    findings: tuple[str, ...] | None = None
    parsed: bool = False


@dataclass(frozen=True)
class Recording:
    """The calls of one capture in their order, with its date (ISO 8601), its source and its limits.

    ``scenarios`` maps each step of a scenario to the case that clauses judge in its place. ``known`` gives the reason
    for each clause, by id, that the recording contradicts.
    """

    name: str
    kind: Kind
    captured: str
    source: str
    limits: tuple[str, ...]
    accounts: Mapping[str, str]
    organization: str | None
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
    """Return the recording of this name on file.

    Raises :class:`UnknownObservation` if there is none, and :class:`Rehearsal` if it is none of the real service's.
    """
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        raise UnknownObservation(name, sorted(file.stem for file in FOLDER.glob("*.json")))
    recorded = read(path)
    if recorded.kind is Kind.REHEARSAL:
        raise Rehearsal(name)
    return recorded


def on_file() -> tuple[Recording, ...]:
    """Return the recordings on file, in the order of their names."""
    return tuple(recording(path.stem) for path in sorted(FOLDER.glob("*.json")))


def read(path: Path) -> Recording:
    """Read the recording in this file. Raises ValueError, with the file's name, if it holds none."""
    try:
        return _recording(path.stem, read_json(read_file(path, MOST_REPORT)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no recording: {error!r}") from error


def _recording(name: str, content: Mapping[str, Any]) -> Recording:
    if content["kind"] == Kind.SDK:
        content = _of_caller(content)
    return Recording(
        name=name,
        kind=Kind(content["kind"]),
        captured=content["captured"],
        source=content["source"],
        limits=tuple(content["limits"]),
        accounts=content["accounts"],
        organization=content["organization"],
        scenarios=content["scenarios"],
        known=content["known"],
        observations=tuple(_observation(row) for row in content["observations"]),
    )


def _of_caller(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole content of a recording that holds no more than one call of an SDK's caller."""
    call = {"case": OPERATION, "caller": "sender", "operation": OPERATION, "input": content["input"], "parsed": True}
    unsaid: dict[str, Any] = {"captured": "", "source": "", "accounts": {}, "organization": None, "known": {}}
    return {
        **unsaid,
        **content,
        "limits": ["one answer as an SDK returned it, of which nothing is known as it was on the wire"],
        "scenarios": {name: {"cancel": OPERATION} for name in ("account", "sdk")},
        "observations": [call | {"status": 200, "body": content["output"]}],
    }


def _observation(row: Mapping[str, Any]) -> Observation:
    findings = None if row.get("findings") is None else tuple(row["findings"])
    return Observation(**{**row, "headers": headers_from_json(row.get("headers", ())), "findings": findings})


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
    request = Request("POST", "", (), restored_body(observed.input, observed.sent))
    response = None
    if observed.status is not None:
        body = restored_body(observed.body, observed.answered)
        response = Response(observed.status, observed.headers, body, observed.findings, observed.parsed)
    return Exchange(
        scenario,
        step,
        observed.caller,
        observed.operation,
        request,
        response,
        failure=observed.failure,
        client=observed.client,
    )


def restored_body(document: Mapping[str, Any], other: str | Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a recorded body: of its JSON document, or of what stands in place of one."""
    return json.dumps(document).encode() if other is None else body_from_json(other)
