"""The calls of a scenario in their order, each with its caller and its answer: what a sequence diagram shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.vocabulary import Actor

if TYPE_CHECKING:
    from collections.abc import Collection

    from contracts.judging.exchange import Exchange, Transcript

_READS = ("Describe", "List")
_MOST_CALLS = 12


@dataclass(frozen=True)
class Step:
    """One call: the place of its caller among the lanes, the exchange, and whether it is the one judged."""

    lane: int
    exchange: Exchange
    judged: bool = False

    @property
    def answer(self) -> str:
        """The answer in a few words: its status, and the error code or the state of the handshake."""
        exchange = self.exchange
        if exchange.response is None:
            return "no answer"
        return " ".join(filter(None, (str(exchange.status), exchange.code or exchange.state)))


@dataclass(frozen=True)
class Sequence:
    """The lanes, which are the callers, and the steps. ``left_out`` is how many calls are not among the steps."""

    lanes: tuple[str, ...]
    steps: tuple[Step, ...]
    left_out: int = 0


def sequence(transcript: Transcript) -> Sequence:
    """Return all calls of the scenario."""
    return _sequence(transcript.exchanges, len(transcript.exchanges), "")


def leading_to(transcript: Transcript, judged: str, evidence: Collection[str]) -> Sequence:
    """Return the calls that lead to the judged exchange: those that change something, and the evidence.

    ``judged`` and ``evidence`` are ids. Of too many calls the last ones before the judged one are kept.
    """
    kept: list[Exchange] = []
    reached = False
    for each in transcript.exchanges:
        told = each.id == judged or each.id in evidence
        if told or (not reached and not each.operation.startswith(_READS)):
            kept.append(each)
        reached = reached or each.id == judged
    return _sequence(kept[-_MOST_CALLS:], len(transcript.exchanges), judged)


def _sequence(exchanges: Collection[Exchange], whole: int, judged: str) -> Sequence:
    callers = {each.actor for each in exchanges}
    known = [str(actor) for actor in Actor if actor in callers]
    lanes = (*known, *sorted(callers - {*known}))
    steps = tuple(Step(lanes.index(each.actor), each, each.id == judged) for each in exchanges)
    return Sequence(lanes, steps, whole - len(steps))
