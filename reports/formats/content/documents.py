"""JSON documents as lines for a reader, and two of them side by side with what differs marked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.model import StringShape, StructureShape

from contracts.model.operation import service_model
from contracts.reading import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_CHARACTERS = 2_000
"""The number of characters of a text that a report shows."""
_MOST_IN_VALUE = 400
_MOST_LINES = 60
_MOST_TOGETHER, _WIDEST = 4, 100  # members and characters that are laid out in one line
_LARGEST = 64_000  # bytes of a body that is laid out
_DEEPEST = 40
_TIME = 9  # digits of a number that is a time
_WORD = re.compile(r"\w+")
_OF_ERRORS = frozenset({"__type", "Message", "message", "code"})
_Path = tuple[str | int, ...]


class Mark(StrEnum):
    """How a line differs from the other document."""

    SAME = ""
    DIFFERS = "differs"
    ONLY_HERE = "only here"


@dataclass(frozen=True)
class Line:
    """One line of a document that is laid out, with how it differs from the other document."""

    text: str
    mark: Mark = Mark.SAME


class Number(str):
    """A number as it was spelt: 1.50 stays 1.50."""

    __slots__ = ()


class NotLaidOut(ValueError):
    """A body is shown as it is: it isn't JSON, is too large, or is nested too deep."""


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return the text, or its beginning with the number of the characters left out."""
    left_out = len(text) - most
    return f"{text[:most]} ... ({left_out:,} characters left out)" if left_out > 0 else text


def read(body: bytes) -> Any:
    """Return the JSON value of the body, its numbers as they are spelt. Raises :class:`NotLaidOut`."""
    if len(body) > _LARGEST:
        raise NotLaidOut("too large")
    try:
        strict_json(body)
        return json.loads(body, parse_float=Number, parse_int=Number)
    except (ValueError, RecursionError) as error:
        raise NotLaidOut(str(error)) from error


def body_text(body: bytes) -> str:
    """Return the body laid out if it is JSON, else as it is. What is too long is cut and says so."""
    try:
        value = read(body)
        if isinstance(value, dict | list):
            return "\n".join(each.text for each in laid_out(value))
    except NotLaidOut:
        pass
    # Only what is shown is decoded and made visible, however long the body is.
    left_out = len(body) - MOST_CHARACTERS
    text = body[:MOST_CHARACTERS].decode("utf-8", "backslashreplace")
    return f"{text} ... ({left_out:,} bytes left out)" if left_out > 0 else text


def laid_out(value: Any, marks: Mapping[_Path, Mark] | None = None) -> tuple[Line, ...]:
    """Return the lines of the value, a member each; without marks, an object or a list that fits into one line is one.

    Raises :class:`NotLaidOut` if it is nested too deep.
    """
    lines = [*_lines(value, marks, (), "", "", Mark.SAME)]
    left_out = len(lines) - _MOST_LINES
    return (*lines[:_MOST_LINES], *([Line(f"... ({left_out:,} lines left out)")] if left_out > 0 else []))


def side_by_side(one: Any, other: Any) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the lines of both values, with the members marked that differ.

    Ids, names, times and the like are another one in every run, and are compared by their form.
    """
    here: dict[_Path, Mark] = {}
    there: dict[_Path, Mark] = {}
    _compare(one, other, (), here, there)
    return laid_out(one, here), laid_out(other, there)


def _compare(one: Any, other: Any, path: _Path, here: dict[_Path, Mark], there: dict[_Path, Mark]) -> None:
    if len(path) > _DEEPEST:
        raise NotLaidOut("nested too deep")
    if isinstance(one, dict) and isinstance(other, dict):
        pairs: list[tuple[Any, bool, bool]] = [(name, name in one, name in other) for name in {**one, **other}]
    elif isinstance(one, list) and isinstance(other, list):
        longest = max(len(one), len(other))
        pairs = [(place, place < len(one), place < len(other)) for place in range(longest)]
    else:
        if _form(one, path) != _form(other, path):
            here[path] = there[path] = Mark.DIFFERS
        return
    for name, in_one, in_other in pairs:
        if in_one and in_other:
            _compare(one[name], other[name], (*path, name), here, there)
        else:
            (here if in_one else there)[*path, name] = Mark.ONLY_HERE


def _form(value: Any, path: _Path) -> str:
    """Return what of the value has to be the same in every run: all of it, or its form."""
    if isinstance(value, Number):
        digits = len(value.lstrip("-").partition(".")[0])
        return f"{digits} digits" if digits >= _TIME else str(value)
    if isinstance(value, str):
        name = next((each for each in reversed(path) if isinstance(each, str)), "")
        return value if name in _fixed() else _WORD.sub("x", value) if ":" in value else "a text"
    return type(value).__name__ if isinstance(value, dict | list) else json.dumps(value)


@cache
def _fixed() -> frozenset[str]:
    """Return the names of members whose texts are the same in every run: those of an error, and of an enum."""
    model = service_model()
    shapes = (model.shape_for(name) for name in model.shape_names)
    members = (member for shape in shapes if isinstance(shape, StructureShape) for member in shape.members.items())
    return _OF_ERRORS | {name for name, shape in members if isinstance(shape, StringShape) and shape.enum}


def _lines(
    value: Any, marks: Mapping[_Path, Mark] | None, path: _Path, before: str, after: str, around: Mark
) -> Iterator[Line]:
    """Yield the lines of the value at this path, between the text before it and the comma after it.

    ``around`` is the mark of what the value stands in, which holds for all of it.
    """
    if len(path) > _DEEPEST:
        raise NotLaidOut("nested too deep")
    mark, indent = around or (marks or {}).get(path, Mark.SAME), "  " * len(path)
    if not isinstance(value, dict | list) or not value:
        yield Line(f"{indent}{before}{_scalar(value)}{after}", mark)
        return
    if marks is None and (together := _together(value)) is not None:
        yield Line(f"{indent}{before}{together}{after}", mark)
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    members = [*value.items()] if isinstance(value, dict) else [*enumerate(value)]
    yield Line(f"{indent}{before}{opening}", mark)
    for place, (name, member) in enumerate(members, 1):
        label = f"{_scalar(name)}: " if isinstance(value, dict) else ""
        comma = "," if place < len(members) else ""
        yield from _lines(member, marks, (*path, name), label, comma, mark)
    yield Line(f"{indent}{closing}{after}", mark)


def _together(value: dict[str, Any] | list[Any]) -> str | None:
    """Return an object or a list in one line, None if it holds others or is too long for one."""
    members = [*value.values()] if isinstance(value, dict) else value
    if len(members) > _MOST_TOGETHER or any(isinstance(each, dict | list) for each in members):
        return None
    if isinstance(value, dict):
        line = "{" + ", ".join(f"{_scalar(name)}: {_scalar(member)}" for name, member in value.items()) + "}"
    else:
        line = "[" + ", ".join(map(_scalar, value)) + "]"
    return line if len(line) <= _WIDEST else None


def _scalar(value: Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return json.dumps(shortened(value, _MOST_IN_VALUE), ensure_ascii=False)
    return json.dumps(value)
