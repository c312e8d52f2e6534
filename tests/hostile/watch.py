"""A pytest plugin that notes, in the file that HOSTILE_WATCH names, every address that the suite connects to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

NOTED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen")
_FILE = Path(os.environ["HOSTILE_WATCH"])


def note(event: str, arguments: tuple[Any, ...]) -> None:
    """Note the host of a connection or of a look-up, and every process that is started."""
    if event not in NOTED:
        return
    told = arguments[1] if event == "socket.connect" else arguments
    with _FILE.open("a", encoding="utf-8") as file:
        file.write(f"{event} {told[0]!r}\n")


sys.addaudithook(note)
