"""The spellings of a text: as it stands, and with its escapes resolved, layer by layer.

A value is found in a text, however it is escaped there, where one of the value's forms stands in one of the text's
views. Both are resolved in the same way, so that nothing hangs on which of several readings was meant.
"""

from __future__ import annotations

import html
import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A run of backslashes is taken as a whole: where JSON is quoted inside of JSON, there are twice as many, and so on.
_IN_JSON = (
    rb"\\++(?:u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\++u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})|u(?P<unit>[0-9a-fA-F]{4})"
    rb"|x(?P<octet>[0-9a-fA-F]{2})|(?P<name>[bfnrt]))?"
)
_ELSEWHERE = rb"|%(?P<percent>[0-9a-fA-F]{2})|(?P<entity>&(?:#0*\d{1,7}|#[xX]0*[0-9a-fA-F]{1,6}|[A-Za-z]{2,6});)"
# JSON comes first, by itself: that a target escaped a value for XML before that is what it may be failed for.
_LAYERS = (re.compile(_IN_JSON), *[re.compile(_IN_JSON + _ELSEWHERE)] * 2)
_MAY_ESCAPE = re.compile(rb"[\\%&+]")
_NAMES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def encoded(text: str) -> bytes:
    """Return the text in UTF-8, with lone surrogates as they are."""
    return text.encode("utf-8", "surrogatepass")


def decoded(text: bytes) -> str:
    """Return the text that :func:`encoded` wrote."""
    return text.decode("utf-8", "surrogatepass")


def _places() -> array[int]:
    return array("I")


@dataclass(frozen=True)
class View:
    """A text with its escapes resolved, and where each resolved escape stood in the text that it was made from.

    ``begins`` and ``ends`` are the places of the resolved escapes in ``text``, ``origins`` and ``finals`` their places
    in the text of ``source``, which is None for a text as it stands. ``beyond_json`` says that escapes of others than
    JSON are resolved, too.
    """

    text: bytes
    source: View | None = None
    begins: array[int] = field(default_factory=_places)
    ends: array[int] = field(default_factory=_places)
    origins: array[int] = field(default_factory=_places)
    finals: array[int] = field(default_factory=_places)
    beyond_json: bool = False

    def original(self, begin: int, end: int) -> tuple[int, int]:
        """Return the place of ``text[begin:end]`` in the text as it stands."""
        if self.source is None:
            return begin, end
        first, last = bisect_right(self.begins, begin) - 1, bisect_right(self.begins, end - 1) - 1
        if first >= 0:
            inside = begin < self.ends[first]
            begin = self.origins[first] if inside else self.finals[first] + begin - self.ends[first]
        if last >= 0:
            inside = end <= self.ends[last]
            end = self.finals[last] if inside else self.finals[last] + end - self.ends[last]
        return self.source.original(begin, end)


def views(text: bytes) -> Iterator[View]:
    """Yield the text as it stands, then with its escapes resolved, as long as there are any."""
    view = View(text)
    yield view
    for escapes in _LAYERS:
        resolved = _resolve(view, escapes)
        if resolved.text != view.text:
            view = resolved
            yield view


def forms(value: str) -> tuple[bytes, ...]:
    """Return the value as it stands, and with what looks like an escape in it resolved as in :func:`views`."""
    return tuple(dict.fromkeys(view.text for view in views(encoded(value)) if view.text.strip()))


def _resolve(view: View, escapes: re.Pattern[bytes]) -> View:
    if _MAY_ESCAPE.search(view.text) is None:
        return view
    pieces: list[bytes] = []
    begins, ends, origins, finals = _places(), _places(), _places(), _places()
    length = place = 0
    for match in escapes.finditer(view.text):
        before, meant = view.text[place : match.start()], _meant(match)
        pieces += (before, meant)
        begins.append(length + len(before))
        length += len(before) + len(meant)
        ends.append(length)
        place = match.end()
        origins.append(match.start())
        finals.append(place)
    text = b"".join([*pieces, view.text[place:]])
    beyond_json = escapes is not _LAYERS[0]
    if beyond_json:
        text = text.replace(b"+", b" ")  # a form's blank may be a plus sign
    return View(text, view, begins, ends, origins, finals, beyond_json)


def _meant(match: re.Match[bytes]) -> bytes:
    """Return what an escape stands for; a backslash before any other character stands for nothing."""
    kind = match.lastgroup
    if kind is None:
        return b""
    text = match[kind]
    if kind == "low":
        return encoded(bytes.fromhex(f"{match['high'].decode()}{text.decode()}").decode("utf-16-be"))
    if kind == "unit":
        return encoded(chr(int(text, 16)))
    if kind == "name":
        return _NAMES[text]
    if kind == "entity":
        return encoded(html.unescape(text.decode()))
    return bytes([int(text, 16)])
