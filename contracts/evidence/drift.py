"""What drifted between two recordings, clause by clause, the wording of messages apart from the meaning of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.clauses import contract
from contracts.evidence import outline
from contracts.evidence.judged import is_judged
from contracts.judging.racing.steps import is_raced
from contracts.recordings import transcripts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.judging.exchange import Exchange, Transcript
    from contracts.recordings import Recording

WORDING = "errors.message-text"
"""The clause that judges how messages are worded. No other does."""
UNSEEN = "input.Tags"
"""What is asked for and shows in no answer: tags never stand in a handshake."""


@dataclass(frozen=True)
class Difference:
    """What an answer had at a place in the old recording and has in the new one."""

    step: str
    place: str
    old: str
    new: str


@dataclass(frozen=True)
class Drift:
    """Two recordings compared.

    ``meaning`` and ``wording`` are the differences of each clause, by its id, and those that no clause judges under an
    empty id. ``shared`` are the steps (``scenario/step``) of both recordings, ``gone`` and ``added`` those of one only.
    ``unlike`` are the scenarios that asked for something else in each, whose bodies can't be compared, with the reason.
    """

    meaning: Mapping[str, tuple[Difference, ...]]
    wording: Mapping[str, tuple[Difference, ...]]
    shared: tuple[str, ...]
    gone: tuple[str, ...]
    added: tuple[str, ...]
    unlike: Mapping[str, str]
    uncompared: tuple[str, ...]
    """The clauses that judge no step of both recordings, or only calls at once."""


def compare(old: Recording, new: Recording) -> Drift:
    """Return what drifted from the old recording to the new one."""
    before, after = _exchanges(transcripts(old)), _exchanges(transcripts(new))
    shared = [step for step in before if step in after]
    unlike = _unlike(before, after, shared)
    meaning: dict[str, list[Difference]] = {}
    wording: dict[str, list[Difference]] = {}
    compared: set[str] = set()
    for step in shared:
        one, other = before[step], after[step]
        judges = [
            each.id for each in contract().clauses if is_judged(each.judges, one) or is_judged(each.judges, other)
        ]
        compared |= {*judges}
        for each in _differences(one, other, bodies=one.situation not in unlike):
            for clause in [name for name in judges if name != WORDING] or [""]:
                meaning.setdefault(clause, []).append(each)
        if one.message != other.message and one.message is not None and other.message is not None:
            reworded = Difference(step, "message", one.message, other.message)
            wording.setdefault(WORDING if WORDING in judges else "", []).append(reworded)
    return Drift(
        meaning={clause: tuple(found) for clause, found in meaning.items()},
        wording={clause: tuple(found) for clause, found in wording.items()},
        shared=tuple(shared),
        gone=tuple(step for step in before if step not in after),
        added=tuple(step for step in after if step not in before),
        unlike=unlike,
        uncompared=tuple(clause.id for clause in contract().clauses if clause.id not in compared),
    )


def _exchanges(recorded: Mapping[str, Transcript]) -> dict[str, Exchange]:
    """Return the exchanges by their ids, but for those of races: which of two calls comes first is left to chance."""
    exchanges = (each for transcript in recorded.values() for each in transcript.exchanges)
    return {each.id: each for each in exchanges if not is_raced(each.scenario)}


def _unlike(before: Mapping[str, Exchange], after: Mapping[str, Exchange], shared: list[str]) -> dict[str, str]:
    """Return the scenarios of which a call asks for something else in the two recordings, with the first such call."""
    unlike: dict[str, str] = {}
    for step in shared:
        changes = _changes(step, outline.asked(before[step]), outline.asked(after[step]))
        if told := [f"{each.place} {each.old} -> {each.new}" for each in changes if not each.place.startswith(UNSEEN)]:
            unlike.setdefault(before[step].situation, f"{step} asks for {', '.join(told)}")
    return unlike


def _differences(old: Exchange, new: Exchange, *, bodies: bool) -> Iterator[Difference]:
    one, other = outline.head(old), outline.head(new)
    known = one.keys() & other.keys()
    yield from _changes(old.id, {key: one[key] for key in one if key in known}, {key: other[key] for key in known})
    if (one["status"], one["code"]) == (other["status"], other["code"]) and bodies:
        yield from _changes(old.id, outline.body(old), outline.body(new))
    missing = [each.message is None for each in (old, new)]
    if missing[0] is not missing[1] and one["code"] == other["code"] != "none":
        yield Difference(old.id, "message", *("none" if absent else "a text" for absent in missing))


def _changes(step: str, old: outline.Outline, new: outline.Outline) -> Iterator[Difference]:
    for place in dict.fromkeys([*old, *new]):
        if old.get(place) != new.get(place):
            yield Difference(step, place, old.get(place, "absent"), new.get(place, "absent"))
