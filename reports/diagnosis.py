"""The diagnosis of a run: which known faults explain what failed. It never touches a verdict.

It rests on the published proof, which says of every fault of the reference which checks fail, and what each of them
comes to see.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.deviations.observation import observe
from contracts.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reports.run import Run

MATRIX = Path(__file__).parent.parent / "proof" / "matrix.json"
EXACT, CONTAINED, SEVERAL = "exact", "contained", "several fit"
_KEYS = ("name", "does", "seen_in", "checks", "by_chance")
_JUDGED = {Outcome.PASSED, Outcome.FAILED, Outcome.KNOWN}
_WIDEST = 24  # so many candidates are tried in pairs
_MOST = 8  # faults in one diagnosis
_COST = 0.2  # of naming one more fault, in clauses explained
_LEAST = 0.15  # of a clause: too little for naming another fault
_LEAST_HELD = 0.75  # of what a fault fails, so much has to have failed


@dataclass(frozen=True, eq=False)  # a key of dictionaries, by identity
class KnownFault:
    """One fault of the published proof, with the checks that it fails and the digest of what each comes to see.

    ``by_chance`` are the clauses that it fails in some runs only.
    """

    name: str
    does: str
    seen_in: str
    checks: Mapping[str, str]
    by_chance: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """One fault that explains failed clauses.

    ``sureness`` is ``exact`` (it fails just these checks, and they came to see the same), ``contained`` (what it fails
    has failed, and more), or ``several fit``: then ``others`` would explain the same.
    """

    fault: KnownFault
    clauses: tuple[str, ...]
    sureness: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """The smallest set of faults found that fits what failed, and the failed clauses that nothing explains.

    ``basis`` says on which data it rests.
    """

    explanations: tuple[Explanation, ...]
    unexplained: tuple[str, ...]
    basis: str

    def explanation_of(self, clause: str) -> Explanation | None:
        """Return the first explanation of the clause, None if there is none."""
        return next((each for each in self.explanations if clause in each.clauses), None)


@cache
def published(path: Path = MATRIX) -> tuple[tuple[KnownFault, ...], str]:
    """Return the faults of the published proof, and what it is. There are none where it isn't installed."""
    if not path.is_file():
        return (), "no proof is installed"
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    faults = tuple(KnownFault(**{key: each[key] for key in _KEYS}) for each in value["faults"])
    return faults, f"the published proof of suite {value['suite']}: {len(faults)} faults"


def diagnose(run: Run) -> Diagnosis:
    """Return which known faults explain what failed in the run."""
    faults, basis = published()
    judged = {each.verdict.name for each in run.judgements if each.verdict.outcome in _JUDGED}
    failed = [each.verdict for each in run.judgements if each.verdict.outcome is Outcome.FAILED]
    seen = {each.name: observe(each, run.transcripts).digest for each in failed}
    search = Search(faults, judged, seen)
    chosen = search.smallest()
    explanations = [search.explain(fault, chosen) for fault in chosen]
    explained = {clause for each in explanations for clause in each.clauses}
    unexplained = dict.fromkeys(each.clause for each in failed if each.clause not in explained)
    return Diagnosis(tuple(explanations), tuple(unexplained), basis)


class Search:
    """The search for the faults that fit what failed.

    ``judged`` are the names of the checks that could fail, ``seen`` those that did, with the digest of each.
    """

    def __init__(self, faults: Iterable[KnownFault], judged: Iterable[str], seen: Mapping[str, str]) -> None:
        self.seen = seen
        names = {*judged}
        counts = Counter(_clause(name) for name in seen)
        self.weight = {name: 1 / counts[_clause(name)] for name in seen}  # every clause counts as one
        self.predicted = {
            fault: {name: digest for name, digest in fault.checks.items() if name in names} for fault in faults
        }
        fitting = [*filter(self._fits, self.predicted)]
        self._explains = {fault: self._explained(fault) for fault in fitting}
        self._missing = {fault: self._missed(fault) for fault in fitting}
        self.candidates = sorted(fitting, key=lambda fault: -self.value([fault]))

    def value(self, faults: Sequence[KnownFault]) -> float:
        """Return how much the faults explain of what failed, less what they would fail and what didn't."""
        explained = sum(
            weight * max((self._explains[fault][name] for fault in faults), default=0.0)
            for name, weight in self.weight.items()
        )
        return explained - sum(self._missing[fault] for fault in faults) - _COST * len(faults)

    def smallest(self) -> tuple[KnownFault, ...]:
        """Return the faults that explain most, as few as possible: one, two, or more that are added one by one."""
        best: tuple[KnownFault, ...] = ()
        leading = self.candidates[:_WIDEST]
        for chosen in ((), *((each,) for each in leading), *combinations(leading, 2)):
            if self.value(chosen) > self.value(best) + 1e-9:
                best = chosen
        while len(best) < _MOST and (further := self._best_addition(best)) is not None:
            best = (*best, further)
        return tuple(sorted(best, key=lambda fault: -len(self._clauses(fault))))

    def explain(self, fault: KnownFault, chosen: Sequence[KnownFault]) -> Explanation:
        """Return what the fault explains beside the others that were chosen, and how sure that is."""
        rest = [each for each in chosen if each is not fault]
        own = self.value(chosen)
        others = [
            each.name for each in self.candidates if each not in chosen and self.value([*rest, each]) >= own - 1e-9
        ]
        exact = self.predicted[fault] == {name: at for name, at in self.seen.items() if not _by_chance(fault, name)}
        sureness = SEVERAL if others else EXACT if exact else CONTAINED
        return Explanation(fault, self._clauses(fault), sureness, tuple(others))

    def _best_addition(self, chosen: tuple[KnownFault, ...]) -> KnownFault | None:
        further = [each for each in self.candidates if each not in chosen]
        best = max(further, key=lambda each: self.value([*chosen, each]), default=None)
        return best if best is not None and self.value([*chosen, best]) > self.value(chosen) + 1e-9 else None

    def _clauses(self, fault: KnownFault) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_clause(name) for name, share in self._explains[fault].items() if share))

    def _explained(self, fault: KnownFault) -> dict[str, float]:
        """Return how much of each failed check the fault explains: half for failing, half for what it came to see.

        In a race both depend on which of two calls comes first, and so does which check of a clause fails.
        """
        predicted = self.predicted[fault]
        clauses = {*map(_clause, predicted)}

        def share(name: str) -> float:
            clause = _clause(name)
            if predicted.get(name) == self.seen[name] or _by_chance(fault, name):
                return 1.0
            if _is_raced(clause):
                return 1 - _LEAST if clause in clauses else 0.0
            return 0.5 if name in predicted else 0.0

        return {name: share(name) for name in self.seen}

    def _fits(self, fault: KnownFault) -> bool:
        predicted = self.predicted[fault]
        held = sum(name in self.seen for name in predicted)
        return bool(held) and held >= _LEAST_HELD * len(predicted)

    def _missed(self, fault: KnownFault) -> float:
        """Return how many clauses the fault would have failed that didn't fail in any of those checks."""
        predicted = self.predicted[fault]
        by_clause, failed = Counter(map(_clause, predicted)), {*map(_clause, self.seen)}
        missed = (name for name in predicted if name not in self.seen)
        clauses = (clause for clause in map(_clause, missed) if not (_is_raced(clause) and clause in failed))
        return sum(1 / by_clause[clause] for clause in clauses)


def _by_chance(fault: KnownFault, check: str) -> bool:
    return _clause(check) in fault.by_chance


def _is_raced(clause: str) -> bool:
    return clause.startswith("races.")


def _clause(check: str) -> str:
    return check.partition(":")[0]
