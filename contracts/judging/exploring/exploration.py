"""What came of an exploration: the differences that were found, each with the shortest sequence that shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.judging.exchange import Exchange, Transcript
    from contracts.judging.exploring.comparison import Difference
    from contracts.judging.exploring.moves import Move

APART = "An exploration is reported separately: whatever it finds, it decides neither the verdict nor the exit status."

Signature = tuple[str, str, str]
"""The kind of a difference: the operation, who called in which state, and what differs."""


@dataclass(frozen=True)
class Wait:
    """A move of the clock, after so many of the exchanges: by how many seconds, and the request that did it."""

    after: int
    seconds: float
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """A difference between the target and the reference, and the shortest sequence that was found to show it.

    ``moves`` tell the ``sequence``, of whose moves those at the places ``made`` made handshakes. ``transcript`` holds
    its exchanges with the target; the last one differs from what the reference answered. It was found in the sequence
    of this ``number``, after ``calls`` calls.
    """

    sequence: tuple[Move, ...]
    made: tuple[int, ...]
    moves: tuple[str, ...]
    differences: tuple[Difference, ...]
    transcript: Transcript
    reference: Exchange
    waits: tuple[Wait, ...]
    number: int
    calls: int
    signatures: tuple[Signature, ...]

    @property
    def length(self) -> int:
        """How many calls, and moves of the clock, the sequence has."""
        return len(self.transcript.exchanges) + len(self.waits)

    @property
    def shown(self) -> Exchange:
        """The answer that differs."""
        return self.transcript.exchanges[-1]


@dataclass(frozen=True)
class Exploration:
    """An exploration: how many sequences were asked for and made, with which seed and calls, and what was found.

    ``invitations`` is how many the calls made. ``ended`` says why it ended before all sequences were made, and is empty
    if they were.
    """

    asked: int
    seed: int
    sequences: int = 0
    calls: int = 0
    invitations: int = 0
    seconds: float = 0.0
    findings: tuple[Finding, ...] = field(default=())
    ended: str = ""
