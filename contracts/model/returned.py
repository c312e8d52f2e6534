"""What an SDK returns of an answer, kept as JSON: its timestamps are datetimes there, and no longer numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, StructureShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import Shape

_TUPLE = 6  # of the numbers of a time tuple, those from the year to the second


def returned(kept: Any, shape: Shape) -> Any:
    """Return what the SDK returned: a text in ISO 8601 is a datetime, numbers in a list are a tuple of them."""
    return _with_timestamps(kept, shape, _moment)


def on_wire(kept: Any, shape: Shape) -> Any:
    """Return the document that the SDK read: every timestamp in seconds since 1970.

    One without a time zone is read as UTC, and of a time tuple as much as makes a datetime. What is none stays so.
    """
    return _with_timestamps(kept, shape, _seconds)


def _with_timestamps(value: Any, shape: Shape, read: Callable[[Any], Any]) -> Any:
    if shape.type_name == "timestamp":
        return read(value)
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        return {
            key: _with_timestamps(each, members[key], read) if key in members else each for key, each in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_with_timestamps(each, shape.member, read) for each in value]
    return value


def _moment(value: Any) -> Any:
    try:
        return tuple(value) if isinstance(value, list) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value


def _seconds(value: Any) -> Any:
    moment = _moment(value)
    try:
        if isinstance(moment, tuple):
            moment = datetime(*moment[:_TUPLE])  # noqa: DTZ001  # it has no time zone
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (AttributeError, OverflowError, TypeError, ValueError):
        return value
