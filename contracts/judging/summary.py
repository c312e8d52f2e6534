"""An exchange in a few words, for the sentences of verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange


def answer_summary(exchange: Exchange) -> str:
    """How does an answer read in half a line: status, error type and reason, or what it carries?"""
    if exchange.response is None:
        return f"nothing: {exchange.failure}"
    if exchange.code is not None:
        return " ".join(filter(None, (f"HTTP {exchange.status}", exchange.code, exchange.reason)))
    if exchange.handshake is not None:
        carried = f"a handshake in state {exchange.handshake.get('State')}"
    elif exchange.readable:
        carried = ", ".join(exchange.readable)
    else:
        carried = f"{exchange.header('content-type') or 'no content type'} and no member to read"
    return f"HTTP {exchange.status} with {carried}"


def call_summary(exchange: Exchange) -> str:
    """How does an exchange read as the beginning of a sentence?"""
    return f"{exchange.operation} by the {exchange.actor} was answered {answer_summary(exchange)}"
