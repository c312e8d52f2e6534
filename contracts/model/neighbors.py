"""Well-formed values near a legal one, under which nothing exists.

All of them are derived from the value at run time, but their names are fixed, so that they are known before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.model import patterns

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import StructureShape


def neighbors(shape: StructureShape, near: str) -> dict[str, dict[str, Any] | None]:
    """Return inputs near the legal value ``near`` of the structure's only member, a string with a pattern, by name.

    None stands for one that can't be derived: it would be malformed, or the value itself. A changed character is the
    last one that the pattern allows, which ids made of digits or of hexadecimal digits don't have: a neighbor that is
    counted up could exist.
    """
    ((member, described),) = shape.members.items()
    pattern = described.metadata["pattern"]
    most = len(patterns.longest(pattern))
    found: dict[str, dict[str, Any] | None] = {}
    for name, value in _values(pattern, near):
        legal = value != near and len(value) <= most and patterns.matches(pattern, value)
        found[name] = {member: value} if legal else None
    return found


def neighbor_names(shape: StructureShape) -> tuple[str, ...]:
    """Return the names of the inputs that :func:`neighbors` returns, whatever they are near to."""
    (described,) = shape.members.values()
    return tuple(neighbors(shape, patterns.longest(described.metadata["pattern"])))


def _values(pattern: str, near: str) -> list[tuple[str, str]]:
    prefix, least = patterns.literal_prefix(pattern), len(patterns.shortest(pattern))
    longest = patterns.longest(pattern)
    body = near[len(prefix) :]
    unlike = _other_than(longest[-1], patterns.shortest(pattern)[-1])
    half, middle = prefix + body[: len(body) // 2], len(body) // 2
    full = len(near) >= len(longest)
    return [
        ("near-shortest-beginning", near[:least]),
        ("near-half", half),
        ("near-all-but-last", near[:-1]),
        ("near-all-but-first", prefix + body[1:]),
        ("near-first-changed", prefix + unlike(body[:1]) + body[1:]),
        ("near-middle-changed", prefix + body[:middle] + unlike(body[middle : middle + 1]) + body[middle + 1 :]),
        ("near-last-changed", near[:-1] + unlike(near[-1:])),
        # Where the value is as long as can be, its first character makes room for the one more.
        ("near-one-more", prefix + body[full:] + longest[-1]),
    ]


def _other_than(usual: str, otherwise: str) -> Callable[[str], str]:
    return lambda character: otherwise if character == usual else usual
