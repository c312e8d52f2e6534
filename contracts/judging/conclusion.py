"""The conclusion from all verdicts of a run: its exit status, and how much of the contract was judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.judging.verdict import gate
from contracts.vocabulary import BUSY, ExitCode, Level, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contracts.judging.verdict import Verdict

EVENTS = frozenset({BUSY})
"""What a run can't bring about: clauses on it apply only where it happens, and leave no run incomplete."""


@dataclass(frozen=True)
class Conclusion:
    """The result of a whole run: the exit status, and one sentence that says why.

    ``judged`` of the ``gated`` clauses, which are those that can fail the run, were judged; both are 0 where nothing
    was concluded from verdicts. ``lacking`` gives the number of those that weren't for want of each capability.
    """

    code: ExitCode
    sentence: str
    judged: int = 0
    gated: int = 0
    lacking: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Terms:
    """What a run has to hold to.

    ``promised`` are the names of all checks that have to be run, with their levels; ``happy_path`` is the clause that
    has to pass for a run to count. ``strict`` counts recommended clauses, too; ``complete`` wants every clause judged
    that can fail the run. ``narrowed`` says that no other checks were asked for than the promised ones. ``ending`` says
    how many of the known deviations end soon, and ``outdated`` which entries of the file have to be changed, each in a
    few words.
    """

    promised: Mapping[str, Level]
    happy_path: str
    strict: bool = False
    complete: bool = False
    narrowed: bool = False
    ending: str = ""
    outdated: tuple[str, ...] = ()


def conclude(verdicts: Iterable[Verdict], terms: Terms) -> Conclusion:
    """Return the conclusion from these verdicts on these terms.

    The worst finding wins: a fault of the suite, then a missing operation, then a failed clause or an outdated entry
    of the deviations, then a run that judged too little. Source of the codes: the table in README.md.
    """
    judged = _Judged(tuple(verdicts), terms)
    code, sentence = next(judged.findings())
    return Conclusion(code, sentence, len(judged.gated) - len(judged.unjudged), len(judged.gated), judged.lacking)


