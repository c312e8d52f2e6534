"""The block that says which known faults explain what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.formats.tally import abridged
from reports.formats.text.layout import count_of, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.diagnosis import Diagnosis, Explanation
    from reports.formats.text.layout import Style

_MOST_OTHERS = 3
_MOST_CLAUSES = 6
_SURENESS = {
    "exact": "what failed is exactly what this fault fails",
    "contained": "what this fault fails is among what failed",
    "several fit": "several faults fit",
}


def diagnosis(found: Diagnosis, style: Style, *, brief: bool = False) -> list[str]:
    """Return the lines of the diagnosis, none if nothing failed. ``brief`` leaves out what is sure only in part."""
    if not found.explanations and not found.unexplained:
        return []
    title = style.wrap(f"DIAGNOSIS (a guess, by {found.basis}; no verdict depends on it)", "", "  ")
    lines = [style.paint(line, "1;36") for line in title]
    for each in found.explanations:
        lines += style.wrap(headline(each), "  ", "    ")
        if not brief:
            lines += [line for text in details(each) for line in style.wrap(text, "    ", "      ")]
    if found.unexplained:
        text = f"explained by no known fault: {abridged(found.unexplained, _MOST_CLAUSES)}"
        lines += style.wrap(text, "  ", "    ")
    return lines


def headline(explanation: Explanation) -> str:
    """Return which fault it looks like, where that was seen, and how many clauses it would mend."""
    fault, count = explanation.fault, len(explanation.clauses)
    seen = f", as seen in {fault.seen_in}" if fault.seen_in else ""
    passes = f"{count_of(count, 'clause')} pass{'es' if count == 1 else ''}"
    return f"looks like `{fault.name}`{seen}: mend it and {passes}"


def details(explanation: Explanation) -> Iterator[str]:
    """Yield what the fault does, how sure the explanation is, and which clauses it fails."""
    yield one_line(explanation.fault.does)
    others = [f"`{name}`" for name in explanation.others]
    also = f": {abridged(others, _MOST_OTHERS)} would explain it as well" if others else ""
    yield f"{_SURENESS[explanation.sureness]}{also}"
    yield f"fails {abridged(explanation.clauses, _MOST_CLAUSES)}"
