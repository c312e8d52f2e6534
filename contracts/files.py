"""Files that are read within a bound, and files that are written whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MEGABYTE = 1024 * 1024
MOST_TEXT = 4 * MEGABYTE
"""The most bytes of a file that people write, such as a profile."""
MOST_REPORT = 256 * MEGABYTE
"""The most bytes of a report or a recording."""
_unfinished: set[Path] = set()


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


def write_whole(contents: Mapping[Path, Iterable[str]], *, encoding: str = "utf-8") -> None:
    """Write these files, which lie in one folder: each is whole when it appears, and all appear or none.

    Two processes that write the same files don't mix them. Raises OSError if one can't be written, and then leaves
    nothing behind.
    """
    with ExitStack() as stack:
        written = {stack.enter_context(_aside(path)): path for path in contents}
        for new, path in written.items():
            with new.open("w", encoding=encoding, newline="\n") as file:
                file.writelines(contents[path])
        stack.enter_context(_folder_lock(next(iter(contents)).parent))
        for new, path in written.items():
            new.replace(path)


def check_folder(folder: Path) -> None:
    """Raise OSError unless files can be made in the folder."""
    with _aside(folder / "writable"):
        pass


def discard_unfinished() -> None:
    """Remove what is half written, in a process that ends at once."""
    for path in [*_unfinished]:
        with suppress(OSError):
            path.unlink()


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """Make an empty file beside this one, with its permissions, and remove it at the end unless it was renamed."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    mode = stat.S_IMODE(path.stat().st_mode) if path.is_file() else 0o666
    _unfinished.add(new)
    try:
        os.close(_made(new, mode, path))
        yield new
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        _unfinished.discard(new)


def _made(new: Path, mode: int, path: Path) -> int:
    try:
        return os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    except OSError as error:  # which is about the file that the user named
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """Keep others from renaming files in the folder. A file system without locks goes without."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
