"""What did a clause come to, and what do all verdicts of a run come to together?"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from contracts.vocabulary import ExitCode, Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def gate(*, strict: bool) -> frozenset[Level]:
    """Which levels fail a run?"""
    return frozenset({Level.REQUIRED, Level.RECOMMENDED} if strict else {Level.REQUIRED})


@dataclass(frozen=True)
class Verdict:
    """What one clause came to in one case, with everything a reader needs to believe it or to refute it.

    ``case`` tells several verdicts of one clause apart (the scenario's step that was judged); ``because`` is a sentence
    where nothing was judged, ``expected`` and ``actual`` are the difference where it failed; ``exchanges`` are the ids
    of those that show it, the judged one first. ``runs`` is what it came to in each run of a scenario that was driven
    several times, and empty for one that was driven once. ``lacking`` is the
    capability for want of which it is not applicable, empty where it isn't one.
    """

    clause: str
    case: str
    level: Level
    outcome: Outcome
    because: str = ""
    expected: str = ""
    actual: str = ""
    exchanges: tuple[str, ...] = ()
    test: str = ""
    runs: tuple[Outcome, ...] = ()
    lacking: str = ""

    @property
    def name(self) -> str:
        """How does a report name this verdict: the clause, and the case where there are several?"""
        return f"{self.clause}:{self.case}" if self.case else self.clause

    @property
    def stable(self) -> bool:
        """Did it come to the same in every run?"""
        return len(set(self.runs)) <= 1

    def to_json(self) -> dict[str, Any]:
        """Which JSON value carries this verdict between processes and into reports?"""
        return asdict(self) | {
            "level": str(self.level),
            "outcome": str(self.outcome),
            "exchanges": [*self.exchanges],
            "runs": [*map(str, self.runs)],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Verdict:
        """Which verdict did :meth:`to_json` write?"""
        return cls(
            **value
            | {
                "level": Level(value["level"]),
                "outcome": Outcome(value["outcome"]),
                "exchanges": tuple(value["exchanges"]),
                "runs": tuple(map(Outcome, value["runs"])),
            }
        )


@dataclass(frozen=True)
class Conclusion:
    """What a whole run came to: the exit status and one sentence that says why."""

    code: ExitCode
    sentence: str


def conclude(
    verdicts: Iterable[Verdict], *, promised: Mapping[str, Level], happy_path: str, strict: bool = False
) -> Conclusion:
    """What do these verdicts come to?

    ``promised`` are the names of all verdicts that there should be, with their levels; ``happy_path`` is the clause
    that must have been seen to work. The worst news wins: an error of the suite's own, then an operation that isn't
    there, then a failed clause, then a run that proved too little. Source of the codes: the table in README.md.
    """
    return next(_news(list(verdicts), promised, happy_path, strict=strict))


def _news(
    judged: list[Verdict], promised: Mapping[str, Level], happy_path: str, *, strict: bool
) -> Iterator[Conclusion]:
    """Everything that can be said of the run, the worst first."""
    gating = gate(strict=strict)
    asked = "required and recommended" if strict else "required"

    def named(outcome: Outcome, *, gated: bool = True) -> list[str]:
        return sorted({v.clause for v in judged if v.outcome is outcome and (not gated or v.level in gating)})

    def unstable(clauses: list[str], outcome: Outcome) -> str:
        shaky = {v.clause for v in judged if v.outcome is outcome and not v.stable} & {*clauses}
        return f", {len(shaky)} of them unstable" if shaky else ""

    promised_level = {v.clause: v.level for v in judged}
    if errors := named(Outcome.ERROR, gated=False):
        yield Conclusion(ExitCode.INTERNAL_ERROR, f"the suite itself failed in {_some(errors)}")
    if named(Outcome.NOT_IMPLEMENTED, gated=False):
        yield Conclusion(ExitCode.NOT_IMPLEMENTED, "the target does not implement the operation")
    if failed := named(Outcome.FAILED):
        levels = Counter(promised_level[clause] for clause in failed)
        told = " and ".join(_count(levels[level], str(level)) for level in Level if levels[level])
        yield Conclusion(ExitCode.FAILED, f"not conformant: {told} failed{unstable(failed, Outcome.FAILED)}")
    if all(v.outcome is Outcome.NOT_APPLICABLE for v in judged):
        yield Conclusion(ExitCode.NOTHING_JUDGED, "nothing was judged")
    names = {v.name for v in judged}
    if unasked := sorted(name for name, level in promised.items() if level in gating and name not in names):
        missing = f"{len(unasked)} of {len(promised)} questions were not asked: {_some(unasked)}"
        yield Conclusion(ExitCode.INCONCLUSIVE, f"inconclusive: {missing}")
    if not any(v.clause == happy_path and v.outcome is Outcome.PASSED for v in judged):
        yield Conclusion(ExitCode.INCONCLUSIVE, f"inconclusive: the happy path ({happy_path}) was never seen to work")
    if blocked := named(Outcome.BLOCKED):
        told = f"{_count(len(blocked), asked)} blocked{unstable(blocked, Outcome.BLOCKED)}"
        yield Conclusion(ExitCode.INCONCLUSIVE, f"inconclusive: {told}")
    lacking = set(named(Outcome.NOT_APPLICABLE)) - set(named(Outcome.PASSED))
    short = f"; {_count(len(lacking), asked)} did not apply" if lacking else ""
    yield Conclusion(
        ExitCode.CONFORMANT, f"conformant: every {asked} clause that applies passed{short}{_shaky(judged, gating)}"
    )


def _shaky(judged: list[Verdict], gating: frozenset[Level]) -> str:
    """Say which clauses fail no run and weren't the same in every one."""
    shaky = {level: {v.clause for v in judged if v.level is level and not v.stable} for level in Level}
    told = (
        f"; {_count(len(shaky[level]), str(level))} unstable" for level in Level if level not in gating and shaky[level]
    )
    return "".join(told)


def _count(clauses: int, kind: str) -> str:
    return f"{clauses} {kind} clause{'' if clauses == 1 else 's'}"


def _some(clauses: list[str]) -> str:
    return ", ".join(clauses[:3]) + (f" and {len(clauses) - 3} more" if len(clauses) > 3 else "")
