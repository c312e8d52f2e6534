r"""The strings that a pattern of the model matches, and the shortest and longest of them.

Patterns in AWS models are unanchored ECMA 262 expressions. Python's ``re`` reads some of them differently: its ``$``
also matches before a final newline, its ``\d`` also matches non-ASCII digits. So matching is left to an ECMA engine.
Source: https://smithy.io/2.0/spec/constraint-traits.html#pattern-trait
"""

from __future__ import annotations

import re
from functools import cache
from re import _constants, _parser  # type: ignore[attr-defined]  # the standard library has no public one
from typing import TYPE_CHECKING, Any

from regress import Regex, RegressError

if TYPE_CHECKING:
    from collections.abc import Callable

_AWS_ARN = re.compile(r"^(\^?)arn:aws:")
_PARTITIONS = r"arn:aws(?:-[a-z]+)*:"


class UnreadablePattern(ValueError):
    """No example can be derived from a pattern, because it uses a feature that isn't supported here."""

    def __init__(self, pattern: str, why: str) -> None:
        self.pattern = pattern
        super().__init__(f"no example of {pattern!r} can be derived: {why}")


@cache
def _engine(pattern: str) -> Regex:
    try:
        return Regex(pattern, "u")
    except RegressError:  # some patterns escape more than Unicode mode allows ("ou\\-"), as ECMA's other mode permits
        return Regex(pattern)


def matches(pattern: str, text: str) -> bool:
    """Return whether the text matches the pattern, as ECMA 262 defines it.

    Half of a surrogate pair, which JSON can hold and UTF-8 can't, counts as the character that stands for an unknown
    one: patterns of the model name neither.
    """
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _engine(pattern).find(text) is not None


def in_any_partition(pattern: str) -> str:
    """Return the pattern with any partition allowed in an Arn, and not ``aws`` alone.

    The model hard-codes ``arn:aws:``, but the service also runs in ``aws-cn`` and ``aws-us-gov``. Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    return _AWS_ARN.sub(rf"\1{_PARTITIONS}", pattern)


def literal_prefix(pattern: str) -> str:
    """Return the characters that every match begins with. Empty if the pattern is not anchored at its start."""
    prefix, tokens = "", list(_parse(pattern))
    if not tokens or tokens[0] != (_constants.AT, _constants.AT_BEGINNING):
        return ""
    for code, argument in tokens[1:]:
        if code is not _constants.LITERAL:
            break
        prefix += chr(argument)
    return prefix


def shortest(pattern: str) -> str:
    """Return a shortest match, made of the first character of every class."""
    return _example(pattern, repeats=lambda least, _: least, pick=lambda classes: chr(min(classes)))


def longest(pattern: str) -> str:
    """Return a longest match, made of the last character of every class.

    Raises :class:`UnreadablePattern` if the length of a match is unbounded.
    """
    return _example(pattern, repeats=lambda _, most: most, pick=lambda classes: chr(max(classes)))


Tokens = Any


def _parse(pattern: str) -> Tokens:
    try:
        return _parser.parse(pattern)
    except re.error as error:
        raise UnreadablePattern(pattern, str(error)) from error


def _example(pattern: str, *, repeats: Callable[[int, int], int], pick: Callable[[list[int]], str]) -> str:
    def of(tokens: Tokens) -> str:
        return "".join(one(code, argument) for code, argument in tokens)

    def one(code: Any, argument: Any) -> str:
        match code:
            case _constants.LITERAL:
                return chr(argument)
            case _constants.IN:
                return pick([edge for item in argument for edge in _edges(pattern, item)])
            case _constants.MAX_REPEAT | _constants.MIN_REPEAT:
                least, most, repeated = argument
                count = repeats(least, most)
                if count is _constants.MAXREPEAT:
                    raise UnreadablePattern(pattern, "the length of a match is unbounded")
                return of(repeated) * count
            case _constants.SUBPATTERN:
                return of(argument[-1])
            case _constants.AT:
                return ""
        raise UnreadablePattern(pattern, f"{code} is not supported")

    example = of(_parse(pattern))
    if not matches(pattern, example):
        raise UnreadablePattern(pattern, f"{example!r} was derived and doesn't match")
    return example


def _edges(pattern: str, item: tuple[Any, Any]) -> list[int]:
    match item:
        case (_constants.RANGE, (low, high)):
            return [low, high]
        case (_constants.LITERAL, code):
            return [code]
        case (_constants.CATEGORY, _constants.CATEGORY_DIGIT):
            return [ord("0"), ord("9")]
    raise UnreadablePattern(pattern, f"the class member {item} is not supported")
