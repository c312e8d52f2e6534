"""Clauses as a page shows them: what each says, what it came to, and the evidence of what failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts.vocabulary import Outcome
from reports.formats.content.documents import Line, NotLaidOut, laid_out, read, shortened, side_by_side
from reports.formats.content.sequence import Sequence, leading_to
from reports.formats.content.words import Piece, compared
from reports.formats.excerpt import command, runs_summary
from reports.formats.html.sources import Source, source_of
from reports.formats.program import program
from reports.formats.recorded import recorded_answer
from reports.formats.reproduce import again
from reports.formats.text.layout import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.recordings import Observation, Recording
    from reports.formats.html.anchors import Anchors
    from reports.formats.html.exchanges import Exchanges, Shown
    from reports.formats.tally import Result
    from reports.run import Judgement, Run

_WRONG = (Outcome.ERROR, Outcome.FAILED, Outcome.KNOWN)
_MOST_FURTHER = 12
_BRIEF = 160  # characters of what was seen, in a line


@dataclass(frozen=True)
class Link:
    """A text, and the id of the element that it leads to, empty where there is none."""

    text: str
    anchor: str


@dataclass(frozen=True)
class Recorded:
    """An answer of the real service: when and in which case it was recorded, its status, and its body.

    ``shown_in`` is the clause at which the same body stands already, None if it stands here.
    """

    day: str
    case: str
    status: str
    lines: tuple[Line, ...]
    called: str
    shown_in: Link | None = None


@dataclass(frozen=True)
class Check:
    """A check that went wrong, with what was expected and what came, in pieces of which some differ."""

    name: str
    outcome: str
    expected: tuple[Piece, ...]
    actual: tuple[Piece, ...]
    because: str
    exchanges: tuple[Link, ...]
    runs: str


@dataclass(frozen=True)
class Evidence:
    """What shows the first check that went wrong.

    ``answered`` are the lines of the target's answer where they stand beside the recorded one. ``shown`` is the
    exchange, None where it is shown elsewhere. ``commands`` judge the clause again and, where the exchange is shown,
    bring it about.
    """

    check: Check
    answered: tuple[Line, ...]
    sequence: Sequence | None
    shown: Shown | None
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One clause with its result: what went wrong of it, and its other checks by their outcome.

    ``wrong`` is the number of checks that went wrong, and ``seen`` what the first of them came to see.
    """

    anchor: str
    result: Result
    outcome: str
    sources: tuple[Source, ...]
    recorded: Recorded | None
    evidence: Evidence | None
    further: tuple[Check, ...]
    wrong: int
    seen: str
    others: tuple[tuple[str, tuple[Link, ...]], ...]
    again: str

    @property
    def left_out(self) -> int:
        """The number of checks that went wrong and are not shown."""
        return max(0, self.wrong - 1 - len(self.further))

    @property
    def first(self) -> Judgement:
        """A judgement of the clause, which says what all of them say."""
        return self.result.judgements[0]


