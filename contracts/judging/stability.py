"""One verdict from those of several runs of the same scenario."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.judging.verdict import Verdict

# The outcomes that decide over those of the other runs, the worst first. Any other difference between runs is a failure
# of the target, which doesn't behave the same every time.
DECISIVE = (Outcome.ERROR, Outcome.FAILED, Outcome.BLOCKED, Outcome.NOT_IMPLEMENTED)


def merged(runs: Sequence[Verdict]) -> Verdict:
    """Return one verdict for all runs. A check that isn't the same in each of them never passes."""
    first = runs[0]
    if len(runs) == 1:
        return first
    outcomes = tuple(each.outcome for each in runs)
    if len(set(outcomes)) == 1:
        return replace(first, runs=outcomes)
    outcome = next((each for each in DECISIVE if each in outcomes), Outcome.FAILED)
    shown = next((each for each in runs if each.outcome is outcome), first)
    others = (each.exchanges[:1] for each in runs if each is not shown)
    verdict = replace(
        shown, outcome=outcome, runs=outcomes, exchanges=tuple(dict.fromkeys(sum(others, start=shown.exchanges)))
    )
    if outcome is Outcome.FAILED:
        return replace(verdict, because="", expected=f"the same in all {len(runs)} runs", actual=_describe(runs))
    return replace(verdict, because=f"unstable: {_describe(runs)}")


def passed(runs: Sequence[Outcome]) -> str:
    """Return the number of runs that passed, as ``n/N``."""
    return f"{runs.count(Outcome.PASSED)}/{len(runs)}"


def _describe(runs: Sequence[Verdict]) -> str:
    """Return how many runs passed, and the results of the others, with the runs of each result together."""
    numbers: dict[str, list[str]] = {}
    for number, verdict in enumerate(runs, 1):
        if verdict.outcome is not Outcome.PASSED:
            numbers.setdefault(_result(verdict), []).append(str(number))
    others = (f"run{'s' * (len(which) > 1)} {', '.join(which)} {result}" for result, which in numbers.items())
    return "; ".join([f"passed {passed([each.outcome for each in runs])}", *others])


def _result(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.FAILED:
        return f"{verdict.outcome}: expected {verdict.expected}, actual {verdict.actual}"
    return f"{verdict.outcome}: {verdict.because}"
