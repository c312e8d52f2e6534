"""What went over the wire, and what can be read from it without asking anybody?

An :class:`Exchange` keeps one request and its answer byte for byte. Everything else here is a reading of those bytes:
the error code found the way SDKs find it, the JSON document, the answer as botocore's own parser understands it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.compat import HTTPHeaders
from botocore.parsers import ResponseParserError, create_parser

from contracts.model.operation import service_model

if TYPE_CHECKING:
    from collections.abc import Mapping

TRY = "-try-"
"""Between a step's name and a number: a read that didn't show the awaited state yet, and was made again."""

RUN = "#"
"""Between a scenario's name and a number: the same scenario, driven for the second, third, ... time."""

Headers = tuple[tuple[str, str], ...]


class MalformedBody(ValueError):
    """An answer's body is not the JSON document that a reader looked for."""

    def __init__(self, exchange: str, why: str) -> None:
        self.exchange = exchange
        self.why = why
        super().__init__(f"the body of {exchange} is no JSON object: {why}")


def strict_json(body: bytes) -> Any:
    """Which JSON value is the body, in UTF-8, with nothing in it that readers understand differently?

    Raises ValueError for what isn't JSON, for NaN and the like, and for a member given twice.
    """
    return json.loads(body.decode("utf-8"), parse_constant=_no_json, object_pairs_hook=_unique)


def _no_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")  # Python's parser would take it


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # which of them holds is anybody's guess
        raise ValueError(f"repeated members among {[name for name, _ in pairs]}")
    return found


def objects(value: Any) -> list[dict[str, Any]]:
    """Which of a list's entries are objects? None of what is no list: that is for a schema to say."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def header(headers: Headers, name: str) -> str | None:
    """What is the first header of this name (in any case)? None if there is none."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def run_name(scenario: str, run: int) -> str:
    """Under which name does a scenario's transcript stand when it is driven for the n-th time?"""
    return scenario if run == 1 else f"{scenario}{RUN}{run}"


def first_name(name: str) -> str:
    """Of which scenario is the transcript of this name?"""
    return name.partition(RUN)[0]


