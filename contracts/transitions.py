"""Who may cancel a handshake in which state, and what comes of it? One table, state x caller, with nothing left out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contracts import operation
from contracts.clauses import Authority

CANCELED = "CANCELED"


class Actor(StrEnum):
    """Who calls: the account that sent the invitation, the invited one, another member of it, or none of these."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    MEMBER = "member"
    STRANGER = "stranger"


@dataclass(frozen=True)
class Cell:
    """What comes of a call: the state afterwards if it succeeds, else the error codes that refuse it.

    ``codes`` is empty if the call succeeds. Without an ``authority`` nobody knows the outcome; ``clause`` names the
    clause that judges the cell, and is empty where nothing can bring the situation about yet.
    """

    codes: tuple[str, ...]
    authority: Authority | None
    clause: str = ""

    @property
    def known(self) -> bool:
        """Is there any evidence for the outcome?"""
        return self.authority is not None


_ALREADY = ("HandshakeAlreadyInStateException",)
_INVALID = ("InvalidHandshakeTransitionException",)
_DENIED = ("AccessDeniedException",)
_DENIED_OR_UNKNOWN = ("AccessDeniedException", "HandshakeNotFoundException")
UNKNOWN = Cell((), None)

TABLE: dict[tuple[str, Actor], Cell] = {
    ("REQUESTED", Actor.SENDER): Cell((), Authority.DOCUMENTED),
    ("OPEN", Actor.SENDER): Cell((), Authority.OBSERVED, "transitions.sender-open"),
    ("CANCELED", Actor.SENDER): Cell(_ALREADY, Authority.OBSERVED, "transitions.sender-canceled"),
    ("ACCEPTED", Actor.SENDER): Cell(_INVALID, Authority.OBSERVED, "transitions.sender-accepted"),
    ("DECLINED", Actor.SENDER): Cell(_INVALID, Authority.OBSERVED, "transitions.sender-declined"),
    ("EXPIRED", Actor.SENDER): Cell(_INVALID, Authority.INFERRED),
    ("REQUESTED", Actor.RECIPIENT): UNKNOWN,
    ("OPEN", Actor.RECIPIENT): Cell(_DENIED, Authority.OBSERVED, "callers.recipient-open"),
    ("CANCELED", Actor.RECIPIENT): Cell(_DENIED, Authority.INFERRED, "callers.recipient-closed-code"),
    ("ACCEPTED", Actor.RECIPIENT): Cell(_DENIED, Authority.INFERRED, "callers.recipient-closed-code"),
    ("DECLINED", Actor.RECIPIENT): Cell(_DENIED, Authority.INFERRED, "callers.recipient-closed-code"),
    ("EXPIRED", Actor.RECIPIENT): UNKNOWN,
    ("REQUESTED", Actor.MEMBER): UNKNOWN,
    ("OPEN", Actor.MEMBER): Cell(_DENIED, Authority.INFERRED, "callers.member-code"),
    ("CANCELED", Actor.MEMBER): UNKNOWN,
    ("ACCEPTED", Actor.MEMBER): UNKNOWN,
    ("DECLINED", Actor.MEMBER): UNKNOWN,
    ("EXPIRED", Actor.MEMBER): UNKNOWN,
    ("REQUESTED", Actor.STRANGER): UNKNOWN,
    ("OPEN", Actor.STRANGER): Cell(_DENIED_OR_UNKNOWN, Authority.INFERRED, "callers.stranger-code"),
    ("CANCELED", Actor.STRANGER): UNKNOWN,
    ("ACCEPTED", Actor.STRANGER): UNKNOWN,
    ("DECLINED", Actor.STRANGER): UNKNOWN,
    ("EXPIRED", Actor.STRANGER): UNKNOWN,
}


def states() -> tuple[str, ...]:
    """Which states of a handshake does the model's enum have?"""
    return tuple(operation.shape("HandshakeState").metadata["enum"])


def outcome(state: str, actor: Actor) -> Cell:
    """What comes of it if this actor cancels a handshake in this state? A KeyError is a hole in the table."""
    return TABLE[state, actor]
