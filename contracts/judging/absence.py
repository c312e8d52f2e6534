"""Signs in an answer that the target does not have the operation.

Endpoints say so in many ways: status and body are looked at together, and the sign is reported. An endpoint that
implements nothing must not pass for one that refuses correctly.
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
"""Errors about the keys or the signature of a call, and not about what it asks for. Source:
https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html, and other services' names for them.
"""
ASKED, NONSENSE = "operation", "no-operation"
"""The preflight's steps that call the operation, and one that no endpoint has."""
DESCRIBED = "describe-organization"
"""The preflight's step that calls an operation that every endpoint with Organizations has."""
PREFLIGHT = "preflight"
"""The name of the preflight's transcript."""
ASKED_AT = f"{PREFLIGHT}/{ASKED}"
NOT_ASKED = Transcript(PREFLIGHT, ())
"""The preflight of a target that needs none: the embedded one, or a recording."""
_HTML = "text/html"
_OWN_PAGES = {404, 405, 500, 502, 503}


@dataclass(frozen=True)
class Sign:
    """A sign that a target doesn't have the operation. One that isn't explicit is only a suspicion."""

    text: str
    explicit: bool


def absence_in(preflight: Transcript) -> Sign | None:
    """Return the sign in the preflight that the target doesn't have the operation at all, None if there is none.

    A sign that isn't explicit counts only if the target answers an operation that no endpoint has in the same way;
    otherwise it may be the target's way to say that a handshake doesn't exist.
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
    return (
        Sign(f"{sign}, as for an operation that no endpoint has", explicit=False)
        if sign is not None and alike
        else None
    )


def _unknown(exchange: Exchange) -> str | None:
    """Return the sign of an endpoint that has no such service. Bad keys have ended the run before this call."""
    if exchange.code != "UnrecognizedClientException":
        return None
    return f"HTTP {exchange.status} {exchange.code}, although the keys are good"


def confirmed(sign: Sign | None, transcripts: Iterable[Transcript]) -> str | None:
    """Return the sign's text, None if there is none. A suspicion is dropped once a cancellation has succeeded."""
    if sign is None:
        return None
    exchanges = (exchange for transcript in transcripts for exchange in transcript.exchanges)
    works = any(exchange.operation == OPERATION and exchange.handshake is not None for exchange in exchanges)
    return None if works and not sign.explicit else sign.text


def absence(exchange: Exchange) -> str | None:
    """Return the sign in the answer that its operation isn't there, None if there is none."""
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
    """Return the sign of an answer that says outright that there is no such operation."""
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
