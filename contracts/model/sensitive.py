"""What of a document is sensitive: by the model, and where the model has no such member, by its name."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, StructureShape

from contracts.model.operation import service_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

_TYPE = "type"


def sensitive_values(document: Any, shape: Shape | None) -> Iterator[str]:
    """Yield the strings of the document that the model calls sensitive, numbers as strings.

    A member that the model doesn't have is sensitive if it is so wherever the model has it, or stands beside a type
    as it does in a party or a resource of a handshake. ``shape`` is None where the model has nothing like the document.
    """
    if shape is not None and shape.metadata.get("sensitive"):
        yield from _leaves(document)
    elif isinstance(document, dict):
        # Some targets spell the names differently.
        members = {name.lower(): member for name, member in getattr(shape, "members", {}).items()}
        by_name = sensitive_names(typed=any(name.lower() == _TYPE for name in document))
        for name, value in document.items():
            member = members.get(name.lower())
            if member is None and name.lower() in by_name:
                yield from _leaves(value)
            else:
                yield from sensitive_values(value, member)
    elif isinstance(document, list):
        for item in document:
            yield from sensitive_values(item, shape.member if isinstance(shape, ListShape) else None)


def salvaged_values(text: str) -> Iterator[str]:
    """Yield the values of sensitive members in a text that isn't JSON, or breaks off."""
    in_json, in_xml = _members()
    for raw in in_json.findall(text):
        try:
            yield json.loads(f'"{raw}"', strict=False)
        except ValueError:
            yield raw
    yield from map(unescape, in_xml.findall(text))


@cache
def sensitive_names(*, typed: bool) -> frozenset[str]:
    """Return the names, in lower case, of members that are sensitive wherever the model has them.

    ``typed`` adds those that are it beside a type.
    """
    shapes = [service_model().shape_for(name) for name in service_model().shape_names]
    structures = [each.members for each in shapes if isinstance(each, StructureShape)]
    sensitive = [{name for name, member in each.items() if member.metadata.get("sensitive")} for each in structures]
    beside = {name for each, names in zip(structures, sensitive, strict=True) if "Type" in each for name in names}
    elsewhere = {name for each, names in zip(structures, sensitive, strict=True) for name in each.keys() - names}
    found = set().union(*sensitive) - elsewhere | (beside if typed else set())
    return frozenset(map(str.lower, found))


@cache
def _members() -> tuple[re.Pattern[str], re.Pattern[str]]:
    names = "|".join(sorted({*sensitive_names(typed=True), "name"}))
    in_json = re.compile(rf'"(?:{names})"\s*:\s*"((?:[^"\\]|\\.)*)', re.IGNORECASE)
    return in_json, re.compile(rf"<(?:\w+:)?(?:{names})(?:\s[^<>]*)?>([^<>]+)", re.IGNORECASE)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
