"""A run as a page of Markdown, for people and for the summary of a CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.vocabulary import ExitCode
from reports.diagnosis import diagnose
from reports.formats.markdown.escape import code, plain, prose
from reports.formats.markdown.failures import details, overview
from reports.formats.markdown.tables import counted, matrix_of_states, setting, unjudged
from reports.formats.tally import abridged, results_of
from reports.formats.terminal import calls_line, lag, verdict_of
from reports.formats.text.diagnosis import details as explanation_details
from reports.formats.text.diagnosis import headline
from reports.formats.text.layout import count_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reports.diagnosis import Diagnosis
    from reports.run import Run

MOST_BYTES = 900_000
"""The size of a page. GitHub shows no summary of a step that is larger than 1 MiB, with all that it adds."""
_FOR_CLOSING = 2_000
_MOST_CLAUSES = 6


def render(run: Run, most: int = MOST_BYTES) -> str:
    """Return the page. Of too many failures the details of the last ones are left out, and their number is told."""
    results = results_of(run)
    found = diagnose(run)
    page = [
        *_head(run),
        *overview(run, results),
        *_diagnosis(found),
        *matrix_of_states(run),
        *counted(run, results),
        *unjudged(run, results),
    ]
    size = sum(map(_size, page))
    blocks = ["\n".join(block) for block in details(run, results)]
    kept: list[str] = []
    for block in blocks:
        if size + _size(block) > most - _FOR_CLOSING:
            break
        kept.append(block)
        size += _size(block)
    if blocks:
        page += ["", "## Failures in detail", "", *kept]
    if left_out := len(blocks) - len(kept):
        page += ["", f"{count_of(left_out, 'failed clause')} left out of these details: the page would be too large."]
    return "\n".join(page) + "\n"


def _size(text: str) -> int:
    return len(text.encode()) + 1


def _head(run: Run) -> Iterator[str]:
    label, sentence = verdict_of(run)
    mark = "✅" if run.conclusion.code is ExitCode.CONFORMANT else "❌"
    header = run.header
    yield f"# CancelHandshake on {code(header.target.name)}"
    yield ""
    yield f"{mark} **{plain(label)}** (exit {run.conclusion.code.value}): {plain(sentence)}"
    yield ""
    yield f"{run.conclusion.judged} of {run.conclusion.gated} clauses that can fail the run were judged."
    yield f"{plain(calls_line(run))}, {run.seconds:.1f} s{plain(lag(run))}."
    if run.left_open:
        yield f"Left open on the target: {plain(', '.join(run.left_open))}."
    yield ""
    yield from setting(run)


def _diagnosis(found: Diagnosis) -> Iterable[str]:
    if not found.explanations and not found.unexplained:
        return
    yield from ("", "## Diagnosis", "", f"A guess, by {plain(found.basis)}; no verdict depends on it.", "")
    for each in found.explanations:
        yield f"- {prose(headline(each))}"
        yield from (f"  - {prose(text)}" for text in explanation_details(each))
    if found.unexplained:
        yield f"- explained by no known fault: {plain(abridged(found.unexplained, _MOST_CLAUSES))}"
