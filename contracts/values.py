"""The frozen values that the rooms hand each other: a target's facts and capabilities, and what is replayed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.judging.exchange import Transcript

BY_KEY = "key"
"""The strategy by which an access key id of 12 digits is the account, and its secret is the fixed one."""

BY_HEADER = "header"
"""The strategy by which a header names the account, and everybody signs with the sender's credentials."""

FIXED_SECRET = "test"  # noqa: S105  # no secret at all: emulators expect it, and every instruction prints it

EMBEDDED = "reference"
"""The name of the target that a run brings along itself."""

MOST_INVITATIONS = 12
"""How many invitations a run may make on the real service, unless the user says another number."""


@dataclass(frozen=True)
class Capability:
    """Whether the target has a capability, and how that is known, or why it is lacking."""

    present: bool
    how: str


@dataclass(frozen=True)
class TargetFacts:
    """The target as the run found it.

    ``answers`` is what it answered when it was asked what it is: account ids by actor, and its organization.
    ``options`` are those of pytest's command line that chose it and its callers.
    """

    name: str
    url: str
    region: str
    strategy: str
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replay:
    """Transcripts that are judged again without a target, with the deviations that are on file for them.

    ``repeat`` is how often each scenario was to be driven.
    """

    transcripts: Mapping[str, Transcript]
    target: TargetFacts
    preflight: Transcript
    known: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 1