class _Judged:
    """The verdicts of a run, and what can be found in them."""

    def __init__(self, verdicts: tuple[Verdict, ...], terms: Terms) -> None:
        self.verdicts, self.terms = verdicts, terms
        self.gating = gate(strict=terms.strict)
        self.kind = "required and recommended" if terms.strict else "required"
        names = (name.partition(":")[0] for name, level in terms.promised.items() if level in self.gating)
        reached = {v.clause for v in verdicts if v.outcome in {Outcome.PASSED, Outcome.FAILED, Outcome.KNOWN}}
        events = {v.clause for v in verdicts if v.lacking in EVENTS} - reached
        self.gated = {*names} - events
        self.unjudged = self.gated - reached
        capabilities = {v.clause: v.lacking for v in verdicts if v.clause in self.unjudged and v.lacking}
        self.lacking = dict(Counter(capabilities.values()).most_common())

    def findings(self) -> Iterator[tuple[ExitCode, str]]:
        """Yield every finding that holds for the run, the worst first."""
        yield from self._broken()
        yield from self._too_little()
        yield ExitCode.CONFORMANT, f"{self._praise()}{self._unstable_outside()}"

    def _broken(self) -> Iterator[tuple[ExitCode, str]]:
        if errors := self._clauses_with(Outcome.ERROR, Level):
            yield ExitCode.INTERNAL_ERROR, f"the suite itself failed in {_first_of(errors)}"
        if self._clauses_with(Outcome.NOT_IMPLEMENTED, Level):
            yield ExitCode.NOT_IMPLEMENTED, "the target does not implement the operation"
        failed, outdated = self._clauses_with(Outcome.FAILED), self.terms.outdated
        if failed or outdated:
            level_of = {v.clause: v.level for v in self.verdicts}
            levels = Counter(level_of[clause] for clause in failed)
            counts = " and ".join(_count(levels[level], str(level)) for level in Level if levels[level])
            failures = [f"{counts} failed{self._count_unstable(failed, Outcome.FAILED)}"] if failed else []
            failures += [f"the deviations on file have to be changed: {_first_of([*outdated])}"] if outdated else []
            yield ExitCode.FAILED, f"not conformant: {'; '.join(failures)}"

    def _too_little(self) -> Iterator[tuple[ExitCode, str]]:
        if all(v.outcome is Outcome.NOT_APPLICABLE for v in self.verdicts):
            yield ExitCode.NOTHING_JUDGED, "nothing was judged"
        names, promised = {v.name for v in self.verdicts}, self.terms.promised
        if missing := sorted(name for name, level in promised.items() if level in self.gating and name not in names):
            counts = f"{len(missing)} of {len(promised)} checks were not run"
            yield ExitCode.INCONCLUSIVE, f"inconclusive: {counts}: {_first_of(missing)}"
        happy = self.terms.happy_path
        if not self.terms.narrowed and not any(
            v.clause == happy and v.outcome is Outcome.PASSED for v in self.verdicts
        ):
            why = self._commonest_reason([happy])
            yield ExitCode.INCONCLUSIVE, f"inconclusive: the happy path ({happy}) never passed{why}"
        if blocked := self._clauses_with(Outcome.BLOCKED):
            counts = f"{_count(len(blocked), self.kind)} blocked{self._count_unstable(blocked, Outcome.BLOCKED)}"
            yield ExitCode.INCONCLUSIVE, f"inconclusive: {counts}{self._commonest_reason(blocked)}"
        if self.terms.complete and self.unjudged:
            yield ExitCode.INCONCLUSIVE, f"inconclusive: --complete: {self._share()}"

    def _praise(self) -> str:
        """Return that the run is conformant, in part or but for known deviations where that is so."""
        parts = ["conformant", "in part"] if self.unjudged else ["conformant"]
        if known := {v.clause for v in self.verdicts if v.outcome is Outcome.KNOWN}:
            deviations = f"{len(known)} known deviation{'s' * (len(known) > 1)}"
            parts += [f"but for {deviations}{f' ({self.terms.ending})' if self.terms.ending else ''}"]
        if self.terms.narrowed:
            return f"{' '.join(parts)}: {self._each_asked_for()}; nothing else was judged"
        every = f"{'all ' if len(self.gated) > 1 else ''}{_count(len(self.gated), self.kind)} judged"
        return f"{' '.join(parts)}: {self._share() if self.unjudged else every}"

    def _each_asked_for(self) -> str:
        """Return what each clause came to, for a run that was asked for a few."""
        outcomes: dict[str, list[Outcome]] = {}
        for verdict in self.verdicts:
            outcomes.setdefault(verdict.clause, []).append(verdict.outcome)
        order = (Outcome.FAILED, Outcome.KNOWN, Outcome.PASSED, *Outcome)
        worst = {clause: min(came, key=order.index) for clause, came in outcomes.items()}
        return _first_of([f"{clause} {came.replace('-', ' ')}" for clause, came in sorted(worst.items())])

    def _share(self) -> str:
        share = f"{len(self.gated) - len(self.unjudged)} of {len(self.gated)} {self.kind} clauses judged"
        return f"{share}; missing: {', '.join(self.lacking)}" if self.lacking else share

    def _clauses_with(self, outcome: Outcome, levels: Iterable[Level] | None = None) -> list[str]:
        wanted = self.gating if levels is None else {*levels}
        return sorted({v.clause for v in self.verdicts if v.outcome is outcome and v.level in wanted})

    def _commonest_reason(self, clauses: list[str]) -> str:
        """Return why most checks of these clauses were blocked in every run, as the end of a sentence."""
        stable = (v for v in self.verdicts if v.clause in clauses and v.stable)
        blocked = [v.because for v in stable if v.outcome is Outcome.BLOCKED]
        return "".join(f": {reason}" for reason, _ in Counter(blocked).most_common(1))

    def _count_unstable(self, clauses: list[str], outcome: Outcome) -> str:
        unstable = {v.clause for v in self.verdicts if v.outcome is outcome and not v.stable} & {*clauses}
        return f", {len(unstable)} of them unstable" if unstable else ""

    def _unstable_outside(self) -> str:
        """Return how many clauses of each level that fails no run were unstable, as the end of a sentence."""
        unstable = {level: {v.clause for v in self.verdicts if v.level is level and not v.stable} for level in Level}
        others = (level for level in Level if level not in self.gating and unstable[level])
        return "".join(f"; {_count(len(unstable[level]), str(level))} unstable" for level in others)


def _count(clauses: int, kind: str) -> str:
    return f"{clauses} {kind} clause{'' if clauses == 1 else 's'}"


def _first_of(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
