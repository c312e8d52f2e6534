"""One finished run: the values that the stream carries and every report is rendered from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from contracts.clauses import Clause, contract
from contracts.judging.busy import is_superseded
from contracts.judging.exchange import TRY, Exchange, Transcript, first_name, is_invitation
from contracts.judging.verdict import Verdict, gate
from contracts.model.operation import MAKERS
from contracts.transitions import ended
from contracts.vocabulary import BY_SENDER, NOT_COUNTED, Authority, Level, Outcome

if TYPE_CHECKING:
    from contracts.deviations.matching import Filed
    from contracts.judging.conclusion import Conclusion
    from contracts.values import TargetFacts


@dataclass(frozen=True)
class Header:
    """What was run against what: the suite's version, the start in ISO 8601, the model, the target, the strictness.

    ``replayed`` names the file whose exchanges were judged again; it is empty where a target was asked. ``repeat`` is
    how often each scenario was to be driven. ``drift`` says in a line how the model differs from the one that the
    contract was last reviewed against; it is empty where it doesn't.
    """

    suite: str
    started: str
    model: str
    target: TargetFacts
    strict: bool = False
    replayed: str = ""
    repeat: int = 1
    drift: str = ""


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
        """Join a verdict with what its clause says."""
        needs = tuple(sorted(clause.needs))
        return cls(verdict, clause.theme, clause.authority, clause.sentence, clause.sources, clause.observed, needs)


@dataclass(frozen=True)
class Run:
    """One run: its target, what went over the wire, the judgements, the conclusion, and the deviations on file."""

    header: Header
    transcripts: tuple[Transcript, ...]
    judgements: tuple[Judgement, ...]
    conclusion: Conclusion
    seconds: float = 0.0
    deviations: tuple[Filed, ...] = ()

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every exchange, in the order of the stream."""
        return tuple(exchange for transcript in self.transcripts for exchange in transcript.exchanges)

    @property
    def calls(self) -> int:
        """The number of requests that went to the target."""
        return len(self.exchanges)

    @property
    def invitations(self) -> int:
        """The number of invitations, which quotas on real accounts limit. One that was made again counts once."""
        return sum(is_invitation(exchange) and not is_superseded(exchange) for exchange in self.exchanges)

    @property
    def busy(self) -> int:
        """The number of calls that the target was too busy for and that were made again."""
        return sum(map(is_superseded, self.exchanges))

    @property
    def resent(self) -> int:
        """The number of calls that were made once more because the server had closed an idle connection."""
        return sum(exchange.resent for exchange in self.exchanges)

    @property
    def driven_once(self) -> tuple[str, ...]:
        """The scenarios that were driven only once although they were to be driven several times."""
        names = [first_name(transcript.scenario) for transcript in self.transcripts]
        return tuple(name for name in contract().scenarios if names.count(name) == 1 < self.header.repeat)

    @property
    def lag(self) -> tuple[float, str]:
        """The longest time in seconds for which reads lagged behind a write, and the exchange in which they caught up.

        The id is empty if no read did.
        """
        lags = [(0.0, "")]
        for exchange in self.exchanges:
            first = self.exchange(f"{exchange.id}{TRY}1")
            if first is not None and first.state != exchange.state:  # else it never caught up
                lags.append((exchange.started + exchange.seconds - first.started, exchange.id))
        return max(lags)

    @property
    def left_open(self) -> tuple[str, ...]:
        """The handshakes that the run made and last saw in a state that they can still leave."""
        last: dict[str, str | None] = {}
        for exchange in self.exchanges:
            if exchange.handshake_id is not None and (exchange.operation in MAKERS or exchange.handshake_id in last):
                last[exchange.handshake_id] = exchange.state
        return tuple(handshake for handshake, state in last.items() if state not in ended())

    @property
    def answered_by_sender(self) -> tuple[str, ...]:
        """The scenarios in which the target let the sender answer its own invitation."""
        tried = [each for each in self.transcripts if any(one.step.endswith(BY_SENDER) for one in each.exchanges)]
        return tuple(dict.fromkeys(first_name(each.scenario) for each in tried if "*" not in each.skipped))

    @property
    def counts(self) -> dict[str, int]:
        """The number of verdicts with each outcome, zeros included."""
        tally = Counter(judgement.verdict.outcome for judgement in self.judgements)
        return {str(outcome): tally[outcome] for outcome in Outcome}

    @property
    def needed(self) -> frozenset[str]:
        """The capabilities that a judged clause needs, or was not applicable for want of."""
        return frozenset(name for each in self.judgements for name in (*each.needs, each.verdict.lacking) if name)

    def shortened(self, most: int) -> Run:
        """Return the run with no text of a verdict longer than so many characters."""
        judgements = (replace(each, verdict=each.verdict.shortened(most)) for each in self.judgements)
        return replace(self, judgements=tuple(judgements))

    def exchange(self, identity: str) -> Exchange | None:
        """Return the exchange of this id, or None if the run has none."""
        return self._by_id.get(identity)

    @cached_property
    def _by_id(self) -> dict[str, Exchange]:
        return {exchange.id: exchange for exchange in reversed(self.exchanges)}

    def name_of(self, outcome: Outcome, level: Level) -> str:
        """Return the name of an outcome in every report: a failure that fails no run has one of its own."""
        return NOT_COUNTED if outcome is Outcome.FAILED and not self.gates(level) else outcome.replace("-", " ")

    def gates(self, level: Level) -> bool:
        """Return whether a failed clause of this level fails the run."""
        return level in gate(strict=self.header.strict)
