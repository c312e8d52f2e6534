"""A handshake as a state machine: which answers a call may get in a state, and which states it leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts.judging.busy import is_busy
from contracts.model.operation import INVITE, OPERATION
from contracts.transitions import ALREADY, DUPLICATE, INVALID, ended, pending

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.judging.exchange import Exchange

    Leaves = Callable[["Situation"], list["Situation"]]

ENDS = {OPERATION: "CANCELED", "AcceptHandshake": "ACCEPTED", "DeclineHandshake": "DECLINED"}
"""The operations that end a handshake, with the state in which they leave it."""
STATE_ERRORS = frozenset((*ALREADY, *INVALID))
"""The errors that say that the handshake's state doesn't allow a call."""
MEMBER_ALREADY = "HandshakeConstraintViolationException"
"""The error for an account that accepts and is a member already.

The handshake was recorded to become ACCEPTED nevertheless; whether one that is over gets this error, too, isn't known.
"""


@dataclass(frozen=True)
class Situation:
    """One handshake, and what two calls at once can change beside its state.

    ``member`` is whether the invited account has become a member, ``invited_again`` whether its party has got a second
    invitation.
    """

    state: str = "OPEN"
    member: bool = False
    invited_again: bool = False


def after(operation: str, situation: Situation) -> Situation | None:
    """Return the situation that a call of the operation leaves, None where it has to be refused."""
    if operation == INVITE:
        free = situation.state in ended() and not situation.invited_again
        return replace(situation, invited_again=True) if free else None
    if situation.state not in pending():
        return None
    state = ENDS[operation]
    return replace(situation, state=state, member=situation.member or state == "ACCEPTED")


def has_succeeded(call: Exchange) -> bool:
    """Return whether the answer says that the call was carried out."""
    return call.status is not None and call.status < 300 and not call.refused


def is_uncertain(call: Exchange) -> bool:
    """Return whether the call may have been carried out, whatever was answered, if anything was."""
    accepted = call.operation == "AcceptHandshake" and call.code == MEMBER_ALREADY
    return accepted or call.status is None or call.status >= 500


def changing(call: Exchange) -> Leaves:
    """Return the transition of a call that changes something, answered as it was."""
    succeeded, uncertain = has_succeeded(call), is_uncertain(call) or is_busy(call)
    refused_for_state = call.code in ({DUPLICATE} if call.operation == INVITE else STATE_ERRORS)

    def leaves(situation: Situation) -> list[Situation]:
        done = after(call.operation, situation)
        if succeeded:
            return [] if done is None else [done]
        if uncertain:
            return [situation] if done is None else [situation, done]
        wrong = refused_for_state and done is not None
        return [] if wrong else [situation]

    return leaves


def showing(state: str | None) -> Leaves:
    """Return the transition of a read that shows the handshake in this state, or no longer at all (None).

    OPEN and REQUESTED are taken for the same.
    """

    def leaves(situation: Situation) -> list[Situation]:
        same = state == situation.state or {state, situation.state} <= {*pending()}
        return [situation] if same else []

    return leaves


def listing(*, member: bool) -> Leaves:
    """Return the transition of a read that shows whether the account is a member."""
    return lambda situation: [situation] if situation.member == member else []
