"""Exchanges and transcripts: what went over the wire, and what can be read from it.

An :class:`Exchange` keeps one request and its answer byte for byte. Everything else is derived from those bytes: the
error code as SDKs find it, the JSON document, the answer as botocore's own parser reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from contracts.model.operation import INVITE, output_shape, target_header
from contracts.model.returned import on_wire
from contracts.reading import read_json, strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping

TRY = "-try-"
"""Stands between a step's name and a number, for a read that didn't show the awaited state yet and was made again."""

RUN = "#"
"""Stands between a scenario's name and a number, for its second and later runs."""

Headers = tuple[tuple[str, str], ...]
_SHORT = 16 * 2**10  # bytes
_NO_OPERATION = {"UnknownOperationException", "InvalidAction"}


class MalformedBody(ValueError):
    """An answer's body is not a JSON object."""

    def __init__(self, exchange: str, why: str) -> None:
        self.exchange = exchange
        self.why = why
        super().__init__(f"the body of {exchange} is no JSON object: {why}")


_short = lru_cache(maxsize=256)(strict_json)
_long = lru_cache(maxsize=2)(strict_json)


def _parsed(body: bytes) -> Any:
    """Return the JSON value of the body. Few of long ones are kept: they may take twenty times the memory."""
    return _short(body) if len(body) <= _SHORT else _long(body)


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, and nothing for a value that isn't a list: schemas judge types."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def header(headers: Headers, name: str) -> str | None:
    """Return the first header of this name, in any case, None if there is none."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def run_name(scenario: str, run: int) -> str:
    """Return the name of the transcript of a scenario's n-th run."""
    return scenario if run == 1 else f"{scenario}{RUN}{run}"


