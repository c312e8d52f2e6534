"""Does an answer say that the target has no such operation, and by which sign?

Endpoints say it in many ways, so status and body are looked at together, and the sign that was seen is reported: an
endpoint that implements nothing must not pass for one that refuses well.
"""

from __future__ import annotations

import re

from contracts.exchange import Exchange

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
_HTML = "text/html"
_OWN_PAGES = {404, 405, 500, 502, 503}


def absence(exchange: Exchange) -> str | None:
    """By which sign does the answer say that the operation isn't there? None if it says no such thing."""
    if exchange.response is None or exchange.response.status < 400:
        return None
    status, code = exchange.response.status, exchange.code
    if status == 501:
        return f"HTTP 501{f' {code}' if code else ''}"
    if code in _CODES:
        return f"HTTP {status} {code}"
    if exchange.message and _WORDS.search(exchange.message):
        return f"HTTP {status}, message {exchange.message!r}"
    if code is None and status in _OWN_PAGES:
        kind = (exchange.header("content-type") or "no content type").partition(";")[0]
        if kind == _HTML or status in {404, 405}:
            return f"HTTP {status}, {kind}, no error type"
    return None
