"""What is known of one run when it is over? The values that the stream carries and every report is rendered from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.clauses import Clause, contract
from contracts.judging.exchange import TRY, Exchange, Transcript, first_name
from contracts.judging.throttling import is_superseded
from contracts.judging.verdict import Conclusion, Verdict, gate
from contracts.model.operation import INVITE
from contracts.transitions import ended
from contracts.vocabulary import Authority, Level, Outcome

if TYPE_CHECKING:
    from contracts.values import TargetFacts


@dataclass(frozen=True)
class Header:
    """What was run against what: the suite's version, the start in ISO 8601, the model, the target, the strictness.

    ``replayed`` names the file whose exchanges were judged again; it is empty where a target was asked. ``repeat`` is
    how often each scenario was to be driven.
    """

    suite: str
    started: str
    model: str
    target: TargetFacts
    strict: bool = False
    replayed: str = ""
    repeat: int = 1


@dataclass(frozen=True)
class Judgement:
    """A verdict with what its clause says, so that a report needs no contract beside it."""

    verdict: Verdict
    theme: str
    authority: Authority
    sentence: str
    sources: tuple[str, ...]
    observed: str = ""
    needs: tuple[str, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict, clause: Clause) -> Judgement:
        """Which judgement is this verdict on this clause?"""
        needs = tuple(sorted(clause.needs))
        return cls(verdict, clause.theme, clause.authority, clause.sentence, clause.sources, clause.observed, needs)


@dataclass(frozen=True)
class Run:
    """One run: what was asked of whom, what went over the wire, what it was judged to be, and the conclusion."""

    header: Header
    transcripts: tuple[Transcript, ...]
    judgements: tuple[Judgement, ...]
    conclusion: Conclusion
    seconds: float = 0.0

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Which exchanges took place, in the order of the stream?"""
        return tuple(exchange for transcript in self.transcripts for exchange in transcript.exchanges)

    @property
    def calls(self) -> int:
        """How many requests went to the target?"""
        return len(self.exchanges)

    @property
    def invitations(self) -> int:
        """How many of them were invitations, which quotas on real accounts limit? Those made again count once."""
        return sum(exchange.operation == INVITE and not is_superseded(exchange) for exchange in self.exchanges)

    @property
    def throttled(self) -> int:
        """How many of them were refused for their rate, and made again?"""
        return sum(map(is_superseded, self.exchanges))

    @property
    def driven_once(self) -> tuple[str, ...]:
        """Which scenarios were driven only once, where they were to be driven several times?"""
        names = [first_name(transcript.scenario) for transcript in self.transcripts]
        return tuple(name for name in contract().scenarios if names.count(name) == 1 < self.header.repeat)

    @property
    def lag(self) -> tuple[float, str]:
        """For how many seconds did reads lag behind a write, at the most, and in which exchange did they catch up?"""
        lags = [(0.0, "")]
        for exchange in self.exchanges:
            first = self.exchange(f"{exchange.id}{TRY}1")
            if first is not None and first.state != exchange.state:  # else it never caught up
                lags.append((exchange.started + exchange.seconds - first.started, exchange.id))
        return max(lags)

    @property
    def left_open(self) -> tuple[str, ...]:
        """Which handshakes did the run make, and last see in a state that they can still leave?"""
        last: dict[str, str | None] = {}
        for exchange in self.exchanges:
            if exchange.handshake_id is not None and (exchange.operation == INVITE or exchange.handshake_id in last):
                last[exchange.handshake_id] = exchange.state
        return tuple(handshake for handshake, state in last.items() if state not in ended())

    @property
    def counts(self) -> dict[str, int]:
        """How many verdicts have which outcome? Every outcome is there, if only with a zero."""
        found = Counter(judgement.verdict.outcome for judgement in self.judgements)
        return {str(outcome): found[outcome] for outcome in Outcome}

    def exchange(self, identity: str) -> Exchange | None:
        """Which exchange has this id? None if the run has none."""
        return next((exchange for exchange in self.exchanges if exchange.id == identity), None)

    def gates(self, level: Level) -> bool:
        """Does a failed clause of this level fail the run?"""
        return level in gate(strict=self.header.strict)
