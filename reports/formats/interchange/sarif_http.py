"""An exchange as the web request and the web response of a SARIF result."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from contracts.printing.visible import visible
from reports.formats.content.brief import brief

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange, Headers

Value = dict[str, Any]
_LONGEST = 2_000


def web_messages(exchange: Exchange) -> Value:
    """Return the request and the answer, as members of a result."""
    request, response = exchange.request, exchange.response
    sent = {
        "protocol": "HTTP",
        "method": brief(request.method, _LONGEST),
        "target": brief(request.url, _LONGEST),
        "headers": _headers(request.headers),
        "body": _content(request.body),
    }
    answered: Value = {"noResponseReceived": True}
    if response is not None:
        phrase = {"reasonPhrase": HTTPStatus(response.status).phrase} if response.status in {*HTTPStatus} else {}
        answered = {
            "protocol": "HTTP",
            "statusCode": response.status,
            "headers": _headers(response.headers),
            "body": _content(response.body),
        } | phrase
    return {"webRequest": sent, "webResponse": answered}


def _headers(headers: Headers) -> dict[str, str]:
    """Return the headers by their names; those of one name stand in one, as HTTP lets them."""
    joined: dict[str, str] = {}
    for name, value in headers:
        shown = brief(name, _LONGEST)
        joined[shown] = f"{joined[shown]}, {brief(value, _LONGEST)}" if shown in joined else brief(value, _LONGEST)
    return joined


def _content(body: bytes) -> Value:
    """Return a body that is short; of a long one the beginning, as text."""
    if len(body) > _LONGEST:
        text = visible(body[:_LONGEST].decode("utf-8", "backslashreplace"))
        return {"text": f"{text} ... ({len(body) - _LONGEST:,} bytes left out)"}
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"binary": base64.b64encode(body).decode("ascii")}
