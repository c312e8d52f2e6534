"""Credentials are taken out of a text, however they are spelt there, and in parts of them too."""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from ahocorasick_rs import BytesAhoCorasick

from contracts.clauses import contract
from contracts.model.published import published_text
from contracts.printing.spellings import View, decoded, encoded, forms, views
from contracts.values import COMMAND, NOTES_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REMOVED = "REDACTED"
"""What stands for a credential in everything that is written."""

LEAST = 8
"""The length from which on a credential is looked for. Shorter ones are the made-up ones of emulators."""

_WINDOW = 10  # so much of a credential is never shown
_CHUNK = 16  # the same, in base64 and in hexadecimal digits
_MADE_UP = re.compile(r"[0-9]{12}(?:-[0-9]+)?")
_RUN = re.compile(rb"[A-Za-z0-9+/=_-]+")
_DIGITS = re.compile(rb"[0-9a-f]{32,}")
_HALF = 32
_URL = bytes.maketrans(b"+/", b"-_")
_OWN_NAMES = (COMMAND, "cancelhandshake-conformance", "handshake-conformance", "authorization", REMOVED, "<redacted>")
# Whatever looks like a credential, wherever it comes from: a presigned address, an answer that quotes the signature
# that it expected, or one that hands out keys.
_LOOKS_SECRET = re.compile(
    rb"(?P<signature>Signature=)[0-9A-Fa-f]+"
    rb"|(?P<scope>Credential=)[^/%\s,&\"'\\]+"
    rb"|(?P<token>(?i:security-token)[=:]\s*)[^\s,&\"'\\<]+"
    rb"|(?P<member>(?i:SecretAccessKey|SessionToken)(?:\\*\"\s*:\s*\\*\"|>))[^\"\\<]+"
    rb"|(?P<scheme>://)[^/@\s]+(?=@)"
    rb"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
)

Place = tuple[int, int]


class Concealer:
    """Finds credentials in the views of a text.

    ``credentials`` are found in any case, escaped, in base64 and in hexadecimal digits, and in parts: what is left of
    one that was torn apart is shorter than ten characters. ``signatures``, of 64 hexadecimal digits, of which a run
    has as many as calls, are found in any case, escaped, and in halves.
    """

    def __init__(self, credentials: Iterable[str] = (), signatures: Iterable[str] = ()) -> None:
        wanted = dict.fromkeys(each for each in credentials if is_credential(each))
        plain = dict.fromkeys(part for each in wanted for form in forms(each) for part in _windows(form.lower()))
        other = dict.fromkeys(part.lower() for each in wanted for part in _chunks(encoded(each)))
        self._plain = [part for part in plain if part not in _public()]
        self._other = [part for part in other if part not in plain]
        halves = (each[at : at + _HALF] for each in map(_folded, signatures) for at in (0, _HALF))
        self._halves = {half for half in halves if len(half) == _HALF}

    @cached_property
    def _automaton(self) -> BytesAhoCorasick | None:
        parts = [*self._plain, *self._other]
        return BytesAhoCorasick(parts) if parts else None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self._plain or self._other or self._halves)

    def places(self, view: View) -> Iterator[Place]:
        """Yield the places of credentials in the view, as places in the text as it stands. They may overlap."""
        text = view.text.lower()
        for begin, end in merged([*self._of_credentials(text), *self._of_signatures(text)]):
            yield view.original(begin, end)

    def conceal(self, text: str) -> str:
        """Return the text without the credentials."""
        raw = encoded(text)
        found = () if self.idle else (place for view in views(raw) for place in self.places(view))
        places = merged([*looking_secret(raw), *found])
        kept = [raw[end:begin] for (_, end), (begin, _) in pairwise([(0, 0), *places, (len(raw), 0)])]
        return decoded(REMOVED.encode().join(kept)) if places else text

    def _of_credentials(self, text: bytes) -> Iterator[Place]:
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True) if self._automaton else []
        yield from ((begin, end) for number, begin, end in hits if number < len(self._plain))
        if encodings := [begin for number, begin, _ in hits if number >= len(self._plain)]:
            runs = [match.span() for match in _RUN.finditer(text)]
            yield from {runs[bisect_right(runs, (begin, len(text))) - 1] for begin in encodings}

    def _of_signatures(self, text: bytes) -> Iterator[Place]:
        for run in _DIGITS.finditer(text) if self._halves else ():
            for begin in range(run.start(), run.end() - _HALF + 1):
                if text[begin : begin + _HALF] in self._halves:
                    yield begin, begin + _HALF


def looking_secret(text: bytes) -> list[Place]:
    """Return the places of what looks like a credential, whoever's it is."""
    matches = _LOOKS_SECRET.finditer(text)
    return [(match.end(match.lastgroup) if match.lastgroup else match.start(), match.end()) for match in matches]


class Secrets:
    """The credentials of a run's callers, as they come to be known. They stay in memory."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = dict.fromkeys(values)
        self._concealer = Concealer(self._values)

    def note(self, *values: str | None) -> None:
        """Add credentials, and leave out those that are None."""
        self._values |= dict.fromkeys(filter(None, values))
        self._concealer = Concealer(self._values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def conceal(self, text: str) -> str:
        """Return the text without the credentials."""
        return self._concealer.conceal(text)


def is_credential(value: str) -> bool:
    """Return whether the value is a credential that is looked for.

    Emulators take an access key id of 12 digits for the account's id, which it is elsewhere.
    """
    return len(value) >= LEAST and not _MADE_UP.fullmatch(value)


def merged(places: Iterable[Place]) -> list[Place]:
    """Return the places in order, those that overlap or touch as one."""
    joined: list[Place] = []
    for begin, end in sorted(places):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _windows(text: bytes) -> Iterator[bytes]:
    """Yield every part of the text that is as long as what is never shown of it, so that halves are found, too."""
    size = min(len(text), max(LEAST, min(_WINDOW, len(text) // 2)))
    yield from (text[at : at + size] for at in range(len(text) - size + 1))


def _chunks(secret: bytes) -> Iterator[bytes]:
    """Yield parts of the secret in base64, wherever it stands in what was encoded, and in hexadecimal digits."""
    for before, drop in enumerate((0, 2, 3)):  # so many digits hold bits of the bytes before it
        coded = b64encode(bytes(before) + secret)[drop : (before + len(secret)) * 4 // 3]
        for spelt in {coded, coded.translate(_URL), coded.replace(b"+", b" ")}:
            yield from _cut(spelt)
    yield from _cut(secret.hex().encode())


def _cut(text: bytes) -> Iterator[bytes]:
    size = max(LEAST, min(_CHUNK, len(text) // 2))
    yield from (text[at : at + size] for at in {*range(0, len(text) - size + 1, size), max(0, len(text) - size)})


def _folded(signature: str) -> bytes:
    return encoded(signature).lower()


@cache
def _public() -> bytes:
    """Return a text of what stands in every report: a part of a credential that is a part of it is not removed."""
    sentences = [each.sentence for each in contract().clauses]
    return encoded("\n".join([published_text(), *sentences, NOTES_MARK, *_OWN_NAMES])).lower()
