"""A listing of the contract, clause by clause."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from contracts.clauses import THEMES, Clause, Contract, contract
from contracts.model.operation import OPERATION, model_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WIDTH = 110


def render(what: str) -> str:
    """Return the listing of this name, one of :data:`contracts.values.LISTINGS`."""
    from contracts.coverage import listing  # noqa: PLC0415  # for this only

    listings: dict[str, Callable[[], Iterator[str]]] = {
        "clauses": _clauses,
        "model": listing.of_model,
        "table": listing.of_table,
        "drift": listing.of_drift,
    }
    return "\n".join(listings[what]())


def _clauses() -> Iterator[str]:
    """Yield every clause with its sentence, level, authority and sources, then what is not judged yet."""
    return _lines(contract())


def _lines(contract: Contract) -> Iterator[str]:
    yield f"The contract of {OPERATION} ({model_version()})"
    for theme in THEMES:
        yield ""
        yield theme
        for clause in contract.clauses:
            if clause.theme == theme:
                yield from _clause(clause)
    yield ""
    yield "not judged yet"
    for later in contract.later:
        yield from _wrapped(later.sentence, "  ")
        yield from _wrapped(f"missing: {later.missing}", "      ")
    if contract.left_out:
        yield ""
        yield "left out"
        for name, because in contract.left_out.items():
            yield from _wrapped(f"{name}: {because}", "  ")
    levels = Counter(str(clause.level) for clause in contract.clauses)
    yield ""
    yield f"{len(contract.clauses)} clauses: {', '.join(f'{count} {level}' for level, count in levels.items())}"


def _clause(clause: Clause) -> Iterator[str]:
    observed = f" on {clause.observed}" if clause.observed else ""
    needs = f", needs {', '.join(sorted(clause.needs))}" if clause.needs else ""
    yield f"  {clause.id}  [{clause.level}, {clause.authority}{observed}{needs}]"
    yield from _wrapped(clause.sentence, "      ")
    for source in clause.sources:
        yield f"      source: {source}"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
