"""Sensitive values are replaced, each by its placeholder, in one pass over a text, however many there are."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from ahocorasick_rs import MATCHKIND_LEFTMOST_LONGEST, MATCHKIND_STANDARD, BytesAhoCorasick

from contracts.printing.concealing import REMOVED, Place, merged
from contracts.printing.spellings import encoded, forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.printing.spellings import View

Change = tuple[int, int, bytes]
"""Where the text is changed, and what is written there."""

_REMOVED = REMOVED.encode()
_BEFORE_NAME = re.compile(rb"\\*\"\s*:")
_QUOTE = re.compile(rb"\\*[\"'<]")


class Scope(Enum):
    """Where a value is looked for.

    A number ends where its digits do, a word where letters and digits do. A whole string ends at a quote, itself
    perhaps escaped, or at the brackets of an XML element. The name of a JSON member is a string as well, and is none
    of the values that are looked for.
    """

    ANYWHERE = auto()
    NUMBER = auto()
    WORD = auto()
    WHOLE = auto()


@dataclass(frozen=True)
class Hidden:
    """One value: where it is looked for on the wire and in sentences, and what replaces it."""

    value: str
    wire: Scope
    prose: Scope
    placeholder: str


class Substitution:
    """Finds the values in the views of a text, the longest first."""

    def __init__(self, hidden: Iterable[Hidden]) -> None:
        spelt: dict[bytes, Hidden] = {}
        for each in hidden:
            for form in forms(each.value):
                spelt.setdefault(form, each)
        self._anywhere = _Table({form: each for form, each in spelt.items() if each.wire is Scope.ANYWHERE})
        self._bounded = _Table(
            {form: each for form, each in spelt.items() if each.wire is not Scope.ANYWHERE}, short=True
        )

    def changes(self, view: View, *, prose: bool) -> Iterator[Change]:
        """Yield what is changed in the view, as places in the text as it stands. They may overlap."""
        for begin, end, each in (*self._anywhere.hits(view.text), *self._bounded.hits(view.text)):
            if _stands(view.text, begin, end, each.prose if prose else each.wire):
                yield *view.original(begin, end), encoded(each.placeholder)


class _Table:
    """The values by their number in an automaton. ``short`` says that they are so, and that each place counts.

    A long value may be one of thousands that are each a part of the next: of them only the longest is looked at.
    """

    def __init__(self, spelt: dict[bytes, Hidden], *, short: bool = False) -> None:
        self._hidden = [*spelt.values()]
        self._short = short
        kind = MATCHKIND_STANDARD if short else MATCHKIND_LEFTMOST_LONGEST
        self._automaton = BytesAhoCorasick([*spelt], kind) if spelt else None

    def hits(self, text: bytes) -> Iterator[tuple[int, int, Hidden]]:
        if self._automaton is not None:
            for number, begin, end in self._automaton.find_matches_as_indexes(text, overlapping=self._short):
                yield begin, end, self._hidden[number]


def changed(text: bytes, removed: Iterable[Place], changes: Iterable[Change]) -> bytes:
    """Return the text without what is removed, and with the changes beside it. Of two that overlap the first is made.

    A change that overlaps with what is removed goes with it.
    """
    gone = merged(removed)
    beside, within, at = list[Change](), list[Place](), 0
    for change in sorted(changes, key=lambda each: (each[0], -each[1])):
        begin, end, _ = change
        if begin < at:
            continue
        at = end
        before = bisect_left(gone, (end, 0))
        if before and gone[before - 1][1] > begin:
            within.append((begin, end))
        else:
            beside.append(change)
    pieces, at = list[bytes](), 0
    for begin, end, written in sorted([*beside, *((*place, _REMOVED) for place in merged([*gone, *within]))]):
        pieces += (text[at:begin], written)
        at = end
    return b"".join([*pieces, text[at:]])


def _stands(text: bytes, begin: int, end: int, scope: Scope) -> bool:
    """Return whether what stands there is within its scope, and no part of something longer."""
    before, after = text[max(0, begin - 1) : begin], text[end : end + 1]
    if scope is Scope.ANYWHERE:
        return True
    if scope is Scope.NUMBER:
        return not (before.isdigit() or after.isdigit())
    if scope is Scope.WORD:
        return not (_in_word(before) or _in_word(after))
    if begin == 0 and end == len(text):
        return True
    quoted = before in {b'"', b"'", b">"} and _QUOTE.match(text, end)
    return bool(quoted) and not _BEFORE_NAME.match(text, end)


def _in_word(octet: bytes) -> bool:
    return octet.isalnum() or octet == b"_" or octet > b"\x7f"
