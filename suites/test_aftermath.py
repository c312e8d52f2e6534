"""Clauses on the state of things after a cancellation, and after a refused one."""

from __future__ import annotations

from typing import Any

from contracts.judging.absence import absence
from contracts.judging.exchange import Exchange, objects
from contracts.judging.expectations import (
    expect,
    expect_equal,
    expect_not_joined,
    expect_refused,
    expect_same_handshake,
)
from contracts.judging.judge import Blocked, Evidence, handshake_in
from contracts.judging.summary import answer_summary, call_summary
from contracts.transitions import ended, outcome
from contracts.vocabulary import Actor

REFUSED = ("InvalidHandshakeTransitionException",)
ANSWERS = ("AcceptHandshake", "DeclineHandshake")
_FREE_AFTER_ANSWER = {
    "Parties",
    "Resources",
}  # a refused AcceptHandshake was recorded to turn an EMAIL party into an ACCOUNT


def test_sender_reads_canceled(answer: Exchange) -> None:
    _expect_read_canceled(answer)


def test_recipient_reads_canceled(answer: Exchange) -> None:
    _expect_read_canceled(answer)


def test_organization_lists_canceled(answer: Exchange, evidence: Evidence) -> None:
    _expect_listed_canceled(answer, evidence)


def test_account_lists_canceled(answer: Exchange, evidence: Evidence) -> None:
    _expect_listed_canceled(answer, evidence)


def test_accept_refused(answer: Exchange) -> None:
    expect_refused(answer, REFUSED)


def test_decline_refused(answer: Exchange) -> None:
    expect_refused(answer, REFUSED)


def test_answer_refused_at_once(answer: Exchange) -> None:
    expect_refused(answer, REFUSED)


def test_canceled_after_calls_at_once(answer: Exchange, evidence: Evidence) -> None:
    if answer.operation == "ListAccounts":
        expect_not_joined(answer, evidence)
        return
    _expect_read_canceled(answer)  # what a view shows of its other members is for the theme views


def test_not_joined(answer: Exchange, evidence: Evidence) -> None:
    expect_not_joined(answer, evidence)


def test_duplicate_while_open(answer: Exchange) -> None:
    expect_refused(answer, ("DuplicateHandshakeException",))


def test_invite_again(answer: Exchange, evidence: Evidence) -> None:
    canceled = evidence["cancel"].sent["HandshakeId"]
    expect(answer.handshake is not None, expected="HTTP 200 and a new handshake", actual=answer_summary(answer))
    fresh = handshake_in(answer).get("Id")
    is_new = isinstance(fresh, str) and fresh != canceled
    expect(is_new, expected=f"an Id other than {canceled}", actual=f"Id {fresh!r}")


def test_unchanged_after_refusal(answer: Exchange, evidence: Evidence) -> None:
    _expect_unchanged(answer, evidence)


def test_unchanged_after_violation(answer: Exchange, evidence: Evidence) -> None:
    _expect_unchanged(answer, evidence, of_open=True)


def test_unchanged_after_absence(answer: Exchange, evidence: Evidence) -> None:
    _expect_unchanged(answer, evidence, of_open=True)


def test_unchanged_after_wrong_type(answer: Exchange, evidence: Evidence) -> None:
    _expect_unchanged(answer, evidence, of_open=True)


def test_unchanged_after_near_id(answer: Exchange, evidence: Evidence) -> None:
    _expect_unchanged(answer, evidence, evidence["invite"].handshake_id or "", of_open=True)


def test_parties_after_refused_answer(answer: Exchange, evidence: Evidence) -> None:
    before, after = _proof_of(answer, evidence)
    expect_same_handshake(after, before, but=before.keys() - _FREE_AFTER_ANSWER)


def test_still_cancelable(answer: Exchange) -> None:
    expect(answer.state == "CANCELED", expected="HTTP 200 and the handshake, CANCELED", actual=answer_summary(answer))


