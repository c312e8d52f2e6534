"""The outcome of a cancellation for every state of an invitation and every caller, as one complete table.

The same for handshakes of every action is in contracts/actions.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.model import operation
from contracts.vocabulary import Actor, Authority


@dataclass(frozen=True)
class Cell:
    """The outcome for one state and one caller.

    ``refused`` says whether the call is refused, on the given ``authority``. ``codes`` are the errors that may refuse
    it, on the authority ``code_authority`` (None: the error is unknown). ``clauses`` are those that judge the cell;
    where there are none, ``reason`` says why.
    """

    refused: bool
    authority: Authority
    codes: tuple[str, ...] = ()
    code_authority: Authority | None = None
    clauses: tuple[str, ...] = ()
    reason: str = ""


ALREADY = ("HandshakeAlreadyInStateException",)
INVALID = ("InvalidHandshakeTransitionException",)
DUPLICATE = "DuplicateHandshakeException"
UNRELATED = frozenset(
    {"HandshakeConstraintViolationException", "ConstraintViolationException", "FinalizingOrganizationException"}
)
"""The errors that refuse an invitation for what has nothing to do with another one: a quota, a new organization.

Source: the errors that the model declares for InviteAccountToOrganization, with their documentation.
"""
DENIED = ("AccessDeniedException",)
DENIED_OR_UNKNOWN = ("AccessDeniedException", "HandshakeNotFoundException")


def canceled(authority: Authority, *clauses: str, reason: str = "") -> Cell:
    """Return the cell of a caller who can cancel."""
    return Cell(refused=False, authority=authority, clauses=clauses, reason=reason)


def refused_sender(codes: tuple[str, ...], authority: Authority, *clauses: str, reason: str = "") -> Cell:
    """Return the cell of the sender where the state forbids a cancellation."""
    return Cell(
        refused=True, authority=authority, codes=codes, code_authority=authority, clauses=clauses, reason=reason
    )


def refused_other(codes: tuple[str, ...], authority: Authority | None, *clauses: str, reason: str = "") -> Cell:
    """Return the cell of a caller other than the sender: that it is refused is documented, with which error is not."""
    documented = Authority.DOCUMENTED
    return Cell(
        refused=True, authority=documented, codes=codes, code_authority=authority, clauses=clauses, reason=reason
    )


def unknown_code(reason: str) -> Cell:
    """Return the cell of a caller other than the sender refused with an error that nobody knows or asks for."""
    return refused_other((), None, reason=reason)


ACCOUNT_COUNTS = "it is the account that counts, for which the sender's clauses stand"
_OPEN_INSTEAD = "the real service shows an invitation that nobody has answered as OPEN"
_MORE_CALLS = "it takes more calls: a member is judged for OPEN and CANCELED, others in every state"
_CLOSED_RECIPIENT = refused_other(
    DENIED, Authority.INFERRED, "callers.recipient-closed", "callers.recipient-closed-code"
)
_EXPIRED_OTHERS = ("time.others-refused", "time.others-code")
_CLOSED_STRANGER = refused_other(
    DENIED_OR_UNKNOWN, Authority.INFERRED, "callers.stranger-closed", "callers.stranger-code"
)

TABLE: dict[tuple[str, Actor], Cell] = {
    ("REQUESTED", Actor.SENDER): canceled(Authority.DOCUMENTED, reason=_OPEN_INSTEAD),
    ("OPEN", Actor.SENDER): canceled(Authority.OBSERVED, "transitions.sender-open"),
    ("CANCELED", Actor.SENDER): refused_sender(
        ALREADY, Authority.OBSERVED, "transitions.sender-canceled", "transitions.sender-canceled-at-once"
    ),
    ("ACCEPTED", Actor.SENDER): refused_sender(INVALID, Authority.OBSERVED, "transitions.sender-accepted"),
    ("DECLINED", Actor.SENDER): refused_sender(INVALID, Authority.OBSERVED, "transitions.sender-declined"),
    ("EXPIRED", Actor.SENDER): refused_sender(
        INVALID, Authority.INFERRED, "transitions.sender-expired", "time.cancel-refused", "time.cancel-changes-nothing"
    ),
    ("REQUESTED", Actor.RECIPIENT): unknown_code(_OPEN_INSTEAD),
    # Observed for a recipient that was a member of the sender's organization, for which there is a clause of its own.
    ("OPEN", Actor.RECIPIENT): refused_other(
        DENIED, Authority.INFERRED, "callers.recipient-open", "callers.recipient-open-code"
    ),
    ("CANCELED", Actor.RECIPIENT): _CLOSED_RECIPIENT,
    ("ACCEPTED", Actor.RECIPIENT): _CLOSED_RECIPIENT,
    ("DECLINED", Actor.RECIPIENT): _CLOSED_RECIPIENT,
    ("EXPIRED", Actor.RECIPIENT): refused_other(DENIED, Authority.INFERRED, *_EXPIRED_OTHERS),
    ("REQUESTED", Actor.MEMBER): unknown_code(_OPEN_INSTEAD),
    ("OPEN", Actor.MEMBER): refused_other(DENIED, Authority.INFERRED, "callers.member", "callers.member-code"),
    ("CANCELED", Actor.MEMBER): refused_other(DENIED, Authority.INFERRED, "callers.member", "callers.member-code"),
    ("ACCEPTED", Actor.MEMBER): unknown_code(_MORE_CALLS),
    ("DECLINED", Actor.MEMBER): unknown_code(_MORE_CALLS),
    ("EXPIRED", Actor.MEMBER): unknown_code(_MORE_CALLS),
    ("REQUESTED", Actor.STRANGER): unknown_code(_OPEN_INSTEAD),
    ("OPEN", Actor.STRANGER): refused_other(
        DENIED_OR_UNKNOWN, Authority.INFERRED, "callers.stranger", "callers.stranger-code"
    ),
    ("CANCELED", Actor.STRANGER): _CLOSED_STRANGER,
    ("ACCEPTED", Actor.STRANGER): _CLOSED_STRANGER,
    ("DECLINED", Actor.STRANGER): _CLOSED_STRANGER,
    ("EXPIRED", Actor.STRANGER): refused_other(DENIED_OR_UNKNOWN, Authority.INFERRED, *_EXPIRED_OTHERS),
    # It is the account that counts.
    ("REQUESTED", Actor.PRINCIPAL): canceled(Authority.DOCUMENTED, reason=_OPEN_INSTEAD),
    ("OPEN", Actor.PRINCIPAL): canceled(Authority.DOCUMENTED, "callers.principal"),
    ("CANCELED", Actor.PRINCIPAL): refused_other(ALREADY, Authority.INFERRED, reason=ACCOUNT_COUNTS),
    ("ACCEPTED", Actor.PRINCIPAL): refused_other(INVALID, Authority.INFERRED, reason=ACCOUNT_COUNTS),
    ("DECLINED", Actor.PRINCIPAL): refused_other(INVALID, Authority.INFERRED, reason=ACCOUNT_COUNTS),
    ("EXPIRED", Actor.PRINCIPAL): refused_sender(INVALID, Authority.INFERRED, reason=ACCOUNT_COUNTS),
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
