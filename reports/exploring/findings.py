"""The findings of an exploration as a report shows them: redacted, with what they rest on and a program for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts import __version__
from contracts.clauses import contract
from contracts.judging.conclusion import Conclusion
from contracts.judging.exploring.exploration import APART
from contracts.judging.summary import answer_summary
from contracts.judging.verdict import MOST_SHOWN, Verdict
from contracts.model.operation import model_version
from contracts.vocabulary import Authority, ExitCode, Level, Outcome
from reports.exploring.program import program_of
from reports.redaction.redact import redacted
from reports.run import Header, Judgement, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.judging.exploring.comparison import Difference
    from contracts.judging.exploring.exploration import Exploration, Finding
    from contracts.values import TargetFacts

_NONE = Conclusion(ExitCode.CONFORMANT, APART)


@dataclass(frozen=True)
class Basis:
    """What makes a difference one: a clause with its level and authority, or a page of the documentation."""

    source: str
    level: str = ""
    authority: str = ""
    sentence: str = ""

    def told(self) -> str:
        """Return it in one line."""
        return f"{self.source} ({self.level}, {self.authority}): {self.sentence}" if self.sentence else self.source


@dataclass(frozen=True)
class ToldFinding:
    """One finding, as it may be shown.

    ``answers`` are the target's and the reference's. ``differences`` have what differs, what was expected and what was
    seen, each with its basis.
    """

    moves: tuple[str, ...]
    answers: tuple[str, str]
    differences: tuple[tuple[str, str, str, tuple[Basis, ...]], ...]
    program: tuple[str, ...]
    number: int
    calls: int

    def to_json(self) -> dict[str, Any]:
        """Return the finding as a JSON object."""
        told = (
            {"about": about, "expected": expected, "actual": actual, "basis": [vars(each) for each in basis]}
            for about, expected, actual, basis in self.differences
        )
        return {
            "moves": [*self.moves],
            "target": self.answers[0],
            "reference": self.answers[1],
            "differences": [*told],
            "program": [*self.program],
            "sequence": self.number,
            "calls": self.calls,
        }


def told_findings(exploration: Exploration, target: TargetFacts, secrets: Iterable[str]) -> tuple[ToldFinding, ...]:
    """Return the findings, redacted."""
    hidden = tuple(secrets)
    return tuple(_told(each, target, hidden) for each in exploration.findings)


def _told(finding: Finding, target: TargetFacts, secrets: tuple[str, ...]) -> ToldFinding:
    judgements = tuple(
        Judgement(_verdict(each, finding), "", Authority.OBSERVED, "", ()) for each in finding.differences
    )
    header = Header(__version__, "", model_version(), target)
    run = redacted(Run(header, (finding.transcript,), judgements, _NONE), secrets).shortened(MOST_SHOWN)
    shown = run.transcripts[0].exchanges[-1]
    differences = tuple(
        (difference.about, told.verdict.expected, told.verdict.actual, _basis(difference))
        for difference, told in zip(finding.differences, run.judgements, strict=True)
    )
    answers = answer_summary(shown), answer_summary(finding.reference)
    program = tuple(program_of(run, finding.waits))
    return ToldFinding(finding.moves, answers, differences, program, finding.number, finding.calls)


def _verdict(difference: Difference, finding: Finding) -> Verdict:
    """Return the difference in the form in which texts are redacted."""
    texts: Mapping[str, Any] = {"expected": difference.expected, "actual": difference.actual}
    return Verdict("", "", Level.ADVISORY, Outcome.FAILED, exchanges=(finding.shown.id,), **texts)


def _basis(difference: Difference) -> tuple[Basis, ...]:
    clauses = (contract()[each] for each in difference.known.clauses)
    told = (Basis(each.id, str(each.level), str(each.authority), each.sentence) for each in clauses)
    return (*told, *map(Basis, difference.known.pages if not difference.known.clauses else ()))
