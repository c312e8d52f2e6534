"""The names of the steps of a race: its round, and what is done in it."""

from __future__ import annotations

CANCEL, AT_ONCE = "cancel", "at-once"
"""The two calls at once: a cancellation, and the call beside it."""
BEFORE = "before"
"""A read of the new handshake, where writes may show late."""
VIEWS = ("after", "recipient-after", "organization-list", "account-list")
"""The reads of the handshake afterwards, by itself and in lists."""
ACCOUNTS, AGAIN, INVITE_AGAIN = "accounts", "again", "invite-again"
"""The read of the organization's accounts, one more cancellation, and one more invitation of the same party."""


_RACE = "race-"


def is_raced(scenario: str) -> bool:
    """Return whether two callers call at once in the scenario of this name."""
    return scenario.startswith(_RACE)


def round_step(number: int, step: str) -> str:
    """Return the name of the step in the round of this number."""
    return f"round-{number}-{step}"
