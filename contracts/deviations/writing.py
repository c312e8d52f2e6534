"""Write the failures of a run as entries of a file of deviations, beside those that it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.exceptions import TOMLKitError

from contracts.deviations.entries import UnsoundDeviations, parse
from contracts.files import check_folder, read_file, write_whole
from contracts.reading import read_toml
from contracts.values import DEVIATION_TABLE as TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from tomlkit.items import AoT, Table

    from contracts.deviations.entries import Deviation
    from contracts.deviations.observation import Observation

LASTS = timedelta(days=90)
"""How long an entry that is written holds."""


@dataclass(frozen=True)
class Failure:
    """A failed check: its clause, its case (empty if it is the only one), and what it came to see."""

    clause: str
    case: str
    observed: Observation


def check_writable(path: Path) -> None:
    """Raise :class:`UnsoundDeviations` unless entries can be added to the file."""
    parse(_existing(path).unwrap().get(TABLE, []), str(path), reasons=False)
    if not path.parent.is_dir():
        raise UnsoundDeviations(str(path), "its folder is not there")
    try:
        check_folder(path.resolve().parent)
    except OSError as error:
        raise UnsoundDeviations(str(path), f"can't be written: {error.strerror}") from error


def write(path: Path, failures: Iterable[Failure], judged: Mapping[str, int], today: date) -> int:
    """Add an entry for each failure that none covers, and return how many that are. What the file has stays.

    A clause that fails in several cases in the same way gets one entry, which is limited to them unless they are all
    that was ``judged`` of it. The reason is left for a human to give, and
    the entry holds for 90 days. Raises :class:`UnsoundDeviations` if the file can't be added to.
    """
    document = _existing(path)
    entries = parse(document.unwrap().get(TABLE, []), str(path), reasons=False)
    tables: AoT = document.setdefault(TABLE, tomlkit.aot())
    new = _grouped(each for each in failures if not _is_covered(each, entries))
    for (clause, observed), cases in new.items():
        limits = [] if len(cases) == judged[clause] else cases
        tables.append(_table(clause, observed, limits, today + LASTS))
    try:
        write_whole({path.resolve(): [tomlkit.dumps(document)]})
    except OSError as error:
        raise UnsoundDeviations(str(path), f"can't be written: {error.strerror}") from error
    return len(new)


def _existing(path: Path) -> tomlkit.TOMLDocument:
    try:
        text = read_file(path).decode("utf-8") if path.exists() else ""
        read_toml(text)  # within bounds, which the other library doesn't keep
        return tomlkit.parse(text)
    except OSError as error:
        raise UnsoundDeviations(str(path), f"can't be read: {error.strerror}") from error
    except (TOMLKitError, ValueError) as error:
        raise UnsoundDeviations(str(path), f"is not TOML in UTF-8: {error}") from error


def _is_covered(failure: Failure, entries: Iterable[Deviation]) -> bool:
    return any(each.covers(failure.clause, failure.case) and each.observed == failure.observed for each in entries)


def _grouped(failures: Iterable[Failure]) -> dict[tuple[str, Observation], list[str]]:
    groups: dict[tuple[str, Observation], list[str]] = {}
    for each in failures:
        groups.setdefault((each.clause, each.observed), []).append(each.case)
    return groups


def _table(clause: str, observed: Observation, cases: list[str], until: date) -> Table:
    table = tomlkit.table()
    table.add("clause", clause)
    if len(cases) > 1:
        several = tomlkit.array().multiline(multiline=True)
        several.extend(cases)
        table.add("case", several)
    elif cases and cases[0]:
        table.add("case", cases[0])
    table.add("status", observed.status)
    table.add("code", observed.code)
    table.add("actual", observed.actual)
    table.add("reason", "")
    table.add("link", "")
    table.add("until", until)
    return table
