"""The moves of an explored sequence, and the situation in which one is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.model.operation import INVITE, OPERATION
from contracts.vocabulary import Actor

DESCRIBE, ACCEPT, DECLINE = "DescribeHandshake", "AcceptHandshake", "DeclineHandshake"
SENT, RECEIVED, ACCOUNTS = "ListHandshakesForOrganization", "ListHandshakesForAccount", "ListAccounts"
LISTS = (SENT, RECEIVED)
ON_HANDSHAKE = (OPERATION, DESCRIBE, ACCEPT, DECLINE)
CREATE, WAIT = "CreateOrganization", "wait"
WRITES = (OPERATION, ACCEPT, DECLINE, INVITE)
NOBODY = "nobody"
"""The name of a party whose address nobody has."""
DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Move:
    """One move: the operation, who calls, and what it is about.

    ``handshake`` is the number of the invitation that a call is about, by the order in which they were made, from 0.
    ``party`` is whom an invitation goes to: an actor, or nobody. ``action`` is the filter of a list, and ``most`` how
    many entries a page of it may have, if any is given. ``days`` is how far the clock is moved where the operation is
    ``wait``.
    """

    operation: str
    actor: Actor = Actor.SENDER
    handshake: int | None = None
    party: str = ""
    action: str = ""
    most: int = 0
    days: float = 0.0

    @property
    def query(self) -> dict[str, Any]:
        """The input of a list."""
        filtered = {"Filter": {"ActionType": self.action}} if self.action else {}
        return filtered | ({"MaxResults": self.most} if self.most else {})

    def told(self) -> str:
        """Return the move in a few words."""
        if self.operation == WAIT:
            return f"{self.days:g} days pass"
        about = f" of handshake {self.handshake + 1}" if self.handshake is not None else ""
        party = "an unused address" if self.party == NOBODY else f"the {self.party}"
        to = f" to {party}," if self.party else ""
        query = f", of {self.action} only" if self.action else ""
        query += f", {self.most} on a page" if self.most else ""
        return f"{self.operation}{about}{to} by the {self.actor}{query}"


@dataclass(frozen=True)
class Situation:
    """What a call meets: what the caller is to the handshake, and the state that this is in.

    ``state`` is None where it isn't known, and empty where the handshake is no longer kept. ``ended`` is the state in
    which it was when it was forgotten.
    """

    role: Actor
    state: str | None
    ended: str = ""