@dataclass(frozen=True)
class Request:
    """One HTTP request as it was sent: method, absolute URL, header pairs, body bytes."""

    method: str
    url: str
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Response:
    """One HTTP answer as it arrived: status, header pairs, body bytes."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, with who sent it, why, and how long it took.

    ``response`` is None if no complete answer arrived; ``failure`` then says what happened instead. ``started`` is in
    epoch seconds, ``seconds`` is the time until the whole body was read. ``client`` is the exception class that a boto3
    client raised for the answer, ``returned`` if it returned, and empty if no client was asked.
    """

    scenario: str
    step: str
    actor: str
    operation: str
    request: Request
    response: Response | None
    failure: str | None = None
    started: float = 0.0
    seconds: float = 0.0
    client: str = ""

    @property
    def id(self) -> str:
        """How do verdicts and reports name this exchange?"""
        return f"{self.scenario}/{self.step}"

    @property
    def situation(self) -> str:
        """In which scenario did it take place, whichever time that was driven?"""
        return first_name(self.scenario)

    @property
    def status(self) -> int | None:
        """Which HTTP status came back? None if no answer did."""
        return self.response.status if self.response else None

    def header(self, name: str) -> str | None:
        """What is the answer's first header of this name?"""
        return header(self.response.headers, name) if self.response else None

    @cached_property
    def document(self) -> dict[str, Any]:
        """Which JSON object is the answer's body?

        Raises :class:`MalformedBody` if there is no answer, or its body is not one JSON object in UTF-8.
        """
        if self.response is None:
            raise MalformedBody(self.id, self.failure or "no answer")
        try:
            value = strict_json(self.response.body)
        except (ValueError, RecursionError) as error:
            raise MalformedBody(self.id, str(error)) from error
        if not isinstance(value, dict):
            raise MalformedBody(self.id, f"a JSON {type(value).__name__}")
        return value

    @cached_property
    def readable(self) -> dict[str, Any]:
        """Which JSON object is the answer's body, or an empty one where there is none to read?"""
        try:
            return self.document
        except MalformedBody:
            return {}

    @cached_property
    def sent(self) -> dict[str, Any]:
        """Which JSON object did the request carry? An empty one if it carried something else."""
        try:
            value = json.loads(self.request.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @cached_property
    def raw_code(self) -> str | None:
        """Which error type does the answer name, as it is spelt? Header, then ``code``, then ``__type``.

        Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
        """
        named = (self.header("x-amzn-errortype"), self.readable.get("code"), self.readable.get("__type"))
        return next((name for name in named if isinstance(name, str) and name), None)

    @property
    def code(self) -> str | None:
        """Which error is it, the way an SDK reads it: cut at the first colon, then after the first hash?"""
        if self.raw_code is None:
            return None
        return self.raw_code.split(":", 1)[0].split("#", 1)[-1]

    @property
    def message(self) -> str | None:
        """What does the answer say in words, in whichever spelling of the member an SDK would find it?"""
        found = self.readable.get("Message", self.readable.get("message"))
        return found if isinstance(found, str) else None

    @property
    def reason(self) -> str | None:
        """Which ``Reason`` does the answer give, if it is a string?"""
        found = self.readable.get("Reason")
        return found if isinstance(found, str) else None

    @property
    def state(self) -> str | None:
        """In which state does a successful answer show its handshake? None unless it shows one, as a string."""
        found = (self.handshake or {}).get("State")
        return found if isinstance(found, str) else None

    @property
    def handshake_id(self) -> str | None:
        """Which handshake does a successful answer carry, by its id? None unless it carries one, as a string."""
        found = (self.handshake or {}).get("Id")
        return found if isinstance(found, str) else None

    @property
    def handshake(self) -> dict[str, Any] | None:
        """Which handshake does a successful answer carry? None unless the status is 200 and it carries one."""
        found = self.readable.get("Handshake") if self.status == 200 else None
        return found if isinstance(found, dict) and found else None

    @property
    def organization(self) -> str | None:
        """The id of the organization that a successful answer describes, None unless it describes one."""
        found = (self._described_organization or {}).get("Id")
        return found if isinstance(found, str) else None

    @property
    def manager(self) -> str | None:
        """The account that manages the organization which a successful answer describes, None if it doesn't say."""
        found = (self._described_organization or {}).get("MasterAccountId")
        return found if isinstance(found, str) else None

    @property
    def _described_organization(self) -> dict[str, Any] | None:
        found = self.readable.get("Organization") if self.status == 200 else None
        return found if isinstance(found, dict) else None

    @cached_property
    def sdk_reading(self) -> dict[str, Any]:
        """What does botocore's parser make of the answer? Raises ResponseParserError where it gives up."""
        if self.response is None:
            raise ResponseParserError(self.failure or "no answer")
        headers = HTTPHeaders()
        for name, value in self.response.headers:
            headers[name] = value
        shape = service_model().operation_model(self.operation).output_shape
        answer = {"status_code": self.response.status, "headers": headers, "body": self.response.body}
        try:
            return dict(create_parser("json").parse(answer, shape))
        except Exception as error:  # of a wrong timestamp it says ValueError, of a text for a structure AttributeError
            raise ResponseParserError(str(error)) from error


@dataclass(frozen=True)
class Stop:
    """Why a scenario went no further: the exchange that failed (``scenario/step``), and what was wrong with it."""

    step: str
    because: str


@dataclass(frozen=True)
class Transcript:
    """The exchanges of one scenario, in order, with what the scenario knew of the accounts.

    ``accounts`` maps each actor to its 12-digit account id. ``stop`` is set if a call that the rest depended on
    failed; ``skipped`` maps each step that was not attempted (``*``: none was) to the capability that the target lacks.
    """

    scenario: str
    exchanges: tuple[Exchange, ...]
    organization: str | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)
    stop: Stop | None = None
    skipped: Mapping[str, str] = field(default_factory=dict)

    def find(self, step: str) -> Exchange | None:
        """Which exchange is this step's? None if it was never sent."""
        return next((exchange for exchange in self.exchanges if exchange.step == step), None)
