"""The clauses of the contract, loaded from ``clauses.toml`` into frozen values. An unsound file is refused."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import botocore

from contracts import recordings
from contracts.model import operation
from contracts.model.snapshot import snapshot
from contracts.vocabulary import CAPABILITIES, Authority, Level

if TYPE_CHECKING:
    from collections.abc import Mapping

CLAUSES = Path(__file__).with_name("clauses.toml")
HAPPY_PATH = "transitions.sender-open"
THEMES = (
    "request",
    "response",
    "errors",
    "transitions",
    "callers",
    "aftermath",
    "views",
    "actions",
    "wire",
    "races",
    "time",
)
LAST_SCENARIO = "time"
"""The scenario that is driven last, because it moves the target's clock, which not every target can put back."""
E = TypeVar("E", bound=StrEnum)
_ID = re.compile(rf"(?P<theme>{'|'.join(THEMES)})\.(?P<subject>[a-z0-9]+(-[a-z0-9]+)*)")
_STEP = re.compile(r"[a-z-]+/([a-z0-9-]+|\*)")
_TABLES = {"clause", "later"}
_REQUIRED_KEYS = {"id", "sentence", "level", "authority", "sources", "judges"}
_OPTIONAL_KEYS = {"needs", "observed"}
_LISTS = {"sources", "judges", "needs"}


