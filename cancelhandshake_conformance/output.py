"""Standard output that may be closed before a run ends, and standard error that may never have been there."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TextIO


class Output:
    """A stream whose reader may leave at any time. What can't be written is left out, and the run goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text, or nothing."""
        try:
            return self._stream.write(text)
        except UnicodeError:
            raise
        except (OSError, ValueError):
            self._give_up()
            return len(text)

    def flush(self) -> None:
        """Hand on what was written, or drop it."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._give_up()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _give_up(self) -> None:
        """Let all that follows go nowhere, and what waits to be written as well, so that the exit status stays."""
        with suppress(OSError, ValueError):
            discard_into(self._stream.fileno())


def discard_into(descriptor: int) -> None:
    """Have all that is written to the descriptor go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


def keep_open() -> None:
    """Have the run go on whatever becomes of standard output, and without standard error."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # as long as the process
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # as long as the process
    elif not isinstance(sys.stdout, Output):
        sys.stdout = Output(sys.stdout)  # all that pytest asks of it
