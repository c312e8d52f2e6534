"""What the model and the protocol publish: nobody's secrets, whoever has them for a name or a password."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from contracts.model.operation import content_type, raw_model, service_model

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def published_values() -> frozenset[str]:
    """Return the values that the model publishes in its enums."""
    shapes = (service_model().shape_for(name) for name in service_model().shape_names)
    return frozenset(value for shape in shapes for value in shape.metadata.get("enum", ()))


@cache
def published_text() -> str:
    """Return a text of every name, pattern and value that the model and the protocol publish."""
    words = [*_words(raw_model()), content_type()]
    return "\n".join([*words, *map(str.lower, published_values())])


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "documentation":
                yield key
                yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, str):
        yield value
