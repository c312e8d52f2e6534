"""The words of the contract that every room uses: actors, levels, authorities, outcomes and exit codes."""

from __future__ import annotations

from enum import IntEnum, StrEnum

NOT_RECORDED = "recorded"
"""The capability that a transcript on file lacks where it doesn't have a call."""

PROOF = "-proof"
"""Ends the name of the step that reads a handshake after a call that ought to be refused."""


class Actor(StrEnum):
    """Who calls: the account that sent the invitation, the invited one, another member of it, or none of these."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    MEMBER = "member"
    STRANGER = "stranger"


class Authority(StrEnum):
    """Who says so?"""

    MODEL = "model"
    PROTOCOL = "protocol"
    DOCUMENTED = "documented"
    OBSERVED = "observed"
    INFERRED = "inferred"


class Outcome(StrEnum):
    """What one clause came to on one target."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_IMPLEMENTED = "not-implemented"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"
    KNOWN = "known"


class Level(StrEnum):
    """How much a failure weighs: it fails the gate, it fails the gate under ``--strict``, it never fails it."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    ADVISORY = "advisory"


class ExitCode(IntEnum):
    """Which exit status tells what? 0 to 5 are pytest's own meanings."""

    CONFORMANT = 0
    FAILED = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_JUDGED = 5
    UNREACHABLE = 6
    NOT_IMPLEMENTED = 7
    INCONCLUSIVE = 8
