"""How do the rooms hand each other what a pytest run comes to? The keys under which it lies on pytest's own objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from contracts.exchange import Transcript
from contracts.recordings import NOT_RECORDED
from contracts.verdict import Level, Verdict

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

    ``said`` is what it answered when it was asked what it is. ``options`` are those of pytest's command line that chose
    it and its callers.
    """

    name: str
    url: str
    region: str
    strategy: str
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
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

    def transcript(self, name: str) -> Transcript:
        """What was said in the scenario of this name? Where it isn't there, everything in it is marked as skipped."""
        return self.transcripts.get(name) or Transcript(name, (), skipped={"*": NOT_RECORDED})


REPLAY: pytest.StashKey[Replay] = pytest.StashKey()
"""On the configuration of a run that replays: what is replayed."""

PROMISED: pytest.StashKey[Mapping[str, Level]] = pytest.StashKey()
"""On the configuration of a conformance run: the name of every verdict that there should be, with its level."""

VERDICT: pytest.StashKey[Verdict] = pytest.StashKey()
"""On a test item: what its clause came to."""

TRANSCRIPTS: pytest.StashKey[tuple[Transcript, ...]] = pytest.StashKey()
"""On a test item: the scenarios that were driven for it and for no item before."""

LEFTOVERS: pytest.StashKey[tuple[Transcript, ...]] = pytest.StashKey()
"""On the configuration, when a session ends: transcripts that no test item has carried into the report."""

TARGET: pytest.StashKey[TargetFacts] = pytest.StashKey()
"""On the configuration of a conformance run: which target it is about."""

PREFLIGHT: pytest.StashKey[Transcript] = pytest.StashKey()
"""On the configuration of a conformance run: what was asked of the target before anything else."""
