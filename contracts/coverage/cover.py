"""The parts of the operation's model, each with the clauses that judge it, or the reason why none does.

Most of it is derived from the clauses: from the places of the model that they cite as sources, and from the values and
errors that their sentences name. What can't be derived stands in ``parts.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.clauses import Clause, contract
from contracts.model.parts import ENTRY, LABEL, Parts, beneath, is_structural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLE = Path(__file__).with_name("parts.toml")
MODEL = "model:"
"""What a source begins with that is a place of the model."""


@dataclass(frozen=True)
class Cover:
    """One part of the model: its place, its value, the clauses that judge it, and the reason if none does.

    ``because`` is empty where a clause judges it, or nobody has said why none does.
    """

    part: str
    value: Any
    clauses: tuple[str, ...]
    because: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it has neither a clause nor a reason."""
        return not self.clauses and not self.because


@dataclass(frozen=True)
class Table:
    """What ``parts.toml`` says: clauses that judge whole shapes, clauses by part, and reasons by part."""

    whole: tuple[Mapping[str, Any], ...]
    judged: Mapping[str, tuple[str, ...]]
    unjudged: Mapping[str, str]


@cache
def table(path: Path = TABLE) -> Table:
    """Return the table in the file."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    judged: dict[str, tuple[str, ...]] = {}
    for row in content["judged"]:
        for part in row["parts"]:
            judged[part] = (*judged.get(part, ()), *row["clauses"])
    unjudged = {part: row["because"] for row in content["unjudged"] for part in row["parts"]}
    return Table(tuple(content["whole"]), judged, unjudged)


def covers(parts: Parts) -> tuple[Cover, ...]:
    """Return every part of a model with what judges it, in the order of the model."""
    cites = {each: _cited(each) for each in contract().clauses}
    entries = Counter(_entry(part) for part in parts)
    whole = [(row["clause"], _reached(row, parts)) for row in table().whole]

    def judges(part: str) -> tuple[str, ...]:
        derived = [each.id for each in cites if _judges(each, cites[each], part, named=entries[_entry(part)] == 1)]
        by_shape = [clause for clause, reached in whole if part in reached]
        known = {*derived, *by_shape, *table().judged.get(part, ())}
        return tuple(each.id for each in contract().clauses if each.id in known)

    found = {part: Cover(part, value, judges(part), table().unjudged.get(part, "")) for part, value in parts.items()}
    found |= {part: _as(found[meant], each) for part, each in found.items() if (meant := _labelled(part, parts))}
    return tuple(found.values())


def needless(found: Iterable[Cover]) -> tuple[str, ...]:
    """Return the parts that have a reason why no clause judges them, and a clause that does."""
    return tuple(each.part for each in found if each.clauses and each.part in table().unjudged)


def _judges(clause: Clause, cited: frozenset[str], part: str, *, named: bool) -> bool:
    """Return whether the clause cites the part, or what the part is an item of, or names it, the only one so named."""
    if part in cited or (is_structural(part) and any(part.startswith(f"{place}/") for place in cited)):
        return True
    entry = _entry(part)
    mentioned = named and re.search(rf"\b{entry}\b", clause.sentence) is not None
    return bool(entry) and (mentioned or f"/shapes/{entry}" in cited)


def _cited(clause: Clause) -> frozenset[str]:
    return frozenset(source.removeprefix(MODEL) for source in clause.sources if source.startswith(MODEL))


def _entry(part: str) -> str:
    """Return the value of an enum, or the error, that the part is, empty if it is neither."""
    found = ENTRY.fullmatch(part)
    return found["entry"] if found else ""


def _reached(row: Mapping[str, Any], parts: Parts) -> frozenset[str]:
    """Return the parts that a clause judges by judging an instance of a shape."""
    return frozenset(part for part in beneath(row["of"], parts) if part not in row["but"])


def _labelled(part: str, parts: Parts) -> str | None:
    """Return the value of an enum that an item of the documentation is about, which is labelled with it, or None."""
    found = LABEL.fullmatch(part)
    if found is None:
        return None
    members = [
        value for each, value in parts.items() if each == found["place"] or each.startswith(found["place"] + "/")
    ]
    values = (f"/shapes/{shape}/enum/{found['label']}" for shape in members)
    return next((value for value in values if value in parts), None)


def _as(meant: Cover, part: Cover) -> Cover:
    return Cover(part.part, part.value, meant.clauses or part.clauses, part.because or meant.because)
