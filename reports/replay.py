"""Read transcripts to be judged again, from the report of an earlier run or from a recording."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contracts import recordings
from contracts.judging.absence import NOT_ASKED, PREFLIGHT
from contracts.values import Replay, TargetFacts
from reports import stream

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = {recordings.Kind.REHEARSAL: "rehearsal", recordings.Kind.SDK: "SDK's answer"}


class Unreplayable(ValueError):
    """A file can't be replayed: it isn't there, or it is neither a report nor a recording."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        expected = "expected a report.jsonl of a run or a file of contracts/recordings"
        super().__init__(f"--replay: {path}: {why.removeprefix(f'{path}: ')}; {expected}")


def load(path: Path) -> Replay:
    """Read what the file holds. Raise :class:`Unreplayable` if it is neither a report nor a recording."""
    try:
        return _of_recording(path) if path.suffix == ".json" else _of_report(path)
    except FileNotFoundError as error:
        raise Unreplayable(path, "there is no such file") from error
    except OSError as error:
        raise Unreplayable(path, f"it can't be read: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError, stream.UnreadableReport, ValueError) as error:
        raise Unreplayable(path, str(error)) from error


def _of_recording(path: Path) -> Replay:
    recorded = recordings.read(path)
    origin = {"captured": recorded.captured, "source": recorded.source}
    target = TargetFacts(
        f"the {_NAMES.get(recorded.kind, 'recording')} {recorded.name}",
        "",
        "",
        "recorded",
        answers={name: value for name, value in origin.items() if value},
    )
    return Replay(recordings.transcripts(recorded), target, NOT_ASKED, recorded.known)


def _of_report(path: Path) -> Replay:
    run = stream.read(path)
    transcripts = {transcript.scenario: transcript for transcript in run.transcripts}
    preflight = transcripts.get(PREFLIGHT, NOT_ASKED)
    return Replay(transcripts, run.header.target, preflight, repeat=run.header.repeat)
