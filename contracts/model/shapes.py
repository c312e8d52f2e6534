"""Botocore shapes as JSON Schema 2020-12, and how documents differ from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, Shape, StructureShape
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from contracts.model.patterns import in_any_partition, matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# The protocol writes timestamps as epoch seconds:
# https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#shape-serialization
_JSON_TYPES = {
    "string": "string",
    "timestamp": "number",
    "integer": "integer",
    "long": "integer",
    "boolean": "boolean",
    "list": "array",
    "structure": "object",
}
_LENGTHS = {"string": ("minLength", "maxLength"), "list": ("minItems", "maxItems"), "integer": ("minimum", "maximum")}
_CLOSED = "/additionalProperties"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Mismatch:
    """One difference between a document and its schema: both places, as JSON pointers, and the problem in words."""

    instance: str
    schema: str
    problem: str

    def __str__(self) -> str:
        return f"{self.instance or '/'}: {self.problem}"


def schema(shape: Shape, *, closed: bool = False, open_enums: Collection[str] = ()) -> dict[str, Any]:
    """Return the JSON Schema of the shape.

    A ``closed`` one also refuses members that the model doesn't have. ``open_enums`` names shapes whose enum is left
    out, so that any string is an instance of them.
    """
    definitions: dict[str, Any] = {}
    _define(shape, definitions, closed=closed)
    for name in open_enums:
        definitions.get(name, {}).pop("enum", None)
    return {"$schema": _DIALECT, "$ref": f"#/$defs/{shape.name}", "$defs": definitions}


def error_schema(shape: StructureShape, *, closed: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of this error's body: its shape, and the ``__type`` that the protocol adds."""
    described = schema(shape, closed=closed)
    members = described["$defs"][shape.name]["properties"]
    members["__type"] = {"type": "string"}
    if "Reason" in members:
        members["Reason"] = {"type": "string", "pattern": _reason_pattern(shape.members["Reason"])}
    return described


def reason_kind(reason: str) -> str:
    """Return the part of a ``Reason`` before the colon, which is a value of the model's enum.

    The service appends the parameter (``INPUT_REQUIRED:HANDSHAKE_ID``), which the model doesn't mention. Source: the
    recording organizations-2026-09-13.
    """
    return reason.partition(":")[0]


def _reason_pattern(shape: Shape) -> str:
    return f"^(?:{'|'.join(shape.metadata['enum'])})(?::[A-Z][A-Z0-9_]*)?$"


def mismatches(document: Any, described: dict[str, Any]) -> tuple[Mismatch, ...]:
    """Return every difference between the document and the schema, in order of place."""
    return tuple(sorted(_mismatches(document, described), key=str))


def unknown_members(document: Any, shape: Shape) -> tuple[Mismatch, ...]:
    """Return the members of the document that the shape doesn't have, and no other differences."""
    make = error_schema if isinstance(shape, StructureShape) and shape.metadata.get("exception") else schema
    return tuple(each for each in mismatches(document, make(shape, closed=True)) if each.schema.endswith(_CLOSED))


def unknown_values(document: Any, shape: Shape, open_enums: Collection[str]) -> tuple[Mismatch, ...]:
    """Return the values of the document that the enums named in ``open_enums`` don't have, and no other differences."""
    other = mismatches(document, schema(shape, open_enums=open_enums))
    return tuple(each for each in mismatches(document, schema(shape)) if each not in other)


def _mismatches(document: Any, described: dict[str, Any]) -> Iterator[Mismatch]:
    for error in _Validator(described).iter_errors(document):
        yield Mismatch(_pointer(error.absolute_path), _pointer(error.absolute_schema_path), error.message)


def _pointer(path: Any) -> str:
    return "".join(f"/{part}" for part in path)


def _define(shape: Shape, definitions: dict[str, Any], *, closed: bool) -> dict[str, str]:
    if shape.name not in definitions:
        described = definitions[shape.name] = {"type": _JSON_TYPES[shape.type_name]}
        described |= _constraints(shape)
        if isinstance(shape, StructureShape):
            described["properties"] = {
                name: _define(member, definitions, closed=closed) for name, member in shape.members.items()
            }
            described["required"] = [*shape.required_members]
            if closed:
                described["additionalProperties"] = False
        if isinstance(shape, ListShape):
            described["items"] = _define(shape.member, definitions, closed=closed)
    return {"$ref": f"#/$defs/{shape.name}"}


def _constraints(shape: Shape) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for keyword, limit in zip(_LENGTHS.get(shape.type_name, ()), ("min", "max"), strict=False):
        if limit in shape.metadata:
            found[keyword] = shape.metadata[limit]
    if shape.metadata.get("enum"):
        found["enum"] = [*shape.metadata["enum"]]
    if "pattern" in shape.metadata:
        found["pattern"] = in_any_partition(shape.metadata["pattern"])
    return found


def _ecma_pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {shorten(pattern, 90)}")


def _short_enum(_: Any, values: list[Any], instance: Any, __: Any) -> Iterator[ValidationError]:
    if instance not in values:
        yield ValidationError(f"{instance!r} is none of {shorten(', '.join(values), 90)}")


_Validator = extend(Draft202012Validator, {"pattern": _ecma_pattern, "enum": _short_enum})


def shorten(text: str, most: int) -> str:
    """Return the text, cut to at most ``most`` characters with dots at its end."""
    return text if len(text) <= most else f"{text[: most - 3]}..."
