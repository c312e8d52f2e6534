"""What changed in the operation's model since the contract was last reviewed, and which clauses that concerns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from contracts.clauses import contract
from contracts.coverage.cover import MODEL, covers
from contracts.model.parts import ENTRY
from contracts.model.snapshot import Snapshot, installed, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Kind(StrEnum):
    """What happened to a part."""

    GONE = "gone"
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One part of the model, or another place of it that clauses cite, that isn't as it was.

    ``clauses`` judge or cite it. The values are None where it is gone or added, or has none.
    """

    place: str
    kind: Kind
    old: Any
    new: Any
    clauses: tuple[str, ...]

    @property
    def documentation(self) -> bool:
        """Whether it is a sentence of the documentation: one that was reworded is gone, and another one added."""
        return "#" in self.place


@dataclass(frozen=True)
class Drift:
    """The installed model against the one on file. ``left_out`` are the clauses that it has nothing for."""

    old: Snapshot
    new: Snapshot
    left_out: Mapping[str, str]

    @property
    def is_any(self) -> bool:
        """Whether anything is not as it was."""
        return bool(self.left_out) or self.old.parts != self.new.parts or bool(self._digests())

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every change, in the order of the model on file, then of the installed one."""
        return (*self._parts(), *self._cited())

    @property
    def extent(self) -> str:
        """How much changed, in words."""
        told = sum(each.documentation for each in self.changes)
        counts = {"part": len(self.changes) - told, "sentence": told}
        parts, sentences = (f"{count} {what}{'' if count == 1 else 's'}" for what, count in counts.items())
        return f"{parts} of the model and {sentences} of its documentation"

    def _parts(self) -> Iterator[Change]:
        old, new = self.old.parts, self.new.parts
        judged = _judges(new) | _judges(old)
        for part in dict.fromkeys((*old, *new)):
            if part not in old or part not in new or old[part] != new[part]:
                kind = Kind.ADDED if part not in old else Kind.GONE if part not in new else Kind.CHANGED
                of_list = judged.get(part.rpartition("/")[0], ()) if ENTRY.fullmatch(part) else ()
                clauses = {*judged[part], *of_list}
                ordered = tuple(each.id for each in contract().clauses if each.id in clauses)
                yield Change(part, kind, old.get(part), new.get(part), ordered)

    def _cited(self) -> Iterator[Change]:
        for place in self._digests():
            clauses = tuple(each.id for each in contract().clauses if f"{MODEL}{place}" in each.sources)
            yield Change(place, Kind.CHANGED if place in self.new.cited else Kind.GONE, None, None, clauses)

    def _digests(self) -> list[str]:
        """Return the cited places that aren't as they were. One that wasn't cited then can't be compared."""
        return [place for place, digest in self.old.cited.items() if self.new.cited.get(place) != digest]


def _judges(parts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {each.part: each.clauses for each in covers({**parts})}


@cache
def drift() -> Drift:
    """Return how the installed model differs from the one on file."""
    return Drift(snapshot(), current(*snapshot().cited), contract().left_out)


def current(*also: str) -> Snapshot:
    """Return the installed model, with every place that the contract cites, and these."""
    sources = [source for each in contract().clauses for source in each.sources]
    return installed([*also, *(source.removeprefix(MODEL) for source in sources if source.startswith(MODEL))])


def brief() -> str:
    """Return one line on what changed, empty if nothing did."""
    if not drift().is_any:
        return ""
    found, left_out = drift(), f"; left out: {', '.join(drift().left_out)}" if drift().left_out else ""
    return (
        f"{found.extent} are not as in botocore {found.old.botocore}, which the contract was last reviewed against"
        f"{left_out}; --list-clauses=drift tells more"
    )
