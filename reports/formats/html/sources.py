"""The sources of a clause as links."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contracts import recordings

_BOTOCORE = re.compile(r"organizations (?P<api>\d{4}-\d\d-\d\d), botocore (?P<version>\d+(?:\.\d+)+)")
_AT_COMMIT = re.compile(
    r"(?P<repository>[\w.-]+/[\w.-]+) \([^)]*\), (?P<path>[\w./-]+) at commit (?P<commit>[0-9a-f]{40})"
)


@dataclass(frozen=True)
class Source:
    """One source: its text, and the address that it is found at, empty where there is none."""

    text: str
    address: str = ""


def source_of(text: str, model: str) -> Source:
    """Return the source with its address. ``model`` says which service model the contract was read from."""
    kind, _, rest = text.partition(":")
    if kind in {"http", "https"}:
        return Source(text, text)
    if kind == "model" and (known := _BOTOCORE.fullmatch(model)):
        place = f"blob/{known['version']}/botocore/data/organizations/{known['api']}/service-2.json"
        return Source(text, f"https://github.com/boto/botocore/{place}")
    if kind == "recording":
        return Source(text, _recorded_at(rest.partition("#")[0]))
    return Source(text)


def _recorded_at(name: str) -> str:
    recorded = next((each for each in recordings.on_file() if each.name == name), None)
    if recorded is None:
        return ""
    found = _AT_COMMIT.search(recorded.source)
    if found:
        return f"https://github.com/{found['repository']}/blob/{found['commit']}/{found['path']}"
    return recorded.source if recorded.source.startswith("https://") else ""
