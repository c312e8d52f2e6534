"""Two sentences side by side, with the words marked in which they differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_ALIKE = 0.4
"""Sentences that have less in common than this are not marked: all of them would be."""


@dataclass(frozen=True)
class Piece:
    """A part of a sentence, and whether the other one has something else in its place."""

    text: str
    differs: bool = False


def compared(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return the pieces of both sentences."""
    mine, theirs = _WORD.findall(one), _WORD.findall(other)
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (Piece(one),), (Piece(other),)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        for pieces, words in ((left, mine[start:end]), (right, theirs[other_start:other_end])):
            if words:
                pieces.append(Piece("".join(words), kind != "equal"))
    return tuple(left), tuple(right)
