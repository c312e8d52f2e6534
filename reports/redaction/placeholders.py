"""The placeholders of sensitive values: of the same form, and none like anything else in the run."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from contracts.printing.spellings import encoded
from reports.redaction.secrets import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reports.run import Run

SHORT = 8
_EMAIL = re.compile(r"\S+@\S+")
# An organization's resource holds its id with this prefix, its party may hold it without; h- and rt- are the ids of
# handshakes and transfers that a resource can refer to.
PREFIXED = re.compile(r"(?P<prefix>(?:o|h|rt)-)(?P<bare>[0-9a-z]+)")
_ID = re.compile(r"(?=[^-]*-)(?=\D*\d)[0-9A-Za-z_-]{6,64}")
_BARE = re.compile(r"[0-9a-z]{3,}")
_WORD = re.compile(rb"[\w@-]+(?:\.[\w@-]+)*")
_PART = re.compile(rb"\w+")


def placeholders(values: Sequence[str], run: Run) -> dict[str, str]:
    """Return a placeholder for each value, numbered by first appearance within each form. None occurs in the run."""
    bare = {value: match for value in values if (match := PREFIXED.fullmatch(value))}
    wanted = dict.fromkeys(bare[value]["bare"] if value in bare else value for value in values)
    taken = _words(_texts(run)) if wanted else set()
    numbers: Counter[str] = Counter()
    chosen: dict[str, str] = {}
    for value in wanted:
        form = _form(value)
        while True:
            numbers[form] += 1
            candidate = _placeholder(form, value, numbers[form])
            if candidate in wanted or candidate.encode() not in taken:
                break
        chosen[value] = candidate
    return chosen | {value: match["prefix"] + chosen[match["bare"]] for value, match in bare.items()}


def _form(value: str) -> str:
    if ACCOUNT.fullmatch(value):
        return "account"
    if _EMAIL.fullmatch(value):
        return "email"
    return "bare" if _BARE.fullmatch(value) else "other"


def _placeholder(form: str, value: str, number: int) -> str:
    if form == "account":
        return str(900_000_000_000 + number)
    if form == "email":
        return f"redacted{number}@example.invalid"
    if form == "bare":
        word = "redacted" if len(value) > SHORT else "r"
        return word + str(number).zfill(len(value) - len(word))
    like_id = _ID.fullmatch(value) and not value.startswith("redacted-")
    return _in_shape(value, number) if like_id else f"redacted-{number}"


def _in_shape(value: str, number: int) -> str:
    """Return an id of the same form, with its digits and letters replaced and all else where it was.

    What is odd about it, such as a dash, may be what a target is failed for.
    """
    figures = [*str(number)]
    places = [place for place, each in enumerate(value) if each.isalnum()][-len(figures) :]
    if len(places) < len(figures) or len(value) <= len(figures):
        return f"redacted-{number}"
    blank = ["0" if each.isdigit() else "x" if each.isalnum() else each for each in value]
    for place, figure in zip(places, figures, strict=True):
        blank[place] = figure
    return "".join(blank)


def _words(texts: Iterable[bytes]) -> set[bytes]:
    """Return the words that a placeholder could be taken for."""
    return {word for text in texts for pattern in (_WORD, _PART) for word in pattern.findall(text)}


def _texts(run: Run) -> Iterator[bytes]:
    for transcript in run.transcripts:
        yield from map(encoded, transcript.accounts.values())
        yield encoded(transcript.organization or "")
        for exchange in transcript.exchanges:
            yield exchange.request.body
            yield exchange.response.body if exchange.response else b""