class Entries:
    """Makes the entries of a run's clauses."""

    def __init__(self, run: Run, anchors: Anchors, exchanges: Exchanges) -> None:
        self._run, self._anchors, self._exchanges = run, anchors, exchanges
        self._shown: dict[Recorded, Link] = {}

    def entry(self, result: Result) -> Entry:
        """Return the entry of this clause."""
        wrong = [each for outcome in _WRONG for each in result.cases(outcome)]
        first = wrong[0] if wrong else result.judgements[0]
        answer = recorded_answer(first.sources, next(iter(first.verdict.exchanges), ""))
        evidence, recorded = None, _recorded(*answer) if answer else None
        if wrong:
            evidence, recorded = self._evidence(first, recorded, answer[1] if answer else None)
        elif recorded is not None:
            recorded = self._shown_once(recorded, Link(result.clause, self._anchors.of("", result.clause)))
        further = tuple(self._check(each) for each in wrong[1 : 1 + _MOST_FURTHER])
        return Entry(
            anchor=self._anchors.of("", result.clause),
            result=result,
            outcome=self._run.name_of(result.outcome, result.level),
            sources=tuple(source_of(each, self._run.header.model) for each in first.sources),
            recorded=recorded,
            evidence=evidence,
            further=further,
            wrong=len(wrong),
            seen=shortened(one_line(first.verdict.actual or first.verdict.because), _BRIEF) if wrong else "",
            others=tuple(self._others(each for each in result.judgements if each not in wrong)),
            again=again(self._run.header, first.verdict.test) if first.verdict.test and not wrong else "",
        )

    def _shown_once(self, recorded: Recorded, here: Link) -> Recorded:
        """Return the recorded answer, without its body if that stands at another clause."""
        there = self._shown.setdefault(recorded, here)
        return recorded if there is here else replace(recorded, lines=(), shown_in=there)

    def _evidence(
        self, judgement: Judgement, recorded: Recorded | None, observation: Observation | None
    ) -> tuple[Evidence, Recorded | None]:
        verdict = judgement.verdict
        judged = next(iter(verdict.exchanges), "")
        exchange = self._exchanges.by_id.get(judged)
        shown = self._exchanges.take(judged)
        commands = [again(self._run.header, verdict.test)] if verdict.test else []
        answered: tuple[Line, ...] = ()
        calls = None
        if exchange is not None:
            if shown is not None:
                commands.insert(0, "\n".join(program(self._run, exchange)) or command(self._run, exchange))
            calls = leading_to(self._exchanges.transcripts[exchange.scenario], judged, verdict.exchanges)
            if recorded is not None and observation is not None and exchange.response is not None:
                answered, lines = _beside(exchange.response.body, observation)
                recorded = Recorded(recorded.day, recorded.case, recorded.status, lines, recorded.called)
        return Evidence(self._check(judgement), answered, calls, shown, tuple(commands)), recorded

    def _check(self, judgement: Judgement) -> Check:
        verdict = judgement.verdict
        expected, actual = compared(shortened(verdict.expected), shortened(verdict.actual))
        return Check(
            name=verdict.case or next(iter(verdict.exchanges), ""),
            outcome=self._run.name_of(verdict.outcome, verdict.level),
            expected=expected,
            actual=actual,
            because=shortened(verdict.because),
            exchanges=tuple(Link(each, self._exchanges.anchor(each)) for each in verdict.exchanges),
            runs=runs_summary(verdict.runs) if verdict.runs else "",
        )

    def _others(self, judgements: Iterable[Judgement]) -> Iterable[tuple[str, tuple[Link, ...]]]:
        """Yield the checks that didn't go wrong, by what they came to and why."""
        by_outcome: dict[str, list[Link]] = {}
        for each in judgements:
            verdict = each.verdict
            name = self._run.name_of(verdict.outcome, verdict.level)
            told = f"{name}: {shortened(verdict.because)}" if verdict.because else name
            judged = next(iter(verdict.exchanges), "")
            link = Link(verdict.case or judged or verdict.clause, self._exchanges.anchor(judged))
            by_outcome.setdefault(told, []).append(link)
        return [(told, tuple(links)) for told, links in by_outcome.items()]


def _recorded(recording: Recording, observation: Observation) -> Recorded:
    status = f"HTTP {observation.status}" if observation.status else f"no answer: {observation.failure}"
    lines = laid_out(observation.body) if observation.body else (Line("(no body)"),)
    return Recorded(
        recording.captured[:10], observation.case, status, lines, f"{observation.operation} as {observation.caller}"
    )


def _beside(body: bytes, observation: Observation) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the lines of the target's answer and of the recorded one, with the members marked that differ."""
    recorded = laid_out(observation.body) if observation.body else (Line("(no body)"),)
    try:
        value = read(body)
        return side_by_side(value, dict(observation.body))
    except NotLaidOut:
        return (), recorded
