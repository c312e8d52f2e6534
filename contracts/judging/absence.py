"""Does an answer say that the target has no such operation, and by which sign?

Endpoints say it in many ways, so status and body are looked at together, and the sign that was seen is reported: an
endpoint that implements nothing must not pass for one that refuses well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts.judging.exchange import Exchange, Transcript
from contracts.model.operation import OPERATION, known_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

_CODES = {
    "InvalidAction",
    "NotImplemented",
    "NotImplementedException",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
}
_WORDS = re.compile(
    r"\bnot (yet )?(been )?(implemented|supported)\b|\bunknown (operation|action)\b|\bunsupported (operation|action)\b",
    re.IGNORECASE,
)
REJECTED_KEYS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Errors that are about the keys or the signature of a call, and not about the call."""
ASKED, NONSENSE = "operation", "no-operation"
"""The preflight's steps that ask for the operation, and for one that nobody has."""
DESCRIBED = "describe-organization"
"""The preflight's step that asks for an operation that every endpoint with Organizations has."""
PREFLIGHT = "preflight"
"""The scenario that they are steps of."""
ASKED_AT = f"{PREFLIGHT}/{ASKED}"
NOT_ASKED = Transcript(PREFLIGHT, ())
"""What was asked of a target that is known, or of which only a transcript is left: nothing."""
_HTML = "text/html"
_OWN_PAGES = {404, 405, 500, 502, 503}


@dataclass(frozen=True)
class Sign:
    """A sign by which a target said that it doesn't have the operation; one that isn't explicit is a suspicion only."""

    text: str
    explicit: bool


def absence_in(preflight: Transcript) -> Sign | None:
    """By which sign did the target say, when it was asked first, that it doesn't have the operation at all?

    A sign that isn't explicit counts only if an operation that nobody has is answered in the same way: else it may be
    the target's odd way to say that a handshake doesn't exist.
    """
    sign, described = _absence_in(preflight), preflight.find(DESCRIBED)
    if sign is None or described is None or (_unknown(described) or absence(described)) is None:
        return sign
    return replace(sign, text=f"{sign.text}; DescribeOrganization isn't there either: the target has no Organizations")


def _absence_in(preflight: Transcript) -> Sign | None:
    exchange, nonsense = preflight.find(ASKED), preflight.find(NONSENSE)
    if exchange is None:
        return None
    if (sign := _unknown(exchange)) is not None:
        return Sign(sign, explicit=True)
    if (sign := _explicit(exchange)) is not None:
        return Sign(sign, explicit=True)
    sign = absence(exchange)
    alike = nonsense is not None and (nonsense.status, nonsense.code) == (exchange.status, exchange.code)
    return Sign(f"{sign}, as for an operation that nobody has", explicit=False) if sign is not None and alike else None


def _unknown(exchange: Exchange) -> str | None:
    """The sign, if the route knows no such service: keys that are bad end a run before this is asked."""
    if exchange.code != "UnrecognizedClientException":
        return None
    return f"HTTP {exchange.status} {exchange.code}, although the keys are good"


def confirmed(sign: Sign | None, transcripts: Iterable[Transcript]) -> str | None:
    """Is the operation absent, given what was said later? A suspicion is dropped where a cancellation succeeded."""
    if sign is None:
        return None
    said = (exchange for transcript in transcripts for exchange in transcript.exchanges)
    works = any(exchange.operation == OPERATION and exchange.handshake is not None for exchange in said)
    return None if works and not sign.explicit else sign.text


def absence(exchange: Exchange) -> str | None:
    """By which sign does the answer say that the operation isn't there? None if it says no such thing."""
    if exchange.response is None or exchange.response.status < 400:
        return None
    if (sign := _explicit(exchange)) is not None:
        return sign
    status = exchange.response.status
    if exchange.code is None and status in _OWN_PAGES:
        kind = (exchange.header("content-type") or "no content type").partition(";")[0]
        if kind == _HTML or status in {404, 405}:
            return f"HTTP {status}, {kind}, no error type"
    return None


def _explicit(exchange: Exchange) -> str | None:
    """The sign, if the answer says in so many words that there is no such operation."""
    status, code = exchange.status, exchange.code
    if status is None or status < 400 or code in known_errors():  # an error of the service's own, whatever its text
        return None
    if status == 501:
        return f"HTTP 501{f' {code}' if code else ''}"
    if code in _CODES:
        return f"HTTP {status} {code}"
    if exchange.message and _WORDS.search(exchange.message):
        return f"HTTP {status}, message {exchange.message!r}"
    return None
