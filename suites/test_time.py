"""Clauses on what time alone does: invitations expire, and handshakes that are over are forgotten after 30 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.judging.expectations import (
    expect,
    expect_equal,
    expect_new_handshake,
    expect_not_joined,
    expect_refused,
    expect_turned_down,
    listed,
    require_whole,
    shown_in,
)
from contracts.judging.judge import Blocked, Evidence, NotApplicable, handshake_in
from contracts.judging.summary import answer_summary, call_summary
from contracts.transitions import outcome, pending
from contracts.vocabulary import PROOF, Actor

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange

_EXPIRED = "EXPIRED"


def test_open_until_expiration(answer: Exchange, evidence: Evidence) -> None:
    _expect_open(answer, evidence, "invite")


def test_expired_described(answer: Exchange, evidence: Evidence) -> None:
    _expect_state(answer, evidence, "invite", _EXPIRED)


def test_expired_listed(answer: Exchange, evidence: Evidence) -> None:
    _expect_state(answer, evidence, "invite", _EXPIRED)


def test_other_stays_open(answer: Exchange, evidence: Evidence) -> None:
    _expect_open(answer, evidence, "invite-later")


def test_others_refused(answer: Exchange, evidence: Evidence) -> None:
    _require_expired(answer, evidence)
    expect_turned_down(answer)


def test_others_code(answer: Exchange, evidence: Evidence) -> None:
    _require_expired(answer, evidence)
    expect_refused(answer, outcome(_EXPIRED, Actor(answer.actor)).codes)


def test_answer_refused(answer: Exchange, evidence: Evidence) -> None:
    _require_expired(answer, evidence)
    expect_turned_down(answer)


def test_stays_expired(answer: Exchange, evidence: Evidence) -> None:
    _expect_still_expired(answer, evidence)


def test_not_joined(answer: Exchange, evidence: Evidence) -> None:
    expect_not_joined(answer, evidence)


def test_cancel_refused(answer: Exchange, evidence: Evidence) -> None:
    _require_expired(answer, evidence)
    expect_refused(answer, outcome(_EXPIRED, Actor.SENDER).codes)


def test_cancel_changes_nothing(answer: Exchange, evidence: Evidence) -> None:
    _expect_still_expired(answer, evidence)


def test_invite_again(answer: Exchange, evidence: Evidence) -> None:
    expect_new_handshake(answer, _id_of(evidence, "invite"))


def test_canceled_kept(answer: Exchange, evidence: Evidence) -> None:
    _expect_state(answer, evidence, "invite-again", "CANCELED")


def test_canceled_forgotten(answer: Exchange, evidence: Evidence) -> None:
    if answer.operation == "DescribeHandshake":
        expect_turned_down(answer)
    else:
        _expect_not_listed(answer, evidence, "invite-again")


def test_forgotten_code(answer: Exchange) -> None:
    expect_refused(answer, ("HandshakeNotFoundException",))


def test_expired_kept(answer: Exchange, evidence: Evidence) -> None:
    _require_still_expired(evidence)
    _expect_state(answer, evidence, "invite", _EXPIRED)


def test_expired_forgotten(answer: Exchange, evidence: Evidence) -> None:
    _require_still_expired(evidence)
    _expect_not_listed(answer, evidence, "invite")


def _id_of(evidence: Evidence, step: str) -> str:
    """Return the id of the handshake that was made in this step."""
    return str(handshake_in(evidence[step]).get("Id"))


def _expect_open(answer: Exchange, evidence: Evidence, made: str) -> None:
    state = shown_in(answer, evidence, _id_of(evidence, made)).get("State")
    expect(state in pending(), expected=f"State {' or '.join(pending())}", actual=f"State {state!r}")


def _expect_state(answer: Exchange, evidence: Evidence, made: str, state: str) -> None:
    expect_equal(shown_in(answer, evidence, _id_of(evidence, made)).get("State"), state, "State")


def _expect_not_listed(answer: Exchange, evidence: Evidence, made: str) -> None:
    unwanted = _id_of(evidence, made)
    found = listed(answer, evidence, unwanted)
    states = [each.get("State") for each in found]
    expect(not found, expected=f"a list without {unwanted}", actual=f"entries of it with the states {states}")
    require_whole(answer)


def _require_expired(answer: Exchange, evidence: Evidence) -> None:
    """Require that the handshake was shown as EXPIRED right before the call."""
    state = evidence.read_before(answer).get("State")
    if state != _EXPIRED:
        raise Blocked(f"the handshake was {state} before, and not {_EXPIRED}", answer.id)


def _require_still_expired(evidence: Evidence) -> None:
    """Require that the handshake was EXPIRED when it was last read: its sender has tried to cancel it.

    What becomes of it then is for clauses that fail no run.
    """
    last = evidence[f"sender-expired{PROOF}"]
    if last.state == "CANCELED":
        raise NotApplicable("the expired invitation could be canceled, so there is none to look for")
    if last.state != _EXPIRED:
        raise Blocked(f"{call_summary(last)}, so there is no {_EXPIRED} handshake to look for", last.id)


def _expect_still_expired(answer: Exchange, evidence: Evidence) -> None:
    _require_expired(answer, evidence)
    after = evidence.read_after(answer)
    if after.response is None:
        raise Blocked(f"{call_summary(after)}, so there is no handshake to judge", after.id)
    expect(after.state == _EXPIRED, expected=f"HTTP 200 and State {_EXPIRED}", actual=answer_summary(after))
