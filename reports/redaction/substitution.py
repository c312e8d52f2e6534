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
_BEFORE_NAME = re.compile(rb"\s*:")
_QUOTES = (b'""', b"''", b"><")


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
    """Finds the values in the views of a text, the longest first.

    ``kept`` are values that stay. One that a target made of them by escaping them is not taken for them, nor they for
    it: that they differ is what it may be failed for.
    """

    def __init__(self, hidden: Iterable[Hidden], kept: Iterable[str] = ()) -> None:
        staying = {form for each in kept for form in forms(each)}
        values = [(found, each) for each in hidden if (found := forms(each.value))]
        spelt = {first: each for (first, *_), each in values}
        for (_, *others), each in values:
            for form in others:
                if form not in staying:
                    spelt.setdefault(form, each)
        bounded = {form: each for form, each in spelt.items() if each.wire is not Scope.ANYWHERE}
        whole = {form: each for form, each in bounded.items() if each.wire is Scope.WHOLE}
        quoted = {b"%c%b%c" % (a, form, z): each for form, each in whole.items() for a, z in _QUOTES}
        parts = {form: each for form, each in bounded.items() if form not in whole}
        self._whole = whole
        self._anywhere = _Table({form: each for form, each in spelt.items() if form not in bounded}, longest=True)
        self._quoted, self._parts, self._spoken = _Table(quoted), _Table(parts), _Table(bounded)

    def changes(self, view: View, *, prose: bool) -> Iterator[Change]:
        """Yield what is changed in the view, as places in the text as it stands. They may overlap."""
        hits = [*self._anywhere.hits(view.text), *(self._spoken if prose else self._parts).hits(view.text)]
        places = [
            (begin, end, each)
            for begin, end, each in hits
            if _stands(view.text, begin, end, each.prose if prose else each.wire)
        ]
        if not prose:
            places += (
                (begin + 1, end - 1, each)
                for begin, end, each in self._quoted.hits(view.text)
                if not _BEFORE_NAME.match(view.text, end)
            )
            if each := self._whole.get(view.text):
                places.append((0, len(view.text), each))
        for begin, end, each in places:
            yield *view.original(begin, end), encoded(each.placeholder)


class _Table:
    """Values by their number in an automaton.

    ``longest`` asks at each place for the longest only: a long value may be one of thousands that are each a part of
    the next. Short ones are found wherever they stand.
    """

    def __init__(self, spelt: dict[bytes, Hidden], *, longest: bool = False) -> None:
        self._hidden = [*spelt.values()]
        self._longest = longest
        kind = MATCHKIND_LEFTMOST_LONGEST if longest else MATCHKIND_STANDARD
        self._automaton = BytesAhoCorasick([*spelt], kind) if spelt else None

    def hits(self, text: bytes) -> Iterator[tuple[int, int, Hidden]]:
        if self._automaton is not None:
            for number, begin, end in self._automaton.find_matches_as_indexes(text, overlapping=not self._longest):
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
    return text[begin - 1 : end + 1][:: end - begin + 1] in _QUOTES and not _BEFORE_NAME.match(text, end + 1)


def _in_word(octet: bytes) -> bool:
    return octet.isalnum() or octet == b"_" or octet > b"\x7f"