def first_name(name: str) -> str:
    """Return the scenario of the transcript with this name."""
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
    """One HTTP answer as it arrived: status, header pairs, body bytes.

    ``findings`` are what was seen to be wrong with the bytes that carried it, in words of
    :mod:`contracts.judging.framing`, None if nobody looked at them. ``parsed`` says that the body is no such bytes, but
    what an SDK returned to its caller, as :mod:`contracts.model.returned` reads it.
    """

    status: int
    headers: Headers
    body: bytes
    findings: tuple[str, ...] | None = None
    parsed: bool = False


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, with the actor that sent it, the step it was sent for, and how long it took.

    ``response`` is None if no complete answer arrived; ``failure`` then says what happened instead, and ``beginning``
    is what came of the answer, head and all, up to a bound. ``started`` is in epoch seconds, ``seconds`` is the time
    until the whole body was read. ``client`` is the exception class that a boto3 client raised for the answer,
    ``returned`` if it raised none, and empty if the call was made without one.

    ``resent`` says that the server closed a connection that was idle, and that the call was made once more on a new
    one. ``lost`` says that it wasn't, because it had been carried out, or could have been, or that the target was gone
    from this call on, or the time of the run over: there is no answer, and nothing is judged by that.
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
    resent: bool = False
    lost: bool = False
    beginning: bytes = b""

    @property
    def id(self) -> str:
        """The name of this exchange in verdicts and reports: ``scenario/step``."""
        return f"{self.scenario}/{self.step}"

    @property
    def situation(self) -> str:
        """The scenario, without the number of its run."""
        return first_name(self.scenario)

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer, None if there is no answer."""
        return self.response.status if self.response else None

    def header(self, name: str) -> str | None:
        """Return the answer's first header of this name, in any case, None if there is none."""
        return header(self.response.headers, name) if self.response else None

    @property
    def document(self) -> dict[str, Any]:
        """The answer's body as a JSON object.

        Raises :class:`MalformedBody` if there is no answer, or its body is not one JSON object in UTF-8.
        """
        if self.response is None:
            raise MalformedBody(self.id, self.failure or "no answer")
        try:
            value = _parsed(self.response.body)
        except ValueError as error:
            raise MalformedBody(self.id, str(error)) from error
        if not isinstance(value, dict):
            raise MalformedBody(self.id, f"a JSON {type(value).__name__}")
        return on_wire(value, output_shape(self.operation)) if self.response.parsed else value

    @property
    def readable(self) -> dict[str, Any]:
        """The answer's body as a JSON object, an empty one if it isn't one."""
        try:
            return self.document
        except MalformedBody:
            return {}

    @cached_property
    def sent(self) -> dict[str, Any]:
        """The request's body as a JSON object, an empty one if it isn't one."""
        return self._sent_object or {}

    @cached_property
    def _sent_object(self) -> dict[str, Any] | None:
        try:
            value = read_json(self.request.body or b"{}")
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    @property
    def refused(self) -> bool:
        """Whether an error came back: a status of 400 or more, or with any status a body that names an error."""
        return self.status is not None and (self.status >= 400 or (self.code is not None and self.handshake is None))

    @cached_property
    def well_formed(self) -> bool:
        """Whether the request is a call of its operation with a JSON body, or an empty one, whatever its members."""
        target = header(self.request.headers, "x-amz-target")
        # A transcript on file may lack the header; then only the answer shows that another operation was called.
        addressed = target == target_header(self.operation) or (target is None and self.code not in _NO_OPERATION)
        return addressed and self._sent_object is not None

    @cached_property
    def raw_code(self) -> str | None:
        """The answer's error type as it is spelt, from the header, else ``code``, else ``__type``. None without one.

        Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
        """
        named = (self.header("x-amzn-errortype"), self.readable.get("code"), self.readable.get("__type"))
        return next((name for name in named if isinstance(name, str) and name), None)

    @property
    def code(self) -> str | None:
        """The error code as an SDK reads it: the error type up to the first colon, and after the first hash."""
        if self.raw_code is None:
            return None
        return self.raw_code.split(":", 1)[0].split("#", 1)[-1]

    @property
    def message(self) -> str | None:
        """The answer's ``Message``, or ``message``, which SDKs read too. None unless it is a string."""
        return _text(self.readable.get("Message", self.readable.get("message")))

    @property
    def reason(self) -> str | None:
        """The answer's ``Reason``, None unless it is a string."""
        return _text(self.readable.get("Reason"))

    @property
    def state(self) -> str | None:
        """The state of the handshake in a successful answer, None unless it is a string."""
        return _text((self.handshake or {}).get("State"))

    @property
    def handshake_id(self) -> str | None:
        """The id of the handshake in a successful answer, None unless it is a string."""
        return _text((self.handshake or {}).get("Id"))

    @property
    def handshake(self) -> dict[str, Any] | None:
        """The handshake in an answer with status 200, None if there is none or an empty one."""
        return _described(self, "Handshake") or None

    @property
    def organization(self) -> str | None:
        """The id of the organization that a successful answer describes, None unless it describes one."""
        return _text(_described(self, "Organization").get("Id"))

    @property
    def manager(self) -> str | None:
        """The management account of the organization that a successful answer describes, None if it doesn't say."""
        return _text(_described(self, "Organization").get("MasterAccountId"))


def is_invitation(exchange: Exchange) -> bool:
    """Return whether the call made an invitation, or may have made one: whether it asked for one and wasn't refused."""
    return exchange.operation == INVITE and not exchange.refused


def _described(exchange: Exchange, name: str) -> dict[str, Any]:
    """Return the object of this name in an answer with status 200, an empty one if there is none."""
    described = exchange.status == 200 and not exchange.operation.startswith("List")  # a page may be long to read
    value = exchange.readable.get(name) if described else None
    return value if isinstance(value, dict) else {}


def features_in(exchange: Exchange) -> str | None:
    """Return the feature set of the organization that a successful answer describes, None if it doesn't say."""
    return _text(_described(exchange, "Organization").get("FeatureSet"))


@dataclass(frozen=True)
class Stop:
    """The reason why a scenario ended early: the exchange that failed (``scenario/step``), and what was wrong."""

    step: str
    because: str


@dataclass(frozen=True)
class Transcript:
    """The exchanges of one scenario, in order, with its organization and accounts.

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
        """Return this step's exchange, None if there is none."""
        return next((exchange for exchange in self.exchanges if exchange.step == step), None)
