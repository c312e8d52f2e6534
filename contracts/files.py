"""Files that the user names, read within a bound."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1024 * 1024
MOST_TEXT = 4 * MEGABYTE
"""The most bytes of a file that people write, such as a profile."""
MOST_REPORT = 256 * MEGABYTE
"""The most bytes of a report or a recording."""


def read_file(path: Path, most: int = MOST_TEXT) -> bytes:
    """Return the content of a regular file.

    Raises :class:`OSError`, whose ``strerror`` says what is wrong, for anything else: what blocks, such as a FIFO, is
    not waited for, and nothing is read of a file of more than ``most`` bytes.
    """
    try:
        # Without O_NONBLOCK, to open a FIFO waits for somebody to write into it.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "it is a pipe or a device, and no file", str(path))
            if status.st_size > most:
                raise OSError(errno.EFBIG, f"it is larger than {most // MEGABYTE} MB", str(path))
            return file.read(most)
    except ValueError as error:  # of a NUL in the path
        raise OSError(errno.EINVAL, str(error), str(path)) from error
