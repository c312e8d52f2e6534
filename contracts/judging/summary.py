"""Exchanges in a few words, for the sentences of verdicts."""

from __future__ import annotations

import re
from json import JSONDecodeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange


PAGE = "the body is an HTML page"
_MOST_BEGINNING = 40
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,400})", re.IGNORECASE)
_MOST_TITLE, _FIRST = 80, 65536


def body_kind(exchange: Exchange) -> str:
    """Return what the answer's body is, where it should be a JSON object: the body is XML, is empty, is a page."""
    if exchange.response is None:
        return f"there is no answer: {exchange.failure}"
    beginning = exchange.response.body[:_MOST_BEGINNING].decode("utf-8", "backslashreplace").lstrip()
    if not beginning:
        return "the body is empty"
    if beginning.lower().startswith(("<!doctype html", "<html")):
        return PAGE
    if beginning.startswith("<"):
        return "the body is XML"
    if exchange.readable:
        return "the body is a JSON object"
    return f"the body is no JSON object: {_unread(exchange) or repr(beginning)}"


def _unread(exchange: Exchange) -> str:
    """Return why a body isn't read that has the form of JSON, empty if it has another form."""
    try:
        exchange.document  # noqa: B018  # for what it raises
    except ValueError as error:  # MalformedBody, whose cause says what was wrong
        cause = error.__cause__
        return "" if isinstance(cause, JSONDecodeError | UnicodeDecodeError | None) else str(cause)
    return ""


def page_title(exchange: Exchange) -> str:
    """Return the title of the HTML page that was answered, shortened; empty if the page has none."""
    found = _TITLE.search(exchange.response.body[:_FIRST]) if exchange.response else None
    title = " ".join(found[1].decode("utf-8", "backslashreplace").split()) if found else ""
    return title if len(title) <= _MOST_TITLE else f"{title[:_MOST_TITLE]}..."


def answer_summary(exchange: Exchange) -> str:
    """Return the answer in half a line: status with error code and reason, or with the members of its body."""
    if exchange.response is None:
        return f"nothing: {exchange.failure}"
    if exchange.code is not None:
        return " ".join(filter(None, (f"HTTP {exchange.status}", exchange.code, exchange.reason)))
    if exchange.handshake is not None:
        carried = f"a handshake in state {exchange.handshake.get('State')}"
    elif exchange.readable:
        carried = ", ".join(exchange.readable)
    else:
        carried = f"{exchange.header('content-type') or 'no content type'} and no readable members"
    return f"HTTP {exchange.status} with {carried}"


def call_summary(exchange: Exchange) -> str:
    """Return the exchange as the beginning of a sentence.

    It doesn't name the actor, so that the same answer to several of them is one reason in a report.
    """
    if exchange.response is None:
        return f"{exchange.operation} got no answer: {exchange.failure}"
    return f"{exchange.operation} was answered {answer_summary(exchange)}"
