"""The outcome of a cancellation for every state of a handshake and every caller, as one complete table."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.model import operation
from contracts.vocabulary import Actor, Authority


@dataclass(frozen=True)
class Cell:
    """The outcome for one state and one caller.

    ``refused`` says whether the call is refused, on the given ``authority``. ``codes`` are the errors that may refuse
    it, on the authority ``code_authority`` (None: the error is unknown). ``clauses`` are those that judge the cell;
    there are none where no scenario reaches the situation yet.
    """

    refused: bool
    authority: Authority
    codes: tuple[str, ...] = ()
    code_authority: Authority | None = None
    clauses: tuple[str, ...] = ()


_ALREADY = ("HandshakeAlreadyInStateException",)
_INVALID = ("InvalidHandshakeTransitionException",)
_DENIED = ("AccessDeniedException",)
_DENIED_OR_UNKNOWN = ("AccessDeniedException", "HandshakeNotFoundException")


def _canceled(authority: Authority, *clauses: str) -> Cell:
    return Cell(refused=False, authority=authority, clauses=clauses)


def _sender(codes: tuple[str, ...], authority: Authority, *clauses: str) -> Cell:
    return Cell(refused=True, authority=authority, codes=codes, code_authority=authority, clauses=clauses)


def _other(codes: tuple[str, ...], authority: Authority | None, *clauses: str) -> Cell:
    """Return the cell of a caller other than the sender: that it is refused is documented, with which error is not."""
    return Cell(refused=True, authority=Authority.DOCUMENTED, codes=codes, code_authority=authority, clauses=clauses)


UNKNOWN_CODE = _other((), None)
_CLOSED_RECIPIENT = _other(_DENIED, Authority.INFERRED, "callers.recipient-closed", "callers.recipient-closed-code")
_EXPIRED_OTHERS = ("time.others-refused", "time.others-code")
_CLOSED_STRANGER = _other(_DENIED_OR_UNKNOWN, Authority.INFERRED, "callers.stranger-closed", "callers.stranger-code")

TABLE: dict[tuple[str, Actor], Cell] = {
    ("REQUESTED", Actor.SENDER): _canceled(Authority.DOCUMENTED),
    ("OPEN", Actor.SENDER): _canceled(Authority.OBSERVED, "transitions.sender-open"),
    ("CANCELED", Actor.SENDER): _sender(
        _ALREADY, Authority.OBSERVED, "transitions.sender-canceled", "transitions.sender-canceled-at-once"
    ),
    ("ACCEPTED", Actor.SENDER): _sender(_INVALID, Authority.OBSERVED, "transitions.sender-accepted"),
    ("DECLINED", Actor.SENDER): _sender(_INVALID, Authority.OBSERVED, "transitions.sender-declined"),
    ("EXPIRED", Actor.SENDER): _sender(
        _INVALID, Authority.INFERRED, "transitions.sender-expired", "time.cancel-refused", "time.cancel-changes-nothing"
    ),
    ("REQUESTED", Actor.RECIPIENT): UNKNOWN_CODE,
    # Observed for a recipient that was a member of the sender's organization, for which there is a clause of its own.
    ("OPEN", Actor.RECIPIENT): _other(
        _DENIED, Authority.INFERRED, "callers.recipient-open", "callers.recipient-open-code"
    ),
    ("CANCELED", Actor.RECIPIENT): _CLOSED_RECIPIENT,
    ("ACCEPTED", Actor.RECIPIENT): _CLOSED_RECIPIENT,
    ("DECLINED", Actor.RECIPIENT): _CLOSED_RECIPIENT,
    ("EXPIRED", Actor.RECIPIENT): _other(_DENIED, Authority.INFERRED, *_EXPIRED_OTHERS),
    ("REQUESTED", Actor.MEMBER): UNKNOWN_CODE,
    ("OPEN", Actor.MEMBER): _other(_DENIED, Authority.INFERRED, "callers.member", "callers.member-code"),
    ("CANCELED", Actor.MEMBER): _other(_DENIED, Authority.INFERRED, "callers.member", "callers.member-code"),
    ("ACCEPTED", Actor.MEMBER): UNKNOWN_CODE,
    ("DECLINED", Actor.MEMBER): UNKNOWN_CODE,
    ("EXPIRED", Actor.MEMBER): UNKNOWN_CODE,
    ("REQUESTED", Actor.STRANGER): UNKNOWN_CODE,
    ("OPEN", Actor.STRANGER): _other(
        _DENIED_OR_UNKNOWN, Authority.INFERRED, "callers.stranger", "callers.stranger-code"
    ),
    ("CANCELED", Actor.STRANGER): _CLOSED_STRANGER,
    ("ACCEPTED", Actor.STRANGER): _CLOSED_STRANGER,
    ("DECLINED", Actor.STRANGER): _CLOSED_STRANGER,
    ("EXPIRED", Actor.STRANGER): _other(_DENIED_OR_UNKNOWN, Authority.INFERRED, *_EXPIRED_OTHERS),
    # It is the account that counts.
    ("REQUESTED", Actor.PRINCIPAL): _canceled(Authority.DOCUMENTED),
    ("OPEN", Actor.PRINCIPAL): _canceled(Authority.DOCUMENTED, "callers.principal"),
    ("CANCELED", Actor.PRINCIPAL): _other(_ALREADY, Authority.INFERRED),
    ("ACCEPTED", Actor.PRINCIPAL): _other(_INVALID, Authority.INFERRED),
    ("DECLINED", Actor.PRINCIPAL): _other(_INVALID, Authority.INFERRED),
    ("EXPIRED", Actor.PRINCIPAL): _other(_INVALID, Authority.INFERRED),
}


def states() -> tuple[str, ...]:
    """Return the states of a handshake in the model's enum."""
    return tuple(operation.shape("HandshakeState").metadata["enum"])


def ended() -> tuple[str, ...]:
    """Return the final states: those in which even the sender is refused."""
    return tuple(state for state in states() if TABLE[state, Actor.SENDER].refused)


def pending() -> tuple[str, ...]:
    """Return the states of an invitation that nobody has ended: those in which the sender can cancel it."""
    return tuple(state for state in states() if state not in ended())


def outcome(state: str, actor: Actor) -> Cell:
    """Return the outcome for this actor and a handshake in this state. Raises KeyError if the table lacks it."""
    return TABLE[state, actor]
