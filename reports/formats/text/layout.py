"""Lines of a given width, in colours where they are wanted, and the words that every block of the report uses."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.printing.visible import visible
from contracts.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

COLORS = {
    Outcome.ERROR: "35",
    Outcome.FAILED: "31",
    Outcome.BLOCKED: "33",
    Outcome.NOT_IMPLEMENTED: "33",
    Outcome.NOT_APPLICABLE: "36",
    Outcome.KNOWN: "36",
    Outcome.PASSED: "32",
}
_FIELD = 12


def count_of(number: int, noun: str) -> str:
    """Return the number with the noun, in the plural unless it is 1."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def one_line(text: str) -> str:
    """Return the text with every run of white space as one blank."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Style:
    """The width of a line in characters, and whether lines may have colours."""

    color: bool
    width: int

    def paint(self, text: str, code: str) -> str:
        """Return the text in the colour of this SGR code, or as it is where colours are off."""
        return f"\033[{code}m{text}\033[0m" if self.color else text

    def title(self, text: str, outcome: Outcome) -> str:
        """Return the text in bold, in the colour of the outcome."""
        return self.paint(text, f"1;{COLORS[outcome]}")

    def wrap(self, text: str, first: str = "", then: str = "", *, anywhere: bool = False) -> list[str]:
        """Break the text into lines below the start of its first line, keeping the line breaks that it has.

        ``anywhere`` breaks within words that are longer than a line.
        """
        lines: list[str] = []
        for paragraph in visible(text).splitlines():
            lines += textwrap.wrap(
                paragraph,
                self.width,
                initial_indent=then if lines else first,
                subsequent_indent=then,
                break_long_words=anywhere,
                break_on_hyphens=False,
            )
        return lines

    def field(self, name: str, lines: Iterable[str]) -> list[str]:
        """Lay out one field: its name, and its lines beside it."""
        then = " " * (_FIELD + 4)
        laid_out: list[str] = []
        for line in lines:
            first = then if laid_out else f"  {name:<{_FIELD}}  "
            if name == "Reproduce":  # a command is copied as one piece
                laid_out.append(first + line)
            elif name == "Evidence":
                laid_out += self.wrap(line, first, then + "  ", anywhere=True)
            else:
                laid_out += self.wrap(line, first, then)
        return laid_out
