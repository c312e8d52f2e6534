"""A stream through which nothing reaches a terminal or a log that must not be printed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.printing.visible import harmless, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


class GuardedStream:
    """Takes credentials out of what is written, makes it visible, and keeps CI systems from obeying it.

    ``painted`` says that the colours of the writer may pass, and its return to the start of a line.
    """

    def __init__(self, stream: TextIO, conceal: Callable[[str], str], *, painted: bool) -> None:
        self._stream = stream
        self._conceal = conceal
        self._painted = painted
        self._at_start = True

    def write(self, text: str) -> int:
        """Write the text as it may be printed."""
        back = "\r" if self._painted and text.startswith("\r") else ""
        safe = shown(self._conceal(text[len(back) :]), painted=self._painted)
        safe = harmless(safe, at_start=self._at_start or bool(back))
        _, broken, rest = safe.rpartition("\n")
        self._at_start = not rest.strip() and (bool(broken) or self._at_start)
        self._stream.write(back + safe)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
