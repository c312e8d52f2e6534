"""The frozen values that the rooms hand each other: a target's facts and capabilities, and a replay."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.judging.exchange import Transcript

BY_KEY = "key"
"""The account strategy in which the access key id is the account's 12 digits, with the fixed secret."""

BY_HEADER = "header"
"""The account strategy in which a header names the account, and every call is signed as the sender."""

FIXED_SECRET = "test"  # noqa: S105  # not a secret: emulators expect it, and their documentation prints it

EMBEDDED = "reference"
"""The name of the embedded target, which a run starts itself."""

NOTES_MARK = "CancelHandshake conformance"
"""What the notes of the suite's own invitations begin with."""

COMMAND = "cancelhandshake-conformance"
if Path(__file__).parent.parent.name != "cancelhandshake_conformance":
    COMMAND = "pytest"
"""What runs the suite: the console command where it is installed, pytest in a checkout."""

LISTINGS = ("clauses", "model", "table", "drift")
"""What ``--list-clauses`` can list: the clauses, the parts of the model, actions, states and callers, what changed."""

DEVIATION_TABLE = "deviation"
"""The name of the array of tables that holds deviations on file."""

EXPLORATION_FILES = ("exploration.json", "exploration.md")
"""The report files of an exploration, beside those of the run."""

TIME_LIMIT = 600.0
"""The seconds that a run may take unless the user says otherwise. The real service has no limit."""
MOST_INVITATIONS = 20
"""The number of invitations that a run may make on the real service by default."""


@dataclass(frozen=True)
class Capability:
    """Whether the target has a capability, and how that is known."""

    present: bool
    how: str


@dataclass(frozen=True)
class TargetFacts:
    """The target as the run found it.

    ``answers`` is what it said of itself before the run: account ids by actor, and its organization. ``options`` are
    the command line options that chose it and its callers. ``real`` says that it is the real service, at an address of
    the real service.
    """

    name: str
    url: str
    region: str
    strategy: str
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    real: bool = False


@dataclass(frozen=True)
class Replay:
    """Transcripts to judge again without a target, with the deviations on file for them.

    ``known`` gives the reason for each deviation by clause id. ``repeat`` is the number of times that each scenario
    was to be driven.
    """

    transcripts: Mapping[str, Transcript]
    target: TargetFacts
    preflight: Transcript
    known: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 1