class UnsoundContract(ValueError):
    """The clauses file can't be used: the message is one line with the file, the place and what was expected."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"{CLAUSES.name}: {problem}")


class UnsoundClause(UnsoundContract):
    """A row of the clauses file breaks one of its rules."""

    def __init__(self, clause: str, problem: str) -> None:
        self.clause = clause
        super().__init__(f"clause {clause!r}: {problem}")


@dataclass(frozen=True)
class Clause:
    """One sentence of the contract.

    ``judges`` are the exchanges that it judges, as ``scenario/step`` (``scenario/*`` for every case that the scenario
    derives); ``needs`` are the capabilities without which it isn't applicable; ``sources`` are ``model:<JSON
    pointer>``, ``recording:<file>#<case>`` or an address; ``observed`` is the day of an observation, else empty.
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
        """The part of the id that names the file of suites/ in which it is judged."""
        return self.id.partition(".")[0]

    @property
    def function(self) -> str:
        """The name of the function in that file that judges it."""
        return "test_" + self.id.partition(".")[2].replace("-", "_")


@dataclass(frozen=True)
class Later:
    """A fact about the operation that no clause judges yet, and what is missing to judge it."""

    sentence: str
    missing: str


@dataclass(frozen=True)
class Contract:
    """All clauses, in the order of the file, and what is left for later.

    ``left_out`` are the clauses, with the reason, that rest on something that another version of botocore than the one
    that the contract was last reviewed against doesn't have: its operations, or a part of the model.
    """

    clauses: tuple[Clause, ...]
    later: tuple[Later, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios that are judged, in the order in which the clauses first name them, but for the last one."""
        named = dict.fromkeys(judged.partition("/")[0] for clause in self.clauses for judged in clause.judges)
        return tuple(sorted(named, key=lambda name: name == LAST_SCENARIO))

    def __getitem__(self, clause: str) -> Clause:
        named = next((each for each in self.clauses if each.id == clause), None)
        if clause in self.left_out:
            raise KeyError(f"the clause {clause!r} is left out: {self.left_out[clause]}")
        if named is None:
            raise KeyError(f"no clause {clause!r}; `pytest --list-clauses` prints them all")
        return named


@cache
def contract(path: Path = CLAUSES) -> Contract:
    """Return the contract in the file.

    Raises :class:`UnsoundContract` for a file that can't be read as tables of clauses, and its subclass
    :class:`UnsoundClause` for the first row that breaks a rule.
    """
    tables = _tables(path)
    clauses = tuple(_clause(row) for row in tables["clause"])
    _check_unique(clauses)
    left_out = {clause.id: because for clause in clauses if (because := _check(clause))}
    kept = tuple(clause for clause in clauses if clause.id not in left_out)
    return Contract(kept, tuple(_later(row) for row in tables["later"]), left_out)


def _tables(path: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnsoundContract(f"can't be read: {error.strerror}") from error
    except ValueError as error:  # of TOML or of UTF-8
        raise UnsoundContract(f"is not TOML in UTF-8: {error}") from error
    if tables.keys() != _TABLES:
        raise UnsoundContract(f"has the keys {sorted(tables)}; expected the tables {sorted(_TABLES)}")
    for name, rows in tables.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UnsoundContract(f"{name!r} is no array of tables; expected [[{name}]] above each row")
    return tables


def _clause(row: Mapping[str, Any]) -> Clause:
    identity = str(row.get("id", "(no id)"))
    if unknown := sorted(row.keys() - _REQUIRED_KEYS - _OPTIONAL_KEYS):
        expected = sorted(_REQUIRED_KEYS | _OPTIONAL_KEYS)
        raise UnsoundClause(identity, f"unknown keys {unknown}; expected some of {expected}")
    if missing := sorted(_REQUIRED_KEYS - row.keys()):
        raise UnsoundClause(identity, f"lacks {missing}")
    for key in sorted(_LISTS & row.keys()):
        if not isinstance(row[key], list) or not all(isinstance(each, str) for each in row[key]):
            raise UnsoundClause(identity, f"{key} is {row[key]!r}; expected a list of strings")
    for key in sorted(_REQUIRED_KEYS - _LISTS):
        if not isinstance(row[key], str):
            raise UnsoundClause(identity, f"{key} is {row[key]!r}; expected a string")
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


def _later(row: Mapping[str, Any]) -> Later:
    if row.keys() != {"sentence", "missing"} or not all(isinstance(value, str) for value in row.values()):
        raise UnsoundContract(
            f"a row of [[later]] has the keys {sorted(row)}; expected the strings sentence and missing"
        )
    return Later(**row)


def _member(kind: type[E], value: str, clause: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise UnsoundClause(clause, f"{value!r} is none of {[str(member) for member in kind]}") from None


def _check_unique(clauses: tuple[Clause, ...]) -> None:
    for clause, count in Counter(c.id for c in clauses).items():
        if count > 1:
            raise UnsoundClause(clause, f"stands in the file {count} times; expected an id of its own for each row")


def _check(clause: Clause) -> str:
    """Return why the clause has to be left out, empty if it hasn't. Raises :class:`UnsoundClause`."""
    if not _ID.fullmatch(clause.id):
        raise UnsoundClause(clause.id, f"an id is theme.subject, in lower case with hyphens; the themes are {THEMES}")
    if not clause.sentence.endswith("."):
        raise UnsoundClause(clause.id, "its sentence doesn't end in a full stop")
    if not clause.judges or not all(_STEP.fullmatch(step) for step in clause.judges):
        raise UnsoundClause(clause.id, f"judges {list(clause.judges)}; expected scenario/step or scenario/*")
    if unknown := sorted(clause.needs - CAPABILITIES.keys()):
        raise UnsoundClause(clause.id, f"needs {unknown}; the capabilities are {sorted(CAPABILITIES)}")
    if clause.authority is Authority.INFERRED and clause.level is not Level.ADVISORY:
        raise UnsoundClause(clause.id, "what is inferred must not fail a target: its level must be advisory")
    if (clause.authority is Authority.OBSERVED) != bool(clause.observed):
        raise UnsoundClause(clause.id, "`observed` gives the day of an observation, and only an observation has one")
    if not clause.sources:
        raise UnsoundClause(clause.id, "it has no source")
    return "; ".join(filter(None, (_check_source(clause, source) for source in clause.sources)))


def _check_source(clause: Clause, source: str) -> str:
    """Return what the installed model lacks of the source, empty if nothing."""
    kind, _, rest = source.partition(":")
    if kind not in {"model", "recording", "https"}:
        raise UnsoundClause(clause.id, f"source {source!r} is neither model:, recording: nor https:")
    try:
        if kind == "model":
            operation.resolve(rest)
        elif kind == "recording":
            recordings.resolve(rest)
    except operation.UnresolvedPointer as error:
        if snapshot().botocore == botocore.__version__:
            raise UnsoundClause(clause.id, str(error)) from error
        return f"the model of botocore {botocore.__version__} has nothing at {rest}"
    except (LookupError, ValueError) as error:  # nothing there, or a broken recording
        raise UnsoundClause(clause.id, str(error)) from error
    return ""
