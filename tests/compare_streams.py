"""Compare two reports line by line, leaving out what differs between any two runs: moments, ids, ports and signatures.

usage: python -m tests.compare_streams OLD.jsonl NEW.jsonl

Prints a unified diff of what is left, and exits with 1 if there is any. Lists are compared as sets, as the service
gives parties in varying order.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

RENAMED = {"said": "answers"}  # before and after a change of the stream's words
LEFT_OUT = {"started", "seconds", "calls", "format", "lacking"}  # how often a read is made again depends on the moment
VOLATILE_HEADERS = {
    "authorization",
    "content-length",
    "date",
    "server",
    "x-amz-date",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amzn-requestid",
}
MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+(\.\d+)?(\+00:00|Z)?"), "MOMENT"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"(?<= m/)[A-Za-z,]+"), "FEATURES"),  # botocore's own list of what it used, in any order
    (re.compile(r"\b(redacted|r)-?\d+"), "REDACTED"),
    (re.compile(r"\b1[0-9]{9}\.\d+\b"), "EPOCH"),
    (re.compile(r"\b\d{12}\b"), "ACCOUNT"),
    (re.compile(r"\b[Hh]-\w{4,}"), "HANDSHAKE"),  # also where digits are replaced by look-alikes
    (re.compile(r"(?=[^\s\"]*\d)(?<![/\w])[0-9A-Za-z_+=-]{7,}(?![\w.])"), "TOKEN"),
)


def canonical(value: Any) -> Any:
    """Return the value with what differs between runs masked and every list in one order."""
    match value:
        case dict():
            return {RENAMED.get(key, key): canonical(each) for key, each in value.items() if key not in LEFT_OUT}
        case list():
            return sorted((canonical(each) for each in value), key=json.dumps)
        case str():
            return masked(value)
        case float():
            return "FLOAT"
        case _:
            return value


def masked(text: str) -> str:
    """Return the text with each id, moment and address replaced by its kind; a JSON text in canonical form."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict | list):
        return json.dumps(canonical(document), sort_keys=True, ensure_ascii=False)
    for pattern, kind in MASKS:
        text = pattern.sub(kind, text)
    return text


def comparable(path: Path) -> Iterator[str]:
    """Yield each line of the report in canonical form."""
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(raw)
        for side in ("request", "response"):
            if isinstance(line.get(side), dict):
                line[side]["headers"] = [
                    pair for pair in line[side]["headers"] if pair[0].lower() not in VOLATILE_HEADERS
                ]
        yield json.dumps(canonical(line), sort_keys=True, ensure_ascii=False)


def main(old: str, new: str) -> int:
    """Print how the second report differs from the first, and return the exit status."""
    difference = [*difflib.unified_diff([*comparable(Path(old))], [*comparable(Path(new))], old, new, "", "", 0, "")]
    print("\n".join(difference) or "no difference")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
