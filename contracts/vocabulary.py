"""The words of the contract: actors, levels, authorities, outcomes, capabilities and exit codes."""

from __future__ import annotations

from enum import IntEnum, StrEnum

BUSY = "busy"
"""The capability that a target lacks in a scenario in which it was never too busy for a call."""

IMMEDIATE = "immediate"
"""The capability that a target lacks whose writes may show late: a call right after one can be answered by the past."""

NEIGHBOR = "neighbor"
"""The capability that a target lacks where its ids are too short for another well-formed id to be derived from one."""

NOT_RECORDED = "recorded"
"""The capability that a transcript on file lacks for a call that it doesn't have."""

MEMBER_ADDRESS = "member-address"
"""The capability that a target lacks where an account that has joined can't be invited once more."""
CLOCK = "clock"
"""The capability of a target whose time a run may move."""

FOREIGN = "foreign"
"""The capability that a target lacks where no organization but the sender's may be made to send anything."""

ALL_FEATURES = "all-features"
"""The capability that a target lacks in which no organization can begin, or may begin, to enable all features."""

TRANSFERS = "transfers"
"""The capability that a target lacks in which no responsibility can be transferred, or may be."""

INVITATIONS = "invitations"
"""The capability that a run lacks for scenarios with more invitations than it may make."""

RACES = "races"
"""The capability that a run lacks that lets no two callers call at once."""

INVITATION = "INVITE"
"""The action of an invitation."""

CAPABILITIES = {
    "recipient": "the invited account can act",
    "member": "an account can join the organization and act",
    MEMBER_ADDRESS: "a member of the sender's organization can be invited by its address",
    "stranger": "an account outside the organization can act",
    "principal": "another principal of the sender's account can act",
    "manager": "an account that manages another organization can act",
    FOREIGN: "another organization may be made to invite the same party",
    INVITATIONS: "the run may make enough invitations",
    RACES: "two callers may call at once (--races)",
    ALL_FEATURES: "the target has EnableAllFeatures, which an organization with consolidated billing may call",
    TRANSFERS: "the target has InviteOrganizationToTransferResponsibility, which may be called",
    "signatures": "the target checks signatures",
    BUSY: "the target was too busy for a call in the scenario, in the way that the clause is about",
    "expired": "the sender's organization lists an EXPIRED handshake",
    CLOCK: "a run may move the target's clock, by the [clock] of its profile",
    IMMEDIATE: "what was written shows at once",
    NEIGHBOR: "another well-formed id can be derived from the handshake's",
    NOT_RECORDED: "the replayed transcript has the call",
}
"""What a target has to be capable of for some clauses to apply, as the end of "applies only where ..."."""

NOT_COUNTED = "failed (not counted)"
"""The name of a failed clause of a level that doesn't fail the run."""

REFUSALS = "refusals"
"""The step that stands for every call of the operation in a scenario that was answered with an error."""

PROOF = "-proof"
"""The end of the name of a step that reads a handshake after a call that has to be refused."""

BY_SENDER = "-by-the-sender"
"""The end of the name of a step in which the sender answers its own invitation, for want of anybody else who can."""


class Actor(StrEnum):
    """The caller: the account that sent the invitation, the invited one, a member of the organization, or another.

    The principal is no account of its own, but another user or role of the sender's.
    """

    SENDER = "sender"
    RECIPIENT = "recipient"
    MEMBER = "member"
    STRANGER = "stranger"
    PRINCIPAL = "principal"


OWN_ACCOUNT: tuple[Actor, ...] = tuple(actor for actor in Actor if actor is not Actor.PRINCIPAL)
"""The actors that have an account of their own."""


class Authority(StrEnum):
    """The kind of source that a clause rests on."""

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
    """The weight of a failure: it fails the gate, fails it with ``--strict``, or never fails it."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    ADVISORY = "advisory"


class ExitCode(IntEnum):
    """The exit statuses of a run. 0 to 5 have the meanings that pytest gives them."""

    CONFORMANT = 0
    FAILED = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_JUDGED = 5
    UNREACHABLE = 6
    NOT_IMPLEMENTED = 7
    INCONCLUSIVE = 8
