"""The operation's model in parts, each with a place of its own: what a contract can be complete about."""

from __future__ import annotations

import re
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING, Any

from contracts.model.operation import OPERATION, raw_model

if TYPE_CHECKING:
    from collections.abc import Iterator


Parts = dict[str, Any]
_PROTOCOL = ("protocol", "jsonVersion", "targetPrefix", "signatureVersion")  # of the service: what a call is made of
_ITEMS = re.compile(r"(<li>.*?</li>)", re.DOTALL)
_BLOCKS = re.compile(r"</?(?:p|ul|ol|note|dl|dt|dd|div|h\d)\b[^>]*>")
_TAGS = re.compile(r"<[^>]+>")
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_WORDS = 7
_STRUCTURAL = re.compile(r"/shapes/\w+/(type|enum|pattern|min|max|(members|required)(/\w+)?|member)")
ENTRY = re.compile(r"/(?:shapes/\w+/enum|operations/\w+/errors)/(?P<entry>[^/#]+)")
"""The place of a value of an enum, or of an error that the operation declares."""
LABEL = re.compile(r"(?P<place>[^#]+)#[0-9a-f]+ (?P<label>[A-Z][A-Z_]+): .*")
"""The place of an item of the documentation that begins with the name of a value."""


def parts() -> Parts:
    """Return every part of the operation's model by its place, with its value, None where the place says it all.

    A place is a JSON pointer in which an entry of a list goes by its name; that of the list itself stands for "these
    and no others". A sentence of the documentation has the place of what it describes, ``#``, a hash of its text, and
    its first words, so that another wording is another part.
    """
    metadata = {key: value for key, value in raw_model()["metadata"].items() if key in _PROTOCOL}
    described = {key: value for key, value in raw_model()["operations"][OPERATION].items() if key != "name"}
    found = {**dict(_parts("/metadata", metadata)), **dict(_parts(f"/operations/{OPERATION}", described))}
    for name in shapes_of(described):
        found |= dict(_parts(f"/shapes/{name}", raw_model()["shapes"][name]))
    return found


def shapes_of(described: Any) -> tuple[str, ...]:
    """Return the names of the shapes that a piece of the model refers to, directly or not, in the order of reading."""
    found: dict[str, None] = {}
    waiting = [*_referred(described)]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting[:0] = _referred(raw_model()["shapes"][name])
    return tuple(found)


def _referred(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["shape"]] if isinstance(value.get("shape"), str) else ()
        for each in value.values():
            yield from _referred(each)
    elif isinstance(value, list):
        for each in value:
            yield from _referred(each)


def _parts(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        if "shape" in value:
            yield place, value["shape"]
        for key, each in value.items():
            if key == "documentation":
                yield from ((f"{place}#{_hash(text)} {_beginning(text)}", None) for text in sentences(each))
            elif key != "shape":
                yield from _parts(f"{place}/{key}", each)
    elif isinstance(value, list):
        yield place, None
        for each in value:
            yield from (
                _parts(f"{place}/{each['shape']}", each) if isinstance(each, dict) else [(f"{place}/{each}", None)]
            )
    else:
        yield place, value


def sentences(documentation: str) -> Iterator[str]:
    """Yield the sentences of a documentation in HTML as plain text. An item of a list counts as one, however long."""
    for piece in _ITEMS.split(documentation):
        is_item = piece.startswith("<li>")
        for block in [piece] if is_item else _BLOCKS.split(piece):
            text = " ".join(unescape(_TAGS.sub("", block)).split())
            yield from filter(None, [text] if is_item else _ENDS.split(text))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def _beginning(text: str) -> str:
    words = text.split()
    return " ".join(words[:_WORDS]) + ("..." if len(words) > _WORDS else "")


def is_structural(part: str) -> bool:
    """Return whether the part is one by which an instance of its shape is told from what is none."""
    return _STRUCTURAL.fullmatch(part) is not None


def beneath(place: str, parts: Parts) -> list[str]:
    """Return the structural parts of every shape that an instance of what stands at this place can consist of."""
    shapes = [value for part, value in parts.items() if value and (part == place or part.startswith(f"{place}/"))]
    for shape in shapes:  # grows on the way
        refers = re.compile(rf"/shapes/{shape}/(members/\w+|member)")
        shapes += [value for part, value in parts.items() if refers.fullmatch(part) and value not in shapes]
    return [part for part in parts if is_structural(part) and part.split("/")[2] in shapes]
