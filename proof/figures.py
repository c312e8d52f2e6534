"""How well the diagnosis names the faults that were made: each by itself, and random pairs of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.deviations.observation import observe
from contracts.vocabulary import Outcome
from fixtures.reference.faults import FAULTS, fault
from fixtures.reference.faults.composition import compose
from proof import matrix
from proof.parallel import in_parallel
from reports.diagnosis import Explanation, Search, published

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.reference import Parts
    from fixtures.reference.realism import Realism

PAIRS = 200
SEED = 7
_JUDGED = {Outcome.PASSED, Outcome.FAILED, Outcome.KNOWN}


@dataclass(frozen=True)
class Figures:
    """The faults that their own run doesn't name first or second, and the pairs of which both are named, of all."""

    missed: tuple[str, ...]
    faults: int
    pairs_named: int
    pairs: int

    def lines(self) -> Iterator[str]:
        """Yield the figures as lines of Markdown."""
        yield "# How well the diagnosis names what is wrong"
        yield ""
        yield "Made by `python -m proof --figures`, with other ids and orders than those of the published matrix."
        yield ""
        yield f"- faults named first or second by their own run: {self.faults - len(self.missed)} of {self.faults}"
        yield f"- random pairs of faults of which both are named: {self.pairs_named} of {self.pairs}"
        yield from (f"- missed: {name}" for name in self.missed)


def measure(*, pairs: int = PAIRS) -> Figures:
    """Run every fault, and so many random pairs, and diagnose each run."""
    missed = []
    for number, (name, alone) in enumerate(zip(FAULTS, in_parallel(is_named_alone, [*FAULTS]), strict=True), 1):
        if not alone:
            missed.append(name)
            print(f"  {number:>3} of {len(FAULTS)}: {name} is not named first or second", flush=True)
    named = sum(in_parallel(is_named, random_pairs(pairs)))
    return Figures(tuple(missed), len(FAULTS), named, pairs)


def is_named_alone(name: str) -> bool:
    """Return whether a run with the fault has one explanation, which names it first or second."""
    found = explain(fault(name).parts, fault(name).realism)
    return len(found) == 1 and name in [found[0].fault.name, *found[0].others][:2]


def random_pairs(count: int) -> list[tuple[str, str]]:
    """Return so many pairs of faults, the same each time."""
    chance, names = random.Random(SEED), [*FAULTS]  # noqa: S311  # which faults to pair, nothing secret
    return [(first, second) for first, second in (chance.sample(names, 2) for _ in range(count))]


def is_named(pair: tuple[str, str]) -> bool:
    """Return whether a run with both faults names both, as an explanation or as the first that would do as well."""
    both = [fault(name) for name in pair]
    realism = next((each.realism for each in both if each.realism.throttles), both[0].realism)
    found = {name for each in explain(compose(both), realism) for name in (each.fault.name, *each.others[:1])}
    return found >= {*pair}


def explain(parts: Parts, realism: Realism) -> list[Explanation]:
    """Return the explanations of what fails on a reference of these parts."""
    transcripts = matrix.drive(parts, realism=realism, seed=5)
    judged = [*matrix.verdicts(transcripts)]
    failed = (each for each in judged if each.outcome is Outcome.FAILED)
    seen = {each.name: observe(each, transcripts.values()).digest for each in failed}
    search = Search(published()[0], {each.name for each in judged if each.outcome in _JUDGED}, seen)
    chosen = search.smallest()
    return [search.explain(each, chosen) for each in chosen]


def publish(folder: Path) -> int:
    """Measure, write the figures into the folder, and return the exit status: 0 if they are what is promised."""
    figures = measure()
    text = "\n".join(figures.lines()) + "\n"
    (folder / "diagnosis.md").write_text(text, encoding="utf-8")
    print(text)
    return int(bool(figures.missed) or figures.pairs_named < 0.8 * figures.pairs)
