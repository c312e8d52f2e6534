"""The clauses that have an observation of the real service behind them, and those that have none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from contracts import recordings
from contracts.clauses import Clause, contract
from contracts.evidence.judged import is_judged
from contracts.recordings import Kind
from contracts.vocabulary import Authority, Level

if TYPE_CHECKING:
    from contracts.recordings import Recording


class Standing(StrEnum):
    """What of the real service stands behind a clause."""

    OBSERVED = "observed"
    UNCITED = "recorded, but not cited"
    NONE = "no observation"


@dataclass(frozen=True)
class Cover:
    """One clause, with the recordings behind it, and the day and the age in days of the youngest observation.

    ``day`` is empty and ``age`` None where there is no observation.
    """

    clause: str
    level: Level
    authority: Authority
    standing: Standing
    recordings: tuple[str, ...]
    day: str
    age: int | None


def coverage(today: date) -> tuple[Cover, ...]:
    """Return every clause with the observations of the real service behind it, in the order of the contract."""
    real = [each for each in recordings.on_file() if each.kind is Kind.SERVICE]
    return tuple(_cover(clause, real, today) for clause in contract().clauses)


def _cover(clause: Clause, real: list[Recording], today: date) -> Cover:
    sources = () if clause.authority is Authority.INFERRED else clause.sources  # it cites what it is inferred from
    cited = [each for each in real if any(_cites(source, each) for source in sources)]
    if cited or clause.authority is Authority.OBSERVED:
        days = [each.captured[:10] for each in cited] or [clause.observed[:10]]
        return _of(clause, Standing.OBSERVED, cited, max(days), today)
    if reached := [each for each in real if _reaches(clause, each)]:
        return _of(clause, Standing.UNCITED, reached, max(each.captured[:10] for each in reached), today)
    return _of(clause, Standing.NONE, [], "", today)


def _of(clause: Clause, standing: Standing, behind: list[Recording], day: str, today: date) -> Cover:
    age = (today - date.fromisoformat(day)).days if day else None
    names = tuple(each.name for each in behind)
    return Cover(clause.id, clause.level, clause.authority, standing, names, day, age)


def _cites(source: str, recorded: Recording) -> bool:
    return source.startswith(f"recording:{recorded.name}#")


def _reaches(clause: Clause, recorded: Recording) -> bool:
    """Return whether the recording has an exchange that the clause judges. Clauses on the wire need its headers."""
    exchanges = (each for transcript in recordings.transcripts(recorded).values() for each in transcript.exchanges)
    return any(
        is_judged(clause.judges, each)
        for each in exchanges
        if clause.theme != "wire" or (each.response and each.response.headers)
    )
