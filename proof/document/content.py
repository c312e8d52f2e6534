"""What the document says, as values that both of its forms are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts import __version__
from contracts.actions import TABLE
from contracts.clauses import THEMES, Clause, Later, contract
from contracts.vocabulary import CAPABILITIES, Actor, Authority, Level
from reports.diagnosis import KnownFault, published
from reports.formats.content.cells import judged_rows, row_name
from reports.formats.recorded import recorded_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.transitions import Cell

RECORDING = "recording:"
MODEL = "model:"
ABOUT = {
    "request": "What is accepted as a call of the operation, and which inputs are refused.",
    "response": "The answer to a cancellation that succeeds.",
    "errors": "The form of refusals.",
    "transitions": "What the sender may do in which state.",
    "callers": "Who else may not cancel.",
    "aftermath": "What a cancellation, or a refused one, leaves behind.",
    "views": "The handshake as each party sees it, by itself and in lists.",
    "actions": "Handshakes that are no invitations: transfers of responsibility, and the enabling of all features.",
    "wire": "The protocol beneath.",
    "races": "What two calls at once come to.",
    "time": "What time alone does to a handshake.",
}
"""What the clauses of each theme are about."""


@dataclass(frozen=True)
class Source:
    """One source of a clause: what it is called, and where it is found (empty: in the installed botocore)."""

    text: str
    address: str


@dataclass(frozen=True)
class Entry:
    """One clause, what the real service was recorded to answer, and the faults that the clause catches."""

    clause: Clause
    sources: tuple[Source, ...]
    recorded: tuple[str, ...]
    catches: tuple[KnownFault, ...]
    needs: tuple[str, ...]

    @property
    def authority(self) -> str:
        """The authority, with the day of the observation if there was one."""
        observed = self.clause.observed
        return f"{self.clause.authority}{f', {observed}' if observed else ''}"


@dataclass(frozen=True)
class Theme:
    """The clauses of one theme."""

    name: str
    about: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Document:
    """The whole document.

    ``table`` has a row for each state, with a text for each actor; ``unjudged`` gives each reason for which no clause
    judges cells, with the cells. ``unknown`` are the clauses that are only inferred, and ``later`` the facts that no
    clause judges.
    """

    version: str
    themes: tuple[Theme, ...]
    counts: Mapping[str, int]
    actors: tuple[str, ...]
    table: tuple[tuple[str, tuple[str, ...]], ...]
    unjudged: tuple[tuple[str, str], ...]
    unknown: tuple[Clause, ...]
    later: tuple[Later, ...]


def document() -> Document:
    """Return the document of the contract as it stands."""
    clauses = contract().clauses
    faults, _ = published()
    catches: dict[str, dict[str, KnownFault]] = {}
    for fault in faults:
        for check in fault.checks:
            catches.setdefault(check.partition(":")[0], {})[fault.name] = fault
    entries = [_entry(clause, tuple(catches.get(clause.id, {}).values())) for clause in clauses]
    return Document(
        version=__version__,
        themes=tuple(
            Theme(name, ABOUT[name], tuple(each for each in entries if each.clause.theme == name)) for name in THEMES
        ),
        counts={str(level): sum(each.level is level for each in clauses) for level in Level},
        actors=tuple(Actor),
        table=tuple((row_name(*row), tuple(_cell(TABLE[*row, actor]) for actor in Actor)) for row in judged_rows()),
        unjudged=tuple(_unjudged()),
        unknown=tuple(each for each in clauses if each.authority is Authority.INFERRED),
        later=contract().later,
    )


def _unjudged() -> Iterator[tuple[str, str]]:
    """Yield each reason for which no clause judges cells of the table, with the states and callers of each action."""
    reasons: dict[str, dict[tuple[str, str], list[str]]] = {}
    for (action, state, actor), cell in TABLE.items():
        if cell.reason:
            reasons.setdefault(cell.reason, {}).setdefault((action, state), []).append(actor)
    for reason, rows in reasons.items():
        places = []
        for (action, state), actors in rows.items():
            callers = "" if len(actors) == len(Actor) else f" by {', '.join(actors)}"
            places.append(f"{row_name(action, state)}{callers}")
        yield reason, "; ".join(places)


def _entry(clause: Clause, catches: tuple[KnownFault, ...]) -> Entry:
    return Entry(
        clause,
        tuple(map(_source, clause.sources)),
        tuple(recorded_lines(clause.sources, clause.judges[0])),
        catches,
        tuple(CAPABILITIES[name] for name in sorted(clause.needs)),
    )


def _source(source: str) -> Source:
    if source.startswith(RECORDING):
        name, _, case = source.removeprefix(RECORDING).partition("#")
        return Source(f"recording {name}: {case}", f"../contracts/recordings/{name}.json")
    if source.startswith(MODEL):
        return Source(f"botocore's model, {source.removeprefix(MODEL)}", "")
    return Source(source.removeprefix("https://"), source)


def _cell(cell: Cell) -> str:
    """Return what becomes of a call, and on whose authority."""
    if not cell.refused:
        return f"canceled ({cell.authority})"
    codes = " or ".join(cell.codes) or "which error is unknown"
    code = f"{codes}{f' ({cell.code_authority})' if cell.code_authority else ''}"
    return f"refused ({cell.authority}): {code}" if cell.authority is not cell.code_authority else f"refused: {code}"
