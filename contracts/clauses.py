"""Which clauses does the contract have? Loads ``clauses.toml`` into frozen values, and refuses an unsound file."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from contracts import recordings
from contracts.model import operation
from contracts.vocabulary import NOT_RECORDED, Authority, Level

if TYPE_CHECKING:
    from collections.abc import Mapping

CLAUSES = Path(__file__).with_name("clauses.toml")
HAPPY_PATH = "transitions.sender-open"
THEMES = ("request", "response", "errors", "transitions", "callers", "aftermath", "wire")
CAPABILITIES = {
    "recipient": "the invited account can act",
    "member": "an account can join the organization and act",
    "stranger": "an account outside the organization can act",
    "manager": "an account that manages another organization can act",
    "signatures": "the target checks signatures",
    "throttling": "the target refuses calls above a rate, and did so in this scenario",
    "expired": "the sender's organization has an EXPIRED handshake among those that it lists",
    NOT_RECORDED: "the transcript that is replayed has the call",
}
E = TypeVar("E", bound=StrEnum)
_ID = re.compile(rf"(?P<theme>{'|'.join(THEMES)})\.(?P<subject>[a-z0-9]+(-[a-z0-9]+)*)")
_STEP = re.compile(r"[a-z-]+/([a-z0-9-]+|\*)")


class UnsoundClause(ValueError):
    """A row of the clauses file breaks one of its rules."""

    def __init__(self, clause: str, problem: str) -> None:
        self.clause = clause
        self.problem = problem
        super().__init__(f"{CLAUSES.name}: clause {clause!r}: {problem}")


@dataclass(frozen=True)
class Clause:
    """One sentence of the contract.

    ``judges`` are the exchanges it looks at, as ``scenario/step`` (``scenario/*`` for every case that the scenario
    derives); ``needs`` are the capabilities without which it isn't applicable; ``sources`` are ``model:<JSON
    pointer>``, ``recording:<file>#<case>`` or an address; ``observed`` is the day of the observation, if it was one.
    """

    id: str
    sentence: str
    level: Level
    authority: Authority
    sources: tuple[str, ...]
    judges: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    observed: str = ""

    @property
    def theme(self) -> str:
        """Which file of suites/ judges it?"""
        return self.id.partition(".")[0]

    @property
    def function(self) -> str:
        """Which function of that file judges it?"""
        return "test_" + self.id.partition(".")[2].replace("-", "_")


@dataclass(frozen=True)
class Later:
    """Something known of the operation that no clause judges yet, and what is missing to judge it."""

    sentence: str
    missing: str


@dataclass(frozen=True)
class Contract:
    """Every clause, in the order of the file, and what is left for later."""

    clauses: tuple[Clause, ...]
    later: tuple[Later, ...]

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Which scenarios are judged, in the order in which the clauses first speak of them?"""
        return tuple(dict.fromkeys(judged.partition("/")[0] for clause in self.clauses for judged in clause.judges))

    def __getitem__(self, clause: str) -> Clause:
        found = next((c for c in self.clauses if c.id == clause), None)
        if found is None:
            raise KeyError(f"no clause {clause!r}; `pytest --list-clauses` prints them all")
        return found


@cache
def contract(path: Path = CLAUSES) -> Contract:
    """What does the file promise? Raises :class:`UnsoundClause` for the first row that breaks a rule."""
    with path.open("rb") as file:
        rows = tomllib.load(file)
    clauses = tuple(_clause(row) for row in rows["clause"])
    _check_unique(clauses)
    for clause in clauses:
        _check(clause)
    return Contract(clauses, tuple(Later(**row) for row in rows["later"]))


def _clause(row: Mapping[str, Any]) -> Clause:
    identity = str(row.get("id", "(no id)"))
    known = {"id", "sentence", "level", "authority", "sources", "judges", "needs", "observed"}
    if unknown := sorted(row.keys() - known):
        raise UnsoundClause(identity, f"unknown keys {unknown}; expected some of {sorted(known)}")
    if missing := sorted(known - {"needs", "observed"} - row.keys()):
        raise UnsoundClause(identity, f"lacks {missing}")
    return Clause(
        id=identity,
        sentence=row["sentence"],
        level=_member(Level, row["level"], identity),
        authority=_member(Authority, row["authority"], identity),
        sources=tuple(row["sources"]),
        judges=tuple(row["judges"]),
        needs=frozenset(row.get("needs", ())),
        observed=str(row.get("observed", "")),
    )


def _member(kind: type[E], value: str, clause: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise UnsoundClause(clause, f"{value!r} is none of {[str(member) for member in kind]}") from None


def _check_unique(clauses: tuple[Clause, ...]) -> None:
    for clause, count in Counter(c.id for c in clauses).items():
        if count > 1:
            raise UnsoundClause(clause, f"stands in the file {count} times")


def _check(clause: Clause) -> None:
    if not _ID.fullmatch(clause.id):
        raise UnsoundClause(clause.id, f"an id is theme.subject, in lower case with hyphens; the themes are {THEMES}")
    if not clause.sentence.endswith("."):
        raise UnsoundClause(clause.id, "its sentence doesn't end in a full stop")
    if not clause.judges or not all(_STEP.fullmatch(step) for step in clause.judges):
        raise UnsoundClause(clause.id, f"judges {list(clause.judges)}; expected scenario/step or scenario/*")
    if unknown := sorted(clause.needs - CAPABILITIES.keys()):
        raise UnsoundClause(clause.id, f"needs {unknown}; the capabilities are {sorted(CAPABILITIES)}")
    if clause.authority is Authority.INFERRED and clause.level is not Level.ADVISORY:
        raise UnsoundClause(clause.id, "what is inferred can inform, not fail a target: its level must be advisory")
    if (clause.authority is Authority.OBSERVED) != bool(clause.observed):
        raise UnsoundClause(clause.id, "an observation has its day in `observed`, and nothing else has one")
    if not clause.sources:
        raise UnsoundClause(clause.id, "it has no source")
    for source in clause.sources:
        _check_source(clause, source)


def _check_source(clause: Clause, source: str) -> None:
    kind, _, rest = source.partition(":")
    try:
        if kind == "model":
            operation.resolve(rest)
        elif kind == "recording":
            recordings.resolve(rest)
        elif kind != "https":
            raise UnsoundClause(clause.id, f"source {source!r} is neither model:, recording: nor https:")
    except LookupError as error:
        raise UnsoundClause(clause.id, str(error)) from error
