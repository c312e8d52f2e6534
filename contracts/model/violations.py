"""Inputs that break one constraint each, and inputs that are just within the bounds.

All of them are derived from the input shape, so that another pattern, length or name in the model gives other inputs.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.model import Shape, StringShape, StructureShape

from contracts.model import patterns
from contracts.model.shapes import mismatches, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SOME_ARN = "arn:aws:organizations::111122223333:handshake/o-exampleorgid/invite/"
OVER_LONG = 10_000  # far past any limit, far below what an HTTP server refuses to read


@dataclass(frozen=True)
class Input:
    """One value of one member, named after the constraint that it breaks or the bound that it reaches.

    ``document`` is the whole input, ready to be sent as JSON. It lacks the member in the case ``required-absent``.
    """

    name: str
    member: str
    document: dict[str, Any]


class UnderivableShape(ValueError):
    """No inputs can be derived from an input shape of this kind yet."""

    def __init__(self, shape: Shape, why: str) -> None:
        self.shape = shape.name
        super().__init__(f"no inputs can be derived from the shape {shape.name}: {why}")


def violations(shape: StructureShape, *, near: str | None = None, arn: str | None = None) -> tuple[Input, ...]:
    """Return inputs that break exactly one constraint of the structure's only member, a string, each.

    They are made from the legal value ``near``, so that a target that trims, folds or cuts its input finds something
    real; without it, from a shortest match. The names don't depend on it. ``arn`` is the Arn of what the value names; a
    made-up one stands in for it.
    """
    member, described = _only_string_member(shape)
    canonical = dict(_broken_strings(described, patterns.shortest(described.metadata["pattern"])))
    nearer = dict(_broken_strings(described, near)) if near else {}
    if arn is not None and mismatches(arn, schema(described)):
        nearer["arn"] = arn
    found = []
    if member in shape.required_members:
        found = [Input("required-absent", member, {}), Input("required-null", member, {member: None})]
    for name, value in canonical.items():
        constraint = _broken_constraint(described, value)
        found.append(Input(f"{constraint}-{name}", member, {member: nearer.get(name, value)}))
    return tuple(found)


def wrong_types(shape: StructureShape, *, near: str | None = None) -> tuple[Input, ...]:
    """Return inputs that give the string member another JSON type, one for each type."""
    member, described = _only_string_member(shape)
    value = near or patterns.shortest(described.metadata["pattern"])
    wrong = {"number": 12345678, "true": True, "false": False, "array": [value], "object": {member: value}}
    return tuple(Input(f"type-{name}", member, {member: each}) for name, each in wrong.items())


def boundaries(shape: StructureShape) -> tuple[Input, ...]:
    """Return the shortest legal input, of the first characters allowed, and the longest, of the last ones."""
    member, described = _only_string_member(shape)
    pattern = described.metadata["pattern"]
    return (
        Input("legal-shortest", member, {member: patterns.shortest(pattern)}),
        Input("legal-longest", member, {member: patterns.longest(pattern)}),
    )


def _only_string_member(shape: StructureShape) -> tuple[str, Shape]:
    if len(shape.members) != 1:
        raise UnderivableShape(shape, f"it has the members {[*shape.members]}, and exactly one is expected")
    ((name, member),) = shape.members.items()
    if not isinstance(member, StringShape) or "pattern" not in member.metadata:
        raise UnderivableShape(shape, f"{name} is a {member.type_name} and not a string with a pattern")
    return name, member


def _broken_constraint(shape: Shape, value: str) -> str:
    """Return the constraint that the value breaks. One that breaks a length usually breaks the pattern as well."""
    if len(value) > shape.metadata.get("max", len(value)):
        return "max"
    return "min" if len(value) < shape.metadata.get("min", 0) else "pattern"


def _broken_strings(shape: Shape, base: str) -> Iterator[tuple[str, str]]:
    """Yield the changes that break the shape, by name: a pattern without letters has no upper-case violation."""
    described = schema(shape)
    for name, change in _changes(shape.metadata["pattern"]):
        value = change(base)
        if mismatches(value, described):
            yield name, value


def _changes(pattern: str) -> Iterator[tuple[str, Callable[[str], str]]]:
    prefix = patterns.literal_prefix(pattern)
    least, longest = len(patterns.shortest(pattern)), patterns.longest(pattern)

    def body(change: Callable[[str], str]) -> Callable[[str], str]:
        return lambda base: prefix + change(base[len(prefix) :])

    def late(change: Callable[[str], str]) -> Callable[[str], str]:
        # in the second half, so that a validator that looks at the beginning only is caught by every id alike
        return body(lambda rest: rest[: len(rest) // 2] + change(rest[len(rest) // 2 :]))

    def inside(text: str) -> Callable[[str], str]:
        return body(lambda rest: rest[: len(rest) // 2] + text + rest[len(rest) // 2 + 1 :])

    yield "empty", lambda _: ""
    yield "one-short", lambda base: base[: least - 1]
    yield "one-past", lambda base: base + longest[len(base) :] + longest[-1]
    yield "over-long", lambda base: base + longest[-1] * (OVER_LONG - len(base))
    if prefix:
        yield "no-prefix", lambda base: base[len(prefix) :]
        yield "prefix-alone", lambda _: prefix
        yield "wrong-prefix", lambda base: _other_letter(prefix[0]) + base[1:]
        yield "upper-case-prefix", lambda base: prefix.upper() + base[len(prefix) :]
    yield "upper-case", body(lambda rest: _changed(str.upper, rest, "A"))
    yield "punctuation-inside", inside("_")
    yield "blank-inside", inside(" ")
    yield "blank-before", lambda base: " " + base
    yield "blank-after", lambda base: base + " "
    yield "tab-before", lambda base: "\t" + base
    yield "tab-after", lambda base: base + "\t"
    yield "newline-after", lambda base: base + "\n"
    yield "newline-for-last", lambda base: base[:-1] + "\n"  # a longest match and a newline would break its length too
    yield "newline-before", lambda base: "\n" + base
    yield "nul-after", lambda base: base + "\0"
    yield "percent-encoded", lambda base: "".join(f"%{byte:02X}" for byte in base.encode())
    yield "arn", lambda base: f"{_SOME_ARN}{base}"
    yield "fullwidth-digits", late(lambda rest: _changed(_fullwidth, rest, "\uff11"))
    yield "arabic-digits", late(lambda rest: _changed(_arabic, rest, "\u0661"))
    yield "accented-letter", inside("é")
    yield "cyrillic-letter", inside("а")  # noqa: RUF001  # the confusable letter is the point
    yield "kelvin-sign", inside("\u212a")  # lower-cases to an ASCII k: caught only if case is folded after matching


def _changed(change: Callable[[str], str], text: str, otherwise: str) -> str:
    """Return the text changed, or with another first character if the change alters nothing."""
    return change(text) if change(text) != text else otherwise + text[1:]


def _other_letter(letter: str) -> str:
    letters = string.ascii_lowercase
    return letters[(letters.find(letter) + 1) % len(letters)]


def _fullwidth(text: str) -> str:
    return "".join(chr(ord(c) - ord("0") + 0xFF10) if c in string.digits else c for c in text)


def _arabic(text: str) -> str:
    return "".join(chr(ord(c) - ord("0") + 0x0660) if c in string.digits else c for c in text)
