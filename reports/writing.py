"""The report files of a run: whole, or missing with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.files import check_folder, write_whole
from contracts.values import EXPLORATION_FILES
from reports import stream
from reports.rendering import FILES, FORMATS, STREAM_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from reports.run import Run


def clear(folder: Path) -> None:
    """Make the folder, or remove an earlier run's reports: they must not pass for this one's.

    Raises OSError if nothing can be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*FILES, *EXPLORATION_FILES):
        (folder / name).unlink(missing_ok=True)
    check_folder(folder)


def write_reports(run: Run, folder: Path) -> str:
    """Write the reports, and return the reason if they are missing, empty if they aren't."""
    rendered = {folder / each.file: [each.render(run)] for each in FORMATS.values()}
    try:
        write_whole({folder / STREAM_FILE: stream.texts(run), **rendered})
    except (OSError, UnicodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return f"--report-dir: {STREAM_FILE} and all others are missing from {folder}, which can't be written: {why}"
    return ""
