"""The ids of the elements that a page links to."""

from __future__ import annotations

import re

RESERVED = "section-"
"""What the ids of the page's own sections begin with."""
_OTHER = re.compile(r"[^A-Za-z0-9._-]+")


class Anchors:
    """Gives everything that can be linked to an id of its own, the same one whenever it is asked for."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def of(self, kind: str, name: str) -> str:
        """Return the id of the thing of this kind and name: letters, digits, dots and hyphens."""
        key = (kind, name)
        if key not in self._given:
            wanted, number = _OTHER.sub("-", f"{kind}-{name}" if kind else name), 2
            if not wanted or wanted.startswith(RESERVED):
                wanted = f"clause-{wanted}"
            given = wanted
            while given in self._taken:
                given, number = f"{wanted}-{number}", number + 1
            self._given[key] = given
            self._taken.add(given)
        return self._given[key]
