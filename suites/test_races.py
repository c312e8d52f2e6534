"""Clauses on two callers who call at once: each judges all rounds of one kind of race as histories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.judging.busy import FAILURE_CODES, is_busy
from contracts.judging.expectations import expect
from contracts.judging.judge import Blocked, Evidence
from contracts.judging.racing.history import Round, losers, rounds
from contracts.judging.racing.situation import STATE_ERRORS
from contracts.judging.racing.steps import ACCOUNTS, AGAIN, INVITE_AGAIN
from contracts.judging.racing.timeline import timeline
from contracts.judging.summary import answer_summary, call_summary
from contracts.model.operation import INVITE
from contracts.transitions import DUPLICATE, UNRELATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.judging.exchange import Exchange

UNAVAILABLE = 503


def test_one_winner(evidence: Evidence) -> None:
    _expect_answers_in_order(evidence, "one call that succeeds, and one that is refused because of it")


def test_answers_in_order(evidence: Evidence) -> None:
    _expect_answers_in_order(evidence, "answers that one of the two orders of the calls gives")


def test_final_state(evidence: Evidence) -> None:
    shown = [each for each in _explained(evidence) if each.shown_states()]
    if not shown:
        raise Blocked("no answer afterwards shows the handshake or that there is none")
    for each in shown:
        expect(
            each.states_have_order,
            expected="the state that an order of the calls leaves, in every view",
            actual=timeline(each),
        )


def test_member_if_accepted(evidence: Evidence) -> None:
    for each in _explained(evidence):
        listed = each.later.get(ACCOUNTS)
        if listed is not None and each.is_member is None:
            raise Blocked(f"{call_summary(listed)}, which doesn't tell who is a member", listed.id)
        expect(
            each.membership_has_order,
            expected="a member if the invitation was accepted, else none",
            actual=timeline(each),
        )


def test_refusal(evidence: Evidence) -> None:
    for each, call in losers(_decided(evidence)):
        codes = _codes(call.operation)
        if not (call.operation == INVITE and call.code in UNRELATED):
            expected = " or ".join(sorted(codes)) or "no error"
            expect(call.code in codes, expected=f"{call.operation} with {expected}", actual=timeline(each))


def test_answered(evidence: Evidence) -> None:
    for each in _decided(evidence):
        answered = all(call.response is not None and not _breaks_down(call) for call in each.pair)
        expect(answered, expected="an answer to both calls, without a breakdown", actual=timeline(each))


def test_released(evidence: Evidence) -> None:
    tried = [
        (each, each.later[step]) for each in _decided(evidence) for step in (AGAIN, INVITE_AGAIN) if step in each.later
    ]
    judged = [(each, call) for each, call in tried if not call.lost]
    if not judged:
        raise Blocked("no round went on to call again afterwards")
    for each, call in judged:
        expect(
            call.response is not None and not is_busy(call),
            expected=f"a later {call.operation} that isn't held up",
            actual=f"{answer_summary(call)}\n{timeline(each)}",
        )


def _decided(evidence: Evidence) -> Iterator[Round]:
    """Yield the rounds to judge, and note the calls of each as what shows the verdict while it is looked at."""
    for each in rounds(evidence):
        evidence.looked_at = [*each.pair]
        yield each


def _explained(evidence: Evidence) -> Iterator[Round]:
    """Yield the rounds in which the answers by themselves have an order; the others have no state that is right."""
    unexplained = True
    for each in _decided(evidence):
        if each.answers_have_order:
            unexplained = False
            yield each
    if unexplained:
        call = evidence.looked_at[0]
        raise Blocked(f"{call_summary(call)}, and no order of the two calls explains their answers", call.id)


def _expect_answers_in_order(evidence: Evidence, expected: str) -> None:
    for each in _decided(evidence):
        expect(each.answers_have_order, expected=expected, actual=timeline(each))


def _codes(operation: str) -> frozenset[str]:
    """Return the errors by which a call may be refused that another one is in the way of."""
    if operation == "DescribeHandshake":
        return frozenset()
    if operation == INVITE:
        return frozenset({DUPLICATE})
    return STATE_ERRORS


def _breaks_down(call: Exchange) -> bool:
    """Return whether the answer is an HTTP 5xx, and none of those by which the service asks for another try."""
    return (call.status or 0) >= 500 and call.status != UNAVAILABLE and call.code not in FAILURE_CODES
