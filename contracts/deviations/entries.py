"""The entries of a file of deviations: read from TOML, checked, and kept as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from contracts.clauses import contract
from contracts.deviations.observation import Observation
from contracts.files import read_file
from contracts.reading import read_toml
from contracts.values import DEVIATION_TABLE as TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_TEXTS = {"clause": True, "code": False, "actual": True, "reason": False, "link": False}  # whether it may not be empty
_KEYS = {*_TEXTS, "case", "status", "until"}


class UnsoundDeviations(ValueError):
    """A file of deviations can't be used. The message is one line with the file, the entry and what was expected."""

    def __init__(self, origin: str, problem: str) -> None:
        self.origin = origin
        self.problem = problem
        super().__init__(f"{origin}: {problem}")


@dataclass(frozen=True)
class Deviation:
    """One entry: the clause that fails, what is observed, why that is put up with, and the last day on which it is.

    ``cases`` are the exchanges that it is limited to (``scenario/step``); without any it covers all that the clause
    judges. ``place`` names it, by its number in the file.
    """

    place: str
    clause: str
    observed: Observation
    reason: str
    until: date
    link: str = ""
    cases: tuple[str, ...] = ()

    def covers(self, clause: str, case: str) -> bool:
        """Return whether the entry is about this check."""
        return self.clause == clause and (not self.cases or case in self.cases)


def read(path: Path) -> tuple[Deviation, ...]:
    """Return the entries of the file. Raises :class:`UnsoundDeviations` for a file that can't be used as it is."""
    try:
        tables = read_toml(read_file(path).decode("utf-8"))
    except OSError as error:
        raise UnsoundDeviations(str(path), f"can't be read: {error.strerror}") from error
    except ValueError as error:  # of TOML or of UTF-8
        raise UnsoundDeviations(str(path), f"is not TOML in UTF-8: {' '.join(str(error).split())}") from error
    if unknown := sorted(tables.keys() - {TABLE}):
        raise UnsoundDeviations(str(path), f"has the keys {unknown}; expected [[{TABLE}]] above each entry")
    return parse(tables.get(TABLE, []), str(path))


def parse(rows: Any, origin: str, *, of: str = "", reasons: bool = True) -> tuple[Deviation, ...]:
    """Return the entries in these tables, which are called those ``of`` something if they aren't the file's.

    Without ``reasons`` an entry may lack its reason, as one does that was just written. Raises
    :class:`UnsoundDeviations` for the first that breaks a rule.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnsoundDeviations(origin, f"{TABLE!r} is no array of tables; expected [[{TABLE}]] above each entry")
    places = (f"entry {number}{f' of {of}' if of else ''}" for number in range(1, len(rows) + 1))
    return tuple(
        _entry(place, row, f"{origin}: {place}", reasons=reasons) for place, row in zip(places, rows, strict=True)
    )


def _entry(place: str, row: Mapping[str, Any], origin: str, *, reasons: bool) -> Deviation:
    if unknown := sorted(row.keys() - _KEYS):
        raise UnsoundDeviations(origin, f"{unknown[0]!r} is not a key; expected some of {', '.join(sorted(_KEYS))}")
    for key, needed in _TEXTS.items():
        if not isinstance(row.get(key, ""), str) or (needed and not row.get(key)):
            raise UnsoundDeviations(origin, f"{key}: expected a text{' that is not empty' if needed else ''}")
    clause = _known_clause(row["clause"], origin)
    if reasons and not row.get("reason", "").strip():
        raise UnsoundDeviations(origin, f"reason: say why {clause} is put up with")
    status = row.get("status", 0)
    if not isinstance(status, int) or isinstance(status, bool):
        raise UnsoundDeviations(origin, "status: expected an HTTP status, or 0 for no answer")
    observed = Observation(status, row.get("code", ""), row["actual"])
    until, cases = _until(row, origin), _cases(row, origin)
    return Deviation(place, clause, observed, row.get("reason", ""), until, row.get("link", ""), cases)


def _known_clause(clause: str, origin: str) -> str:
    ids = [each.id for each in contract().clauses]
    if clause in contract().left_out:
        raise UnsoundDeviations(origin, f"clause: {clause!r} is left out: {contract().left_out[clause]}")
    if clause not in ids:
        close = get_close_matches(clause, ids, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise UnsoundDeviations(origin, f"clause: there is no {clause!r}; {hint}pytest --list-clauses prints them all")
    return clause


def _until(row: Mapping[str, Any], origin: str) -> date:
    given = row.get("until")
    try:
        until = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        until = None
    if type(until) is not date:  # a date with a time is one of its kind, too
        raise UnsoundDeviations(origin, "until: expected the last day on which it is put up with, such as 2027-01-31")
    return until


def _cases(row: Mapping[str, Any], origin: str) -> tuple[str, ...]:
    given: Any = row.get("case", [])
    cases: Sequence[Any] = [given] if isinstance(given, str) else given
    if not isinstance(cases, list) or not all(isinstance(each, str) and each for each in cases):
        raise UnsoundDeviations(origin, "case: expected scenario/step, or a list of them")
    judged = contract()[row["clause"]].judges
    scenarios = {each.partition("/")[0] for each in judged}
    if strange := [each for each in cases if each.partition("/")[0] not in scenarios]:
        raise UnsoundDeviations(
            origin, f"case: {row['clause']} judges nothing of {strange[0]!r}; it judges {[*judged]}"
        )
    return tuple(cases)
