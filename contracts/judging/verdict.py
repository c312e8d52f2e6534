"""The verdict of one check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from contracts.model.shapes import shorten
from contracts.vocabulary import Level, Outcome

MOST_KEPT = 20_000
"""The characters of each text of a verdict that are kept: an answer may have a member of some megabytes."""

MOST_SHOWN = 4_000
"""The characters of each that are shown. They are fewer than the kept ones, and are cut off once everything is
redacted: what the first cut leaves of a secret would not be found.
"""


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
    applicable, empty where it isn't one. ``deviation`` names the entry of deviations on file by which it is known, or
    is empty.
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
    deviation: str = ""

    @property
    def name(self) -> str:
        """The name in reports: the clause, with the case where there are several."""
        return f"{self.clause}:{self.case}" if self.case else self.clause

    def shortened(self, most: int) -> Verdict:
        """Return the verdict with no text longer than so many characters."""
        return replace(
            self,
            because=shorten(self.because, most),
            expected=shorten(self.expected, most),
            actual=shorten(self.actual, most),
        )

    @property
    def stable(self) -> bool:
        """Whether every run had the same outcome."""
        return len(set(self.runs)) <= 1

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as a JSON object, which carries it between processes and into reports."""
        return vars(self) | {
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
