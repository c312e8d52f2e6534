"""The keys under which plugins hand each other values on pytest's configuration and items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.deviations.entries import Deviation
    from contracts.judging.exchange import Transcript
    from contracts.judging.exploring.exploration import Exploration
    from contracts.judging.verdict import Verdict
    from contracts.printing.concealing import Secrets
    from contracts.values import Replay, TargetFacts
    from contracts.vocabulary import Level

REPLAY: pytest.StashKey[Replay] = pytest.StashKey()
"""On the configuration of a run that replays: the transcripts to judge."""

PROMISED: pytest.StashKey[Mapping[str, Level]] = pytest.StashKey()
"""On the configuration of a conformance run: the name of every check that has to be made, with its level."""

PLANNED: pytest.StashKey[int] = pytest.StashKey()
"""On the configuration of a conformance run: the number of calls that are planned, 0 where there is no plan."""

NARROWED: pytest.StashKey[bool] = pytest.StashKey()
"""On the configuration of a conformance run: whether only those checks were asked for that are promised."""

DEVIATIONS: pytest.StashKey[tuple[Deviation, ...]] = pytest.StashKey()
"""On the configuration of a conformance run: the deviations on file."""

VERDICT: pytest.StashKey[Verdict] = pytest.StashKey()
"""On a test item: the verdict of its check."""

TRANSCRIPTS: pytest.StashKey[tuple[Transcript, ...]] = pytest.StashKey()
"""On a test item: the transcripts of the scenarios that it was the first item to need."""

LEFTOVERS: pytest.StashKey[tuple[Transcript, ...]] = pytest.StashKey()
"""On the configuration, at the end of a session: transcripts that no test item has carried into the report."""

REFUSED: pytest.StashKey[str] = pytest.StashKey()
"""On the configuration: why the run could not go on as it is configured. Not there if it could."""

TARGET: pytest.StashKey[TargetFacts] = pytest.StashKey()
"""On the configuration of a conformance run: the target."""

PREFLIGHT: pytest.StashKey[Transcript] = pytest.StashKey()
"""On the configuration of a conformance run: the exchanges with the target before the first scenario."""

EXPLORED: pytest.StashKey[Exploration] = pytest.StashKey()
"""On the configuration of the main process: what came of an exploration. Not there if none was made."""

SECRETS: pytest.StashKey[Secrets] = pytest.StashKey()
"""On the configuration of the main process: the credentials of the run's callers, which nothing may show."""
