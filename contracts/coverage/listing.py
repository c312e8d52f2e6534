"""What judges the parts of the model, and what changed in it, as text for people."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from contracts.actions import actions, outcome
from contracts.coverage.cover import covers, needless
from contracts.coverage.drift import Kind, drift
from contracts.model.operation import OPERATION, model_version
from contracts.model.parts import parts
from contracts.transitions import states
from contracts.vocabulary import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.coverage.cover import Cover
    from contracts.coverage.drift import Change
    from contracts.transitions import Cell

WIDTH = 100
_OPEN = "NOTHING JUDGES IT, AND NOBODY HAS SAID WHY: add a clause, or a reason to contracts/coverage/parts.toml"


def of_model() -> Iterator[str]:
    """Yield the lines of every part of the model with the clauses that judge it, or the reason why none does."""
    found = covers(parts())
    owners: dict[str, dict[str, list[Cover]]] = {}
    for each in found:
        owners.setdefault(owner(each.part), {}).setdefault(_judged(each), []).append(each)
    yield from _wrapped(f"The model of {OPERATION} ({model_version()}), and the clauses that judge each part of it", 0)
    for name, groups in owners.items():
        yield ""
        yield name
        for judged, rows in groups.items():
            yield from _places(name, rows)
            yield from _wrapped(judged, 6)
    clear, left = sum(bool(each.clauses) for each in found), sum(each.is_open for each in found)
    yield ""
    for part in needless(found):
        yield from _wrapped(f"{part} is judged by now: take its reason out of contracts/coverage/parts.toml", 0)
    reasoned = len(found) - clear - left
    yield f"{len(found)} parts: {clear} judged, {reasoned} not judged for a reason, {left} with neither"


def of_table() -> Iterator[str]:
    """Yield the lines of what a cancellation leads to, by the handshake's action and state, and by the caller.

    States and callers of which the same is known stand together.
    """
    yield f"What {OPERATION} leads to, by action, state and caller, and the clauses that judge it"
    for action in actions():
        alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for state in states():
            alike.setdefault(_rows(action, state), []).append(state)
        for rows, same in alike.items():
            yield from ("", f"{action}, {'in every state' if len(same) == len(states()) else ', '.join(same)}")
            for callers, known in rows:
                yield f"  {callers}"
                for line in known.splitlines():
                    yield from _wrapped(line, 6)


def _rows(action: str, state: str) -> tuple[tuple[str, str], ...]:
    """Return what is known of each caller, those of whom the same is known together."""
    alike: dict[str, list[str]] = {}
    for actor in Actor:
        cell = outcome(action, state, actor)
        alike.setdefault(f"{_promised(cell)}\n{_judges(cell)}", []).append(actor)
    return tuple((", ".join(callers), known) for known, callers in alike.items())


def _promised(cell: Cell) -> str:
    """Return what the contract says of the cell, with the authority of each part of it."""
    if not cell.refused:
        return f"canceled ({cell.authority})"
    if cell.code_authority is None:
        return f"refused ({cell.authority}); error unknown"
    return f"refused ({cell.authority}), {' or '.join(cell.codes)} ({cell.code_authority})"


def _judges(cell: Cell) -> str:
    return f"judged by {', '.join(cell.clauses)}" if cell.clauses else f"not judged: {cell.reason}"


def of_drift() -> Iterator[str]:
    """Yield the lines of what changed in the model since the contract was last reviewed, clause by clause."""
    found = drift()
    yield f"The model of {OPERATION} in botocore {found.new.botocore}"
    yield f"against that of botocore {found.old.botocore}, which the contract was last reviewed against"
    told = [each for each in found.changes if each.documentation]
    modelled = [each for each in found.changes if not each.documentation]
    yield f"changed: {found.extent}"
    if found.left_out:
        yield from ("", "clauses that are left out")
        for clause, because in found.left_out.items():
            yield from _wrapped(f"{clause}: {because}", 2)
    yield from _by_clause("the model", modelled)
    yield from _by_clause("the documentation", told)


def _by_clause(what: str, found: list[Change]) -> Iterator[str]:
    """Yield the changes that concern each clause. Clauses with the same changes stand together."""
    alike: dict[tuple[Change, ...], list[str]] = {}
    for clause in dict.fromkeys(clause for each in found for clause in each.clauses):
        alike.setdefault(tuple(each for each in found if clause in each.clauses), []).append(clause)
    for changes, clauses in alike.items():
        yield from ("", *_wrapped(f"{what}, judged by {', '.join(clauses)}", 0), *_changes(changes))
    if free := [each for each in found if not each.clauses]:
        yield from ("", f"{what}, judged by no clause", *_changes(free))


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    for each in changes:
        values = f": {each.old} -> {each.new}" if each.kind is Kind.CHANGED and each.old is not None else ""
        yield from _wrapped(f"{each.kind:<8} {each.place}{values}", 2)


def owner(part: str) -> str:
    """Return the place of the shape or the operation that the part belongs to."""
    steps = part.partition("#")[0].split("/")
    return "/".join(steps[:2] if steps[1] == "metadata" else steps[:3])


def _judged(each: Cover) -> str:
    if each.clauses:
        return f"judged by {', '.join(each.clauses)}"
    return _OPEN if each.is_open else f"not judged: {each.because}"


def _places(name: str, rows: Iterable[Cover]) -> Iterator[str]:
    """Yield the places below the owner: sentences on lines of their own, all others one after the other."""
    told = [(each.part.removeprefix(name).removeprefix("/"), each.value) for each in rows]
    bare = [place if value is None or place.endswith(f"/{value}") else f"{place} = {value}" for place, value in told]
    yield from _wrapped(", ".join(each for each in bare if "#" not in each), 2)
    for each in bare:
        yield from _wrapped(each, 2) if "#" in each else ()


def _wrapped(text: str, indent: int) -> list[str]:
    margin = " " * indent
    return wrap(text, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
