"""The meaning of an exchange without the values that differ from run to run: its status, error and shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, OperationNotFoundError, Shape, StructureShape

from contracts.judging.exchange import MalformedBody
from contracts.model.operation import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.judging.exchange import Exchange

Outline = dict[str, str]
"""What stands at each place, by the name of the place."""

_FORMS = {
    "an empty string": r"",
    "a handshake's id": r"h-[0-9a-z]{8,32}",
    "an organization's id": r"o-[0-9a-z]{10,32}",
    "an account id": r"[0-9]{12}",
    "an address": r"\S+@\S+",
    "an Arn": r"arn:.*",
}
_APART = {"__type", "code", "Message", "message", "Reason"}
"""The members of an error that have a place of their own."""


def head(exchange: Exchange) -> Outline:
    """Return what an answer says apart from its body: status, error code, reason and content type."""
    answer = {
        "status": str(exchange.status or "no answer"),
        "code": exchange.code or "none",
        "reason": exchange.reason or "none",
    }
    if exchange.response and exchange.response.headers:  # else they weren't recorded
        answer["content type"] = exchange.header("content-type") or "none"
    return answer


def asked(exchange: Exchange) -> Outline:
    """Return the outline of what the call asked for."""
    return _merged(_walk(exchange.sent, _shape(exchange, "input_shape"), "input"))


def body(exchange: Exchange) -> Outline:
    """Return the outline of the answer's body: each member with its form, or its value if the model enumerates it."""
    try:
        document = exchange.document
    except MalformedBody:
        return {"body": "no JSON object"}
    shape = _shape(exchange, "output_shape") if exchange.code is None else None
    shown = {key: value for key, value in document.items() if exchange.code is None or key not in _APART}
    return _merged(_walk(shown, shape, "body"))


def _shape(exchange: Exchange, side: str) -> Shape | None:
    try:
        shape: Shape | None = getattr(operation(exchange.operation), side)
    except OperationNotFoundError:
        return None
    return shape


def _merged(places: Iterator[tuple[str, str]]) -> Outline:
    """Return all that stands at each place: elements of a list that are alike share one."""
    forms: dict[str, set[str]] = {}
    for place, form in places:
        forms.setdefault(place, set()).add(form)
    return {place: " or ".join(sorted(found)) for place, found in sorted(forms.items())}


def _walk(value: Any, shape: Shape | None, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        members = shape.members if isinstance(shape, StructureShape) else {}
        for name, member in value.items():
            yield from _walk(member, members.get(name), f"{place}.{name}")
    elif isinstance(value, list):
        if not value:
            yield place, "an empty list"
        for item in value:
            kind = item.get("Type", "") if isinstance(item, dict) else ""
            yield from _walk(item, shape.member if isinstance(shape, ListShape) else None, f"{place}[{kind}]")
    elif isinstance(value, str):
        enumerated = shape is not None and shape.metadata.get("enum")
        yield place, value if enumerated else _form(value)
    else:
        yield place, "null" if value is None else "a boolean" if isinstance(value, bool) else "a number"


def _form(text: str) -> str:
    return next((name for name, pattern in _FORMS.items() if re.fullmatch(pattern, text, re.ASCII)), "a text")
