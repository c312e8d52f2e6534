"""Clauses on the states of a handshake that its sender cancels: the sender's column of contracts/transitions.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.judging.expectations import expect, expect_equal, expect_refused
from contracts.judging.judge import handshake_in
from contracts.judging.summary import answer_summary
from contracts.transitions import outcome
from contracts.vocabulary import Actor

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange


def test_sender_open(answer: Exchange) -> None:
    expect(answer.handshake is not None, expected="HTTP 200 and the handshake", actual=answer_summary(answer))


def test_fresh_open(answer: Exchange) -> None:
    state = handshake_in(answer).get("State")
    expect(state in ("OPEN", "REQUESTED"), expected="State OPEN or REQUESTED", actual=f"State {state!r}")


def test_fresh_open_observed(answer: Exchange) -> None:
    expect_equal(handshake_in(answer).get("State"), "OPEN", "State")


def test_sender_canceled(answer: Exchange) -> None:
    _expect_already_canceled(answer)


def test_sender_accepted(answer: Exchange) -> None:
    expect_refused(answer, outcome("ACCEPTED", Actor.SENDER).codes)


def test_sender_declined(answer: Exchange) -> None:
    expect_refused(answer, outcome("DECLINED", Actor.SENDER).codes)


def test_sender_canceled_at_once(answer: Exchange) -> None:
    _expect_already_canceled(answer)


def test_retried_cancellation(answer: Exchange) -> None:
    _expect_already_canceled(answer)


def test_sender_expired(answer: Exchange) -> None:
    expect_refused(answer, outcome("EXPIRED", Actor.SENDER).codes)


def _expect_already_canceled(answer: Exchange) -> None:
    expect_refused(answer, outcome("CANCELED", Actor.SENDER).codes)
