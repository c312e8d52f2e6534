"""What a badge says: a label, a message of a few words, and a colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.model.operation import OPERATION
from contracts.vocabulary import ExitCode, Outcome
from reports.formats.tally import results_of

if TYPE_CHECKING:
    from reports.run import Run

GREEN, YELLOW, RED, GREY = "#1a7f37", "#8a6100", "#cf222e", "#57606a"
"""Colours on which white text has a contrast of at least 4.5 to 1."""
_BROKEN = {
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.INTERNAL_ERROR: "internal error",
    ExitCode.USAGE: "bad usage",
    ExitCode.NOTHING_JUDGED: "nothing judged",
    ExitCode.UNREACHABLE: "unreachable",
}


@dataclass(frozen=True)
class Badge:
    """The two parts of a badge. ``broken`` says that the run came to no verdict on the target."""

    message: str
    color: str
    broken: bool = False
    label: str = OPERATION


def badge(run: Run) -> Badge:
    """Return the badge of the run."""
    code, share = run.conclusion.code, f"{run.conclusion.judged} of {run.conclusion.gated} judged"
    if code in _BROKEN:
        return Badge(_BROKEN[code], GREY, broken=True)
    if code is ExitCode.NOT_IMPLEMENTED:
        return Badge("not implemented", RED)
    if code is ExitCode.INCONCLUSIVE:
        return Badge(f"inconclusive, {share}", YELLOW)
    results = results_of(run)
    if code is ExitCode.FAILED:
        failed = sum(bool(each.cases(Outcome.FAILED)) and run.gates(each.level) for each in results)
        return Badge(f"{failed} failed, {share}" if failed else "deviations to change", RED)
    known = sum(each.outcome is Outcome.KNOWN for each in results)
    but = f", {known} known deviation{'s' * (known > 1)}" if known else ""
    partial = run.conclusion.judged < run.conclusion.gated
    return Badge(f"conformant{but}, {share}" if partial else f"conformant{but}", YELLOW if partial or known else GREEN)
