"""What changed between two runs: clause by clause, and in what was run against what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.deviations.observation import observe
from contracts.vocabulary import Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reports.run import Judgement, Run

JUDGED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.KNOWN})
WRONG = frozenset({Outcome.FAILED, Outcome.ERROR})
NEWLY_FAILING, UNJUDGED, DIFFERENT = "newly failing", "no longer judged", "differently wrong"
MENDED, NEWLY_JUDGED, NEW, GONE = "mended", "newly judged", "new", "gone"
KINDS = (NEWLY_FAILING, UNJUDGED, DIFFERENT, MENDED, NEWLY_JUDGED, NEW, GONE)
"""The kinds of change, the worst first."""
_WORSE = frozenset({NEWLY_FAILING, UNJUDGED})


@dataclass(frozen=True)
class Change:
    """One check that came to something else: what kind of change it is, and what it was and is now.

    ``before`` and ``after`` are the outcome with what was observed, empty where the run has no such check.
    """

    kind: str
    clause: str
    case: str
    level: Level
    before: str = ""
    after: str = ""

    @property
    def worse(self) -> bool:
        """Whether the target got worse by it. What happens to an advisory clause makes nothing worse."""
        return self.kind in _WORSE and self.level is not Level.ADVISORY


@dataclass(frozen=True)
class Difference:
    """All changes from one run to another. ``setting`` is what else differs: a name, and its old and new value."""

    changes: tuple[Change, ...]
    setting: tuple[tuple[str, str, str], ...]

    @property
    def worse(self) -> bool:
        """Whether anything got worse."""
        return any(each.worse for each in self.changes)

    def of(self, kind: str) -> tuple[Change, ...]:
        """Return the changes of this kind."""
        return tuple(each for each in self.changes if each.kind == kind)


def compare(old: Run, new: Run) -> Difference:
    """Return what changed from the old run to the new one."""
    before = {each.verdict.name: each for each in old.judgements}
    after = {each.verdict.name: each for each in new.judgements}
    names = dict.fromkeys([*after, *before])
    changes = (_change(old, new, before.get(name), after.get(name)) for name in names)
    kept = sorted(filter(None, changes), key=lambda each: KINDS.index(each.kind))
    return Difference(tuple(kept), tuple(_setting(old, new)))


def _change(old: Run, new: Run, before: Judgement | None, after: Judgement | None) -> Change | None:
    shown = after or before
    if shown is None:
        return None
    verdict, told = shown.verdict, (_told(old, before), _told(new, after))
    kind = _kind(before, after, told)
    return None if kind is None else Change(kind, verdict.clause, verdict.case, verdict.level, *told)


def _kind(before: Judgement | None, after: Judgement | None, told: tuple[str, str]) -> str | None:
    if before is None or after is None:
        return GONE if after is None else NEWLY_FAILING if after.verdict.outcome in WRONG else NEW
    was, is_now = before.verdict.outcome, after.verdict.outcome
    if is_now in WRONG:
        return NEWLY_FAILING if was not in WRONG else DIFFERENT if told[0] != told[1] else None
    if was in JUDGED and is_now not in JUDGED:
        return UNJUDGED
    if was in WRONG:
        return MENDED
    return NEWLY_JUDGED if was not in JUDGED and is_now in JUDGED else None


def _told(run: Run, judgement: Judgement | None) -> str:
    """Return the outcome, with what was observed where it is wrong and the reason where nothing was judged."""
    if judgement is None:
        return ""
    verdict = judgement.verdict
    if verdict.outcome is Outcome.FAILED:
        seen = observe(verdict, run.transcripts)
        return f"failed: {f'HTTP {seen.status} {seen.code}'.rstrip()}, {seen.actual}"
    return f"{verdict.outcome}: {verdict.because}" if verdict.because else str(verdict.outcome)


def _setting(old: Run, new: Run) -> Iterator[tuple[str, str, str]]:
    readings: dict[str, Callable[[Run], object]] = {
        "suite": lambda run: run.header.suite,
        "contract": lambda run: run.header.model,
        "target": lambda run: run.header.target.name,
        "region": lambda run: run.header.target.region,
        "accounts": lambda run: run.header.target.strategy,
        "capabilities": lambda run: ", ".join(
            n for n, c in sorted(run.header.target.capabilities.items()) if c.present
        ),
        "strict": lambda run: run.header.strict,
        "repeat": lambda run: run.header.repeat,
        "exit code": lambda run: int(run.conclusion.code),
    }
    for name, read in readings.items():
        before, after = str(read(old)), str(read(new))
        if before != after:
            yield name, before, after
