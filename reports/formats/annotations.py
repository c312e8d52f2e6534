"""A run for GitHub Actions: an annotation for each failure, and the outputs of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.printing.visible import line
from contracts.vocabulary import Level, Outcome
from reports.diagnosis import diagnose
from reports.formats.tally import results_of
from reports.formats.text.layout import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.run import Run

_MOST = 10  # GitHub shows no more annotations of a kind for a step
_LONGEST = 400


def failure_lines(run: Run) -> Iterator[str]:
    """Yield a workflow command for each failed clause: an error if it fails the run, else a warning."""
    found = diagnose(run)
    shown = {"error": 0, "warning": 0}
    for result in results_of(run):
        if result.outcome not in {Outcome.FAILED, Outcome.ERROR} or result.level is Level.ADVISORY:
            continue
        kind = "error" if run.gates(result.level) or result.outcome is Outcome.ERROR else "warning"
        shown[kind] += 1
        if shown[kind] > _MOST:
            continue
        first = result.cases(result.outcome)[0]
        explanation = found.explanation_of(result.clause)
        likeness = f" It looks like {explanation.fault.name}." if explanation else ""
        text = f"{first.sentence} Expected {first.verdict.expected}; got {first.verdict.actual}.{likeness}"
        yield f"::{kind} title={_property(f'{result.clause} ({result.level})')}::{_message(text)}"
    if left_out := sum(max(0, count - _MOST) for count in shown.values()):
        yield f"::notice::{left_out} more failed clauses are in the report"


def outputs(run: Run) -> Iterator[str]:
    """Yield the outputs of the step, as ``name=value``: the verdict in one word, its sentence, and the counts."""
    yield f"verdict={run.conclusion.code.name.lower().replace('_', '-')}"
    yield f"sentence={line(one_line(run.conclusion.sentence))}"
    counts = dict.fromkeys(Outcome, 0)
    for result in results_of(run):
        counts[result.outcome] += 1
    yield from (f"{outcome}={count}" for outcome, count in counts.items())


def _message(text: str) -> str:
    return line(one_line(text))[:_LONGEST].replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
