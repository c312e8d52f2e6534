"""The ids of the elements that a page links to."""

from __future__ import annotations

import re

_OTHER = re.compile(r"[^A-Za-z0-9._-]+")


class Anchors:
    """Gives everything that can be linked to an id of its own, the same one whenever it is asked for."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}

    def of(self, kind: str, name: str) -> str:
        """Return the id of the thing of this kind and name: letters, digits, dots and hyphens."""
        key = (kind, name)
        if key not in self._given:
            wanted = _OTHER.sub("-", f"{kind}-{name}" if kind else name) or "-"
            taken, number = {*self._given.values()}, 2
            given = wanted
            while given in taken:
                given, number = f"{wanted}-{number}", number + 1
            self._given[key] = given
        return self._given[key]
