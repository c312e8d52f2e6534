"""The keys under which the rooms hand each other values on pytest's own objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.judging.exchange import Transcript
    from contracts.judging.verdict import Verdict
    from contracts.values import Replay, TargetFacts
    from contracts.vocabulary import Level

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
