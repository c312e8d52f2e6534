"""What a failed check came to see, in a form that is the same in every run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from contracts.judging.exchange import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contracts.judging.verdict import Verdict

_EXAMPLE = re.compile(r"@example\.(com|net|org|test)$", re.IGNORECASE)
_RANDOM = re.compile(r"[0-9a-f]{8,}")


def _address(found: re.Match[str]) -> str:
    """Return what is written for an address: how the suite's own are spelt may be what is wrong."""
    return _RANDOM.sub("HEX", found[0]) if _EXAMPLE.search(found[0]) else "ADDRESS"


# What differs from run to run, and what is written in its place. The order matters: the longer forms come first.
# None begins to look in the middle of what it has seen from its beginning: a long text would take minutes.
_VARYING: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "UUID"),
    (re.compile(r"(?<![\w.+-])[\w.+-]+@[\w.-]+\w"), _address),
    (re.compile(r"\bCancelHandshake conformance [0-9a-f]+"), "CancelHandshake conformance RUN"),
    (re.compile(r"\b[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT"), "DATE"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)?"), "DATE"),
    (re.compile(r"\b(?=[0-9a-z]{16,}+\b)(?=[0-9a-z]*?(?:\d[a-z]|[a-z]\d))[0-9a-z]++"), "ID"),
    (re.compile(r"127\.0\.0\.1(:\d+)?|localhost:\d+"), "HOST"),
    (re.compile(r"\[ *=+ *\]"), "SPAN"),  # how long a call of a race took, drawn
    (re.compile(r"\bround[ -]\d+\b"), "ROUND"),
    (re.compile(r"(?:[+-]|(?<!\d))\d+\.\d+(?:[eE][+-]?\d+)?"), "NUMBER"),
    (re.compile(r"[+-]?\d{5,}"), "NUMBER"),
)


@dataclass(frozen=True)
class Observation:
    """What a check came to see: the HTTP status (0: no answer), the error code, and the text of what was wrong.

    Ids, accounts, addresses, times and the like are masked in the text, so that it is the same in every run.
    """

    status: int
    code: str
    actual: str

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits by which observations can be compared without the texts."""
        return sha256(f"{self.status} {self.code} {self.actual}".encode("utf-8", "backslashreplace")).hexdigest()[:8]


def observe(verdict: Verdict, transcripts: Iterable[Transcript], conceal: Callable[[str], str] = str) -> Observation:
    """Return what the failed or blocked check came to see, with everything masked that differs from run to run.

    ``conceal`` takes the credentials of the run's callers out of a text.
    """
    judged = verdict.exchanges[0] if verdict.exchanges else ""
    scenario, _, step = judged.rpartition("/")
    transcript = next((each for each in transcripts if each.scenario == scenario), Transcript(scenario, ()))
    answer = transcript.find(step)
    status, code = (answer.status, answer.code) if answer else (None, None)
    shown = masked(conceal(verdict.actual or verdict.because), transcript)
    return Observation(status or 0, _writable(conceal(code or "")), shown)


def masked(text: str, transcript: Transcript) -> str:
    """Return the text with ids, accounts, addresses, times and other varying values replaced by their kinds."""
    for value, kind in sorted(_values(transcript).items(), key=lambda each: -len(each[0])):
        text = text.replace(value, kind)
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return _writable(text)


def _writable(text: str) -> str:
    """Return the text with half surrogate pairs escaped: a file of deviations can't hold them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _values(transcript: Transcript) -> dict[str, str]:
    """Return the values of this run with their kinds, none of them so short that it could stand in other words."""
    values = {account: str(actor).upper() for actor, account in transcript.accounts.items()}
    for exchange in transcript.exchanges:
        for handshake in (exchange.handshake_id, exchange.sent.get("HandshakeId")):
            if isinstance(handshake, str):
                values[handshake] = "HANDSHAKE"
        party = exchange.sent.get("Target")
        if isinstance(party, dict) and isinstance(party.get("Id"), str):
            values.setdefault(party["Id"], "PARTY")
    if transcript.organization is not None:
        values |= {transcript.organization: "ORGANIZATION", transcript.organization.removeprefix("o-"): "ORG"}
    return {value: kind for value, kind in values.items() if len(value) >= 8}
