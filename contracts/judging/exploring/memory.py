"""What one side of an exploration has shown so far: its ids under names that both sides share, and its handshakes."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from contracts.judging.exchange import objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OF_CONTACT = frozenset({"MASTER_EMAIL", "MASTER_NAME", "OWNER_EMAIL", "OWNER_NAME"})
_PARTS = ("Parties", "Resources")
_STATE, _BEFORE = "State", "o-"
WITHOUT = f" without {_BEFORE}"
"""What the name of an organization ends in that is shown without the beginning of its id."""
_LIFETIME = ("RequestedTimestamp", "ExpirationTimestamp")


class Memory:
    """The names of what one side made up, and each handshake as the answer to its invitation showed it."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.ids: dict[int, str] = {}
        self._first: dict[int, dict[str, Any]] = {}

    def name(self, value: str | None, name: str) -> None:
        """Note the name under which a value is compared. The first of several holds."""
        if value:
            self._names.setdefault(value, name)

    def name_organization(self, organization: str | None, name: str) -> None:
        """Note the name of an organization, which parties show without the beginning of its id."""
        self.name(organization, name)
        if organization and organization.startswith(_BEFORE):
            self.name(organization.removeprefix(_BEFORE), f"{name}{WITHOUT}")

    def known(self, values: Iterable[Any]) -> frozenset[str]:
        """Return the names of those of the values that have one."""
        return frozenset(self._names[value] for value in values if isinstance(value, str) and value in self._names)

    def note_invitation(self, number: int, handshake: Mapping[str, Any]) -> None:
        """Note the handshake that came of the invitation of this number."""
        self._first[number] = dict(handshake)
        if isinstance(handshake.get("Id"), str):
            self.ids[number] = handshake["Id"]
            self.name(handshake["Id"], f"handshake {number + 1}")

    def number_of(self, entry: Mapping[str, Any]) -> int | None:
        """Return the number of the invitation that the handshake came of, None if it came of none of these."""
        return next((number for number, known in self.ids.items() if entry.get("Id") == known), None)

    def named(self, handshake: Mapping[str, Any]) -> dict[str, Any]:
        """Return a new handshake in a form that is equal on two sides if it says the same.

        Timestamps come to a lifetime; whom to contact at the organization isn't compared.
        """
        plain = {name: self._named(value) for name, value in handshake.items() if name not in _LIFETIME}
        return plain | {"ExpirationTimestamp": _lifetime(handshake)}

    def changes(self, number: int, handshake: Mapping[str, Any]) -> dict[str, str]:
        """Return the members, but for the state, that aren't as the answer to the invitation showed them."""
        first = self._first[number]
        names = dict.fromkeys([*first, *handshake])
        different = [
            name
            for name in names
            if name != _STATE and _ordered(name, first.get(name)) != _ordered(name, handshake.get(name))
        ]
        return {name: _short(handshake.get(name, "missing")) for name in different}

    def _named(self, value: Any, kind: Any = None) -> Any:
        if isinstance(value, dict):
            kind = value.get("Type")
            return {name: self._named(each, kind if name == "Value" else None) for name, each in value.items()}
        if isinstance(value, list):
            return sorted((self._named(each) for each in value), key=_key)
        if kind in _OF_CONTACT:
            return "a contact"
        if not isinstance(value, str):
            return value
        if value in self._names:
            return self._names[value]
        for known, name in self._names.items():
            value = value.replace(known, name)
        return value


def _ordered(name: str, value: Any) -> Any:
    """Return the value with its entries in one order, where their order is free."""
    if name not in _PARTS:
        return value
    return sorted(map(_sorted_inside, objects(value)), key=_key) if isinstance(value, list) else value


def _sorted_inside(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(each, key=_key) if isinstance(each, list) else each for name, each in entry.items()}


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _lifetime(handshake: Mapping[str, Any]) -> Any:
    requested, expires = (handshake.get(name) for name in _LIFETIME)
    if isinstance(requested, int | float) and isinstance(expires, int | float):
        lifetime = float(expires) - float(requested) if max(abs(requested), abs(expires)) < _LATEST else math.inf
        return f"{lifetime:.0f} s after the RequestedTimestamp"
    return f"{' or '.join(_LIFETIME)} is missing or not a number"


def _short(value: Any) -> str:
    text = value if value == "missing" else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST else f"{text[:_MOST]}..."


_MOST = 300
_LATEST = 10**15  # seconds: beyond, a number isn't taken for a moment
