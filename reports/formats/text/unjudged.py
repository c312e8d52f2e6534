"""The blocks on clauses that weren't judged, or whose deviation is on file: each reason once, with its clauses."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contracts.vocabulary import CAPABILITIES, Outcome
from reports.formats.tally import Group, groups
from reports.formats.text.layout import count_of
from reports.formats.text.table import outcome_counts, totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.formats.tally import Result
    from reports.formats.text.layout import Style
    from reports.run import Judgement, Run

TITLES = {
    Outcome.BLOCKED: "BLOCKED (by a failed call)",
    Outcome.NOT_IMPLEMENTED: "NOT IMPLEMENTED",
    Outcome.NOT_APPLICABLE: "NOT APPLICABLE (missing capability)",
    Outcome.KNOWN: "KNOWN DEVIATIONS (on file)",
}
_MOST_NAMES = 5


def unjudged(
    run: Run, results: tuple[Result, ...], style: Style, *, outcomes: tuple[Outcome, ...], verbose: bool
) -> Iterator[list[str]]:
    """Yield a block for each of these outcomes, with the clauses that came to it grouped by their reason.

    More than five clauses are counted by theme, unless ``verbose`` asks for their names.
    """

    def key(judgement: Judgement) -> str:
        return judgement.verdict.lacking or judgement.verdict.because

    for outcome in outcomes:
        lines = [style.title(TITLES[outcome], outcome)]
        for group in groups(results, outcome, key):
            lines += style.wrap(reason(run, group), "  ", "  ")
            lines += style.wrap(_members(group, verbose=verbose), "    ", "      ")
        if len(lines) > 1:
            yield lines


def not_implemented(run: Run, results: tuple[Result, ...], style: Style) -> list[str]:
    """Return the short block for a target without the operation: by which sign, and what that leaves of the clauses."""
    lines = [style.title(TITLES[Outcome.NOT_IMPLEMENTED], Outcome.NOT_IMPLEMENTED)]
    for outcome in (Outcome.NOT_IMPLEMENTED, Outcome.BLOCKED):
        by_size = sorted(groups(results, outcome, lambda judgement: judgement.verdict.because), key=_size)
        lines += style.wrap(reason(run, by_size[-1]) if by_size else "", "  ", "    ")
    lines += style.wrap(f"{totals(run, results)}: {outcome_counts(run, results)}", "  ", "    ")
    lines += style.wrap("Each clause: with -v, or in the files of --report-dir", "  ", "    ")
    return lines


def missing(run: Run) -> set[str]:
    """Return the capabilities whose absence makes a clause not applicable in this run."""
    return {each.verdict.lacking for each in run.judgements if each.verdict.outcome is Outcome.NOT_APPLICABLE} - {""}


def _size(group: Group) -> int:
    return len(group.results)


def reason(run: Run, group: Group) -> str:
    """Say why; for a missing capability, how that is known if the target was asked, and what would have to hold."""
    verdict = group.example.verdict
    known = run.header.target.capabilities.get(verdict.lacking)
    if verdict.lacking not in CAPABILITIES or (known is not None and known.present):
        return verdict.because or "no reason was given"
    source = f"{known.how}; " if known else ""
    return f"{verdict.lacking}: {source}applicable once {CAPABILITIES[verdict.lacking]}"


def _members(group: Group, *, verbose: bool) -> str:
    count = count_of(len(group.results), "clause")
    if verbose or len(group.results) <= _MOST_NAMES:
        return f"{count}: {', '.join(group.names())}"
    themes = Counter(result.theme for result in group.results)
    partly = f" ({len(group.partial)} of them in some checks only)" if group.partial else ""
    return f"{count}{partly}: {', '.join(f'{theme} {number}' for theme, number in themes.items())}"