def test_other_invitation_unchanged(answer: Exchange, evidence: Evidence) -> None:
    _expect_still_open(answer, evidence, "other-before")


def test_foreign_invitation_unchanged(answer: Exchange, evidence: Evidence) -> None:
    _expect_still_open(answer, evidence, "foreign-before")


def test_stays_canceled(answer: Exchange) -> None:
    _expect_read_canceled(answer)


def test_canceled_again_beside_new(answer: Exchange) -> None:
    expect_refused(answer, outcome("CANCELED", Actor.SENDER).codes)


def test_new_invitation_unchanged(answer: Exchange, evidence: Evidence) -> None:
    _expect_still_open(answer, evidence, "new-before")


def _expect_still_open(answer: Exchange, evidence: Evidence, before: str) -> None:
    """Expect the handshake that was read in the step ``before`` to be open still, and the same in every member.

    In a list, only its state is looked at.
    """
    shown = handshake_in(evidence[before])
    if shown.get("State") in ended():
        raise Blocked(f"the handshake was already {shown.get('State')}, so that it couldn't stay open", answer.id)
    if answer.operation == evidence[before].operation:
        expect(answer.handshake is not None, expected="the handshake, as it was before", actual=answer_summary(answer))
        expect_same_handshake(handshake_in(answer), shown)
    else:
        states = [each.get("State") for each in _listed(answer, "Handshakes") if each.get("Id") == shown.get("Id")]
        if not states and isinstance(answer.readable.get("NextToken"), str):
            raise Blocked("the list has more pages than were read, and the handshake is on none of these", answer.id)
        expect_equal(states, [shown.get("State")], f"states of {shown.get('Id')} in the list")


def _proof_of(answer: Exchange, evidence: Evidence) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the handshake as read before and after the call. Raises :class:`Blocked` if either read shows none."""
    return evidence.read_before(answer), handshake_in(evidence.read_after(answer))


def _expect_unchanged(answer: Exchange, evidence: Evidence, handshake: str = "", *, of_open: bool = False) -> None:
    """Expect the handshake that the call is about, or the one of this id, to be as it was; it may have to be open."""
    before, after = evidence.read_before(answer, handshake), evidence.read_after(answer, handshake)
    if of_open and before.get("State") not in ("OPEN", "REQUESTED"):
        raise Blocked(f"the handshake was already {before.get('State')}, so there was nothing to change", answer.id)
    if after.response is None or (absence(after) is not None and not evidence.succeeded(after.operation)):
        raise Blocked(f"{call_summary(after)}, so there is no handshake to compare", after.id)
    expect(after.handshake is not None, expected="the handshake, as it was before", actual=answer_summary(after))
    but = _FREE_AFTER_ANSWER if answer.operation in ANSWERS else set[str]()
    expect_same_handshake(handshake_in(after), before, but=but)


def _expect_read_canceled(answer: Exchange) -> None:
    expect(
        answer.state == "CANCELED",
        expected="HTTP 200 with a handshake in state CANCELED",
        actual=answer_summary(answer),
    )


def _expect_listed_canceled(answer: Exchange, evidence: Evidence) -> None:
    canceled = evidence["cancel"].sent["HandshakeId"]
    listed = answer.readable.get("Handshakes") if answer.status == 200 else None
    expect(isinstance(listed, list), expected="HTTP 200 and a list of Handshakes", actual=answer_summary(answer))
    states = [each.get("State") for each in _listed(answer, "Handshakes") if each.get("Id") == canceled]
    expect_equal(states, ["CANCELED"], f"states of {canceled} in the list")


def _listed(answer: Exchange, member: str) -> list[dict[str, Any]]:
    if answer.status != 200 or not isinstance(answer.readable.get(member), list):
        raise Blocked(f"{call_summary(answer)}, so there is no list to judge", answer.id)
    return objects(answer.readable[member])
