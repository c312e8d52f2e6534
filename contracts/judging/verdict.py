"""The verdict of one check, and the conclusion from all verdicts of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from contracts.vocabulary import ExitCode, Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def gate(*, strict: bool) -> frozenset[Level]:
    """Return the levels that fail a run."""
    return frozenset({Level.REQUIRED, Level.RECOMMENDED} if strict else {Level.REQUIRED})


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check, with everything that a reader needs to verify or to refute it.

    ``case`` is the judged step (``scenario/step``), empty where the clause has only one. ``because`` is the reason why
    nothing was judged; ``expected`` and ``actual`` are the difference where it failed. ``exchanges`` are the ids of the
    exchanges that show it, the judged one first. ``runs`` are the outcomes in each run of a scenario that was driven
    several times, and empty for one that was driven once. ``lacking`` is the missing capability that makes it not
    applicable, empty where it isn't one.
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
        """The name in reports: the clause, with the case where there are several."""
        return f"{self.clause}:{self.case}" if self.case else self.clause

    @property
    def stable(self) -> bool:
        """Whether every run had the same outcome."""
        return len(set(self.runs)) <= 1

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as a JSON object, which carries it between processes and into reports."""
        return asdict(self) | {
            "level": str(self.level),
            "outcome": str(self.outcome),
            "exchanges": [*self.exchanges],
            "runs": [*map(str, self.runs)],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Verdict:
        """Return the verdict that :meth:`to_json` gave."""
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
    """The result of a whole run: the exit status, and one sentence that says why."""

    code: ExitCode
    sentence: str


def conclude(
    verdicts: Iterable[Verdict], *, promised: Mapping[str, Level], happy_path: str, strict: bool = False
) -> Conclusion:
    """Return the conclusion from these verdicts.

    ``promised`` are the names of all checks that have to be run, with their levels; ``happy_path`` is the clause that
    has to pass for a run to count. The worst finding wins: a fault of the suite, then a missing operation, then a
    failed clause, then a run that judged too little. Source of the codes: the table in README.md.
    """
    return next(_findings(list(verdicts), promised, happy_path, strict=strict))


def _findings(
    judged: list[Verdict], promised: Mapping[str, Level], happy_path: str, *, strict: bool
) -> Iterator[Conclusion]:
    """Yield every conclusion that holds for the run, the worst first."""
    gating = gate(strict=strict)
    gated = "required and recommended" if strict else "required"

    def clauses_with(outcome: Outcome, levels: Iterable[Level] = gating) -> list[str]:
        return sorted({v.clause for v in judged if v.outcome is outcome and v.level in {*levels}})

    def count_unstable(clauses: list[str], outcome: Outcome) -> str:
        unstable = {v.clause for v in judged if v.outcome is outcome and not v.stable} & {*clauses}
        return f", {len(unstable)} of them unstable" if unstable else ""

    level_of = {v.clause: v.level for v in judged}
    if errors := clauses_with(Outcome.ERROR, Level):
        yield Conclusion(ExitCode.INTERNAL_ERROR, f"the suite itself failed in {_first_of(errors)}")
    if clauses_with(Outcome.NOT_IMPLEMENTED, Level):
        yield Conclusion(ExitCode.NOT_IMPLEMENTED, "the target does not implement the operation")
    if failed := clauses_with(Outcome.FAILED):
        levels = Counter(level_of[clause] for clause in failed)
        counts = " and ".join(_count(levels[level], str(level)) for level in Level if levels[level])
        yield Conclusion(ExitCode.FAILED, f"not conformant: {counts} failed{count_unstable(failed, Outcome.FAILED)}")
    if all(v.outcome is Outcome.NOT_APPLICABLE for v in judged):
        yield Conclusion(ExitCode.NOTHING_JUDGED, "nothing was judged")
    names = {v.name for v in judged}
    if missing := sorted(name for name, level in promised.items() if level in gating and name not in names):
        counts = f"{len(missing)} of {len(promised)} checks were not run"
        yield Conclusion(ExitCode.INCONCLUSIVE, f"inconclusive: {counts}: {_first_of(missing)}")
    if not any(v.clause == happy_path and v.outcome is Outcome.PASSED for v in judged):
        yield Conclusion(ExitCode.INCONCLUSIVE, f"inconclusive: the happy path ({happy_path}) never passed")
    if blocked := clauses_with(Outcome.BLOCKED):
        counts = f"{_count(len(blocked), gated)} blocked{count_unstable(blocked, Outcome.BLOCKED)}"
        yield Conclusion(ExitCode.INCONCLUSIVE, f"inconclusive: {counts}")
    inapplicable = {*clauses_with(Outcome.NOT_APPLICABLE)} - {*clauses_with(Outcome.PASSED)}
    rest = f"; {_count(len(inapplicable), gated)} did not apply" if inapplicable else ""
    rest += _count_unstable_outside(gating, judged)
    yield Conclusion(ExitCode.CONFORMANT, f"conformant: every {gated} clause that applies passed{rest}")


def _count_unstable_outside(gating: frozenset[Level], judged: list[Verdict]) -> str:
    """Return how many clauses of each level that fails no run were unstable, as the end of a sentence."""
    unstable = {level: {v.clause for v in judged if v.level is level and not v.stable} for level in Level}
    counts = (_count(len(unstable[level]), str(level)) for level in Level if level not in gating and unstable[level])
    return "".join(f"; {count} unstable" for count in counts)


def _count(clauses: int, kind: str) -> str:
    return f"{clauses} {kind} clause{'' if clauses == 1 else 's'}"


def _first_of(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
