"""Whether what a check came to see is what an entry has on file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.deviations.entries import Observation
from contracts.judging.exchange import Transcript
from contracts.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from contracts.deviations.entries import Deviation
    from contracts.judging.verdict import Verdict

SOON = timedelta(days=14)
"""How long before its end a deviation is announced to end."""

# What differs from run to run, and what is written in its place. The order matters: the longer forms come first.
_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "UUID"),
    (re.compile(r"[\w.+-]+@[\w.-]+\w"), "ADDRESS"),
    (re.compile(r"\bCancelHandshake conformance [0-9a-f]+"), "CancelHandshake conformance RUN"),
    (re.compile(r"\b[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT"), "DATE"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)?"), "DATE"),
    (re.compile(r"\b[0-9a-z]*(?:\d[a-z]|[a-z]\d)[0-9a-z]*(?<=[0-9a-z]{16})\b"), "ID"),
    (re.compile(r"127\.0\.0\.1(:\d+)?|localhost:\d+"), "HOST"),
    (re.compile(r"[+-]?\d+\.\d+(?:[eE][+-]?\d+)?"), "NUMBER"),
    (re.compile(r"[+-]?\d{5,}"), "NUMBER"),
)


@dataclass(frozen=True)
class Filed:
    """An entry with its state after a run: ``known``, ``mended``, ``changed``, ``expired`` or ``not judged``."""

    entry: Deviation
    state: str


def observe(verdict: Verdict, transcripts: Iterable[Transcript]) -> Observation:
    """Return what the failed check came to see, with everything masked that differs from run to run."""
    judged = verdict.exchanges[0] if verdict.exchanges else ""
    scenario, _, step = judged.rpartition("/")
    transcript = next((each for each in transcripts if each.scenario == scenario), Transcript(scenario, ()))
    answer = transcript.find(step)
    status, code = (answer.status, answer.code) if answer else (None, None)
    return Observation(status or 0, code or "", masked(verdict.actual, transcript))


def masked(text: str, transcript: Transcript) -> str:
    """Return the text with ids, accounts, addresses, times and other varying values replaced by their kinds."""
    for value, kind in sorted(_values(transcript).items(), key=lambda each: -len(each[0])):
        text = text.replace(value, kind)
    for pattern, kind in _VARYING:
        text = pattern.sub(kind, text)
    return text


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


def on_file(verdict: Verdict, observed: Observation, entries: Iterable[Deviation]) -> Verdict:
    """Return the verdict with the entries applied: a failed check is known if one has on file what it came to see."""
    if verdict.outcome is not Outcome.FAILED:
        return verdict
    covering = [entry for entry in entries if entry.covers(verdict.clause, verdict.case)]
    for entry in covering:
        if entry.observed == observed:
            return replace(verdict, outcome=Outcome.KNOWN, because=entry.reason, deviation=entry.place)
    if not covering:
        return verdict
    return replace(verdict, because=f"not as on file, in {covering[0].place}: {_told(covering[0].observed)}")


def _told(observed: Observation) -> str:
    answer = f"HTTP {observed.status} {observed.code}".rstrip() if observed.status else "no answer"
    return f"{answer}, {observed.actual}"


def filed(entries: Iterable[Deviation], verdicts: Iterable[Verdict], today: date) -> tuple[Filed, ...]:
    """Return every entry with its state after these verdicts, on this day."""
    judged = [*verdicts]
    return tuple(Filed(entry, _state(entry, judged, today)) for entry in entries)


def _state(entry: Deviation, verdicts: Iterable[Verdict], today: date) -> str:
    covered = [each for each in verdicts if entry.covers(each.clause, each.case)]
    outcomes = {each.outcome for each in covered}
    if entry.until < today:
        return "expired"
    if any(each.deviation == entry.place for each in covered):
        return "known"
    if Outcome.FAILED in outcomes:
        return "changed"
    return "mended" if outcomes & {Outcome.PASSED, Outcome.KNOWN} else "not judged"


_REMEDIES = {"mended": "mended: remove it", "changed": "another wrong answer now", "expired": "past its date"}


def outdated(entries: Iterable[Filed]) -> tuple[str, ...]:
    """Return for each entry that has to be changed which it is and why, in a few words."""
    return tuple(
        f"{each.entry.place}, {each.entry.clause} ({_REMEDIES[each.state]})"
        for each in entries
        if each.state in _REMEDIES
    )


def ending(entries: Iterable[Filed], today: date) -> str:
    """Return how many of the known deviations end soon, and nothing if none does."""
    soon = [each for each in entries if each.state == "known" and each.entry.until - today <= SOON]
    return f"{len(soon)} end{'s' * (len(soon) == 1)} within {SOON.days} days" if soon else ""
