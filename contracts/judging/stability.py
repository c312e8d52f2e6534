"""What does a question come to that was put several times, once in each run of its scenario?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.judging.verdict import Verdict

# What one run came to that decides over all of them, the worst first. Whatever else differs is the target's failure:
# it doesn't do the same every time.
DECISIVE = (Outcome.ERROR, Outcome.FAILED, Outcome.BLOCKED, Outcome.NOT_IMPLEMENTED)


def merged(runs: Sequence[Verdict]) -> Verdict:
    """Which verdict do the verdicts of all runs come to? What isn't the same in each of them is never passed."""
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
        return replace(verdict, because="", expected=f"the same in all {len(runs)} runs", actual=_told(runs))
    return replace(verdict, because=f"unstable: {_told(runs)}")


def passed(runs: Sequence[Outcome]) -> str:
    """In how many of the runs did it pass, as ``n/N``?"""
    return f"{runs.count(Outcome.PASSED)}/{len(runs)}"


def _told(runs: Sequence[Verdict]) -> str:
    """How many runs passed, and what did the others come to? Those that came to the same are told together."""
    numbers: dict[str, list[str]] = {}
    for number, verdict in enumerate(runs, 1):
        if verdict.outcome is not Outcome.PASSED:
            numbers.setdefault(_found(verdict), []).append(str(number))
    told = (f"run{'s' * (len(which) > 1)} {', '.join(which)} {found}" for found, which in numbers.items())
    return "; ".join([f"passed {passed([each.outcome for each in runs])}", *told])


def _found(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.FAILED:
        return f"{verdict.outcome}: expected {verdict.expected}, actual {verdict.actual}"
    return f"{verdict.outcome}: {verdict.because}"
