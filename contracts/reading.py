"""JSON and TOML that others wrote, read within bounds: what they hold can be walked, compared and written again."""

from __future__ import annotations

import json
import math
import tomllib
from typing import Any

MOST_NESTED = 100
"""Arrays and objects within each other. Real answers have below 10, and Python's own reader ends at about 1,000."""
_MOST_SHOWN = 40


def read_json(raw: bytes | str) -> Any:
    """Return the JSON value in a text, or in bytes of UTF-8.

    Raises ValueError for what isn't JSON, for NaN and the like, for a number that no double holds, and for one that is
    nested deeper than :data:`MOST_NESTED`.
    """
    return _read(raw)


def strict_json(raw: bytes | str) -> Any:
    """Return the JSON value like :func:`read_json`. Raises ValueError for a repeated member, too."""
    return _read(raw, object_pairs_hook=_unique)


def read_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises ValueError for what isn't TOML, or is nested deeper."""
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {MOST_NESTED} levels") from None
    _check_depth(tables)
    return tables


def _read(raw: bytes | str, **hooks: Any) -> Any:
    text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    try:
        value = json.loads(text, parse_constant=_no_json, parse_float=_number, parse_int=_integer, **hooks)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {MOST_NESTED} levels") from None
    if text.count("[") + text.count("{") > MOST_NESTED:  # else it can't be
        _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        if depth > MOST_NESTED:
            raise ValueError(f"it is nested deeper than {MOST_NESTED} levels")
        level = [item for each in level for item in (each.values() if isinstance(each, dict) else each)]


def _no_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")  # Python's parser accepts it


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):  # what readers make of it differs
        raise ValueError(f"the number {digits[:_MOST_SHOWN]} is larger than any double")
    return number


def _integer(digits: str) -> int:
    _number(digits)
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:  # parsers differ in which of them they keep
            raise ValueError(f"the member {name[:_MOST_SHOWN]!r} is repeated")
        members[name] = value
    return members
