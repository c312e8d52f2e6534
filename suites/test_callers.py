"""Clauses on callers other than the sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.judging.expectations import expect, expect_refused, expect_turned_down
from contracts.judging.judge import Blocked, Evidence
from contracts.judging.summary import answer_summary
from contracts.transitions import outcome
from contracts.vocabulary import Actor

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange


def test_recipient_open(answer: Exchange, evidence: Evidence) -> None:
    _require_open(answer, evidence)
    expect_turned_down(answer)


def test_recipient_open_code(answer: Exchange) -> None:
    expect_refused(answer, outcome("OPEN", Actor.RECIPIENT).codes)


def test_recipient_member_code(answer: Exchange, evidence: Evidence) -> None:
    _require_open(answer, evidence)
    expect_refused(answer, outcome("OPEN", Actor.RECIPIENT).codes)


def test_recipient_closed(answer: Exchange) -> None:
    expect_turned_down(answer)


def test_recipient_closed_code(answer: Exchange) -> None:
    expect_refused(answer, outcome(_state_before(answer), Actor.RECIPIENT).codes)


def test_stranger(answer: Exchange) -> None:
    expect_turned_down(answer)


def test_stranger_closed(answer: Exchange) -> None:
    expect_turned_down(answer)


def test_stranger_code(answer: Exchange) -> None:
    expect_refused(answer, outcome(_state_before(answer), Actor.STRANGER).codes)


def test_member(answer: Exchange) -> None:
    expect_turned_down(answer)


def test_member_code(answer: Exchange) -> None:
    expect_refused(answer, outcome(_state_before(answer), Actor.MEMBER).codes)


def test_principal(answer: Exchange, evidence: Evidence) -> None:
    _require_open(evidence["principal-cancels"], evidence)
    expect(answer.state == "CANCELED", expected="HTTP 200 and the handshake, CANCELED", actual=answer_summary(answer))


def _require_open(answer: Exchange, evidence: Evidence) -> None:
    """Require an open handshake: a refusal of one that somebody canceled before would be no answer to the caller."""
    state = evidence.read_before(answer).get("State")
    if state not in ("OPEN", "REQUESTED"):
        raise Blocked(f"the handshake was already {state}, so that nobody could cancel it", answer.id)


def _state_before(answer: Exchange) -> str:
    """Return the state that the caller found, after which the step is named."""
    return answer.step.rpartition("-")[2].upper()
