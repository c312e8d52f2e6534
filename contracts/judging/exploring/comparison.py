"""The comparison of a target's answers with the reference's, as far as something is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.judging.busy import is_busy
from contracts.judging.exchange import objects
from contracts.judging.exploring.known import JOINED, NOT_JOINED, Known, known_of_entry
from contracts.judging.exploring.memory import WITHOUT
from contracts.judging.exploring.moves import ACCOUNTS, LISTS, SENT, Move, Situation
from contracts.judging.summary import answer_summary
from contracts.model.operation import INVITE
from contracts.transitions import UNRELATED, pending

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contracts.judging.exchange import Exchange
    from contracts.judging.exploring.memory import Memory


@dataclass(frozen=True)
class Difference:
    """One respect in which an answer of the target's isn't what it has to be.

    ``about`` is what differs: a member, the code, the entry of a list. ``known`` is what makes it a difference.
    """

    about: str
    expected: str
    actual: str
    known: Known


@dataclass(frozen=True)
class Side:
    """What one side answered to a move, page by page, and what it has shown before."""

    answers: Sequence[Exchange]
    memory: Memory

    @property
    def last(self) -> Exchange:
        """The last answer."""
        return self.answers[-1]

    def entries(self, member: str) -> list[dict[str, Any]]:
        """Return the entries on all pages."""
        return [entry for page in self.answers for entry in objects(page.readable.get(member))]


def differences(
    move: Move, known: Known, reference: Side, target: Side, situations: Mapping[int, Situation]
) -> tuple[Difference, ...]:
    """Return how the target's answer to a move differs from the reference's, where something is known of it.

    ``situations`` says of each invitation what the caller is to it, and its state.
    """
    beyond = move.operation == INVITE and not known.refused and target.last.code in UNRELATED
    if known.refused is None or is_busy(target.last) or target.last.lost or beyond:
        return ()
    outcome = _of_outcome(known, reference.last, target.last)
    if outcome or known.refused:
        return outcome
    if move.operation in LISTS:
        return tuple(_of_list(move, reference, target, situations))
    if move.operation == ACCOUNTS:
        return _of_accounts(reference, target)
    if move.operation == INVITE:
        return tuple(_of_invitation(known, reference, target))
    return tuple(_of_handshake(move, known, reference, target)) if move.handshake is not None else ()


def _of_outcome(known: Known, reference: Exchange, target: Exchange) -> tuple[Difference, ...]:
    """Return the difference between being refused, with one of the known errors, and being carried out."""
    shown = answer_summary(target)
    if target.response is None:
        return (Difference("answer", answer_summary(reference), shown, known),)
    if target.refused != known.refused:
        expected = answer_summary(reference) if not known.refused or known.codes else "a refusal"
        return (Difference("outcome", expected, shown, known),)
    if known.refused and known.codes and target.code not in known.codes:
        return (Difference("code", " or ".join(known.codes), shown, known),)
    if not known.refused and target.status != 200:
        return (Difference("status", "HTTP 200", shown, known),)
    return ()


def _of_invitation(known: Known, reference: Side, target: Side) -> Iterator[Difference]:
    """Yield the differences between two new handshakes."""
    expected = reference.memory.named(reference.last.handshake or {})
    actual = target.memory.named(target.last.handshake or {})
    if not actual.get("Id"):
        yield Difference("handshake", "a handshake with an Id", answer_summary(target.last), known)
        return
    for name in dict.fromkeys([*expected, *actual]):
        if expected.get(name) != actual.get(name) and name in _CLAUSES:
            lesser = _is_lesser(name, expected.get(name), actual.get(name))
            facts = Known(refused=False, clauses=_LESSER[name] if lesser else _CLAUSES[name])
            about = f"{name} (recommended)" if lesser else name
            yield Difference(about, _text(expected, name), _text(actual, name), facts)


def _is_lesser(name: str, expected: Any, actual: Any) -> bool:
    """Return whether two values differ only in what is recommended: another pending state, an id with its beginning."""
    if name == "State":
        return _is_same_state(expected, actual)
    return name == "Parties" and str(expected).replace(WITHOUT, "") == str(actual).replace(WITHOUT, "")


def _is_same_state(expected: Any, actual: Any) -> bool:
    """Return whether the states are the same, as far as that is required: documents disagree on the pending one."""
    return expected == actual or (expected in pending() and actual in pending())


_CLAUSES = {
    "Arn": ("response.arn",),
    "Parties": ("response.parties",),
    "State": ("transitions.fresh-open",),
    "ExpirationTimestamp": ("response.expiry",),
    "Action": ("response.action",),
    "Resources": ("response.organization-resource", "response.invited-resource", "response.notes-given"),
}
"""The clauses on each member of a new handshake."""

_LESSER = {"Parties": ("response.organization-party-bare",), "State": ("transitions.fresh-open-observed",)}
"""Those that recommend what the others don't require."""


def _text(handshake: Mapping[str, Any], name: str) -> str:
    return str(handshake.get(name, "missing"))


def _of_handshake(move: Move, known: Known, reference: Side, target: Side) -> Iterator[Difference]:
    """Yield the differences of the one handshake that an answer shows."""
    expected, actual = reference.last.handshake or {}, target.last.handshake
    if actual is None:
        yield Difference("handshake", answer_summary(reference.last), answer_summary(target.last), known)
        return
    if not _is_same_state(expected.get("State"), actual.get("State")):
        yield Difference("State", str(expected.get("State")), str(actual.get("State")), known)
    yield from _changed(int(move.handshake or 0), actual, target.memory, known)


def _changed(number: int, shown: Mapping[str, Any], memory: Memory, known: Known) -> Iterator[Difference]:
    """Yield a difference for each member that isn't as the answer to the invitation showed it."""
    facts = Known(refused=False, clauses=known.rest or known.clauses, pages=known.pages)
    for name, value in memory.changes(number, shown).items():
        yield Difference(name, "as the answer to the invitation showed it", value, facts)


def _of_list(move: Move, reference: Side, target: Side, situations: Mapping[int, Situation]) -> Iterator[Difference]:
    """Yield the differences of the entries of a list, and of its pages."""
    kind = "organization-list" if move.operation == SENT else "account-list"
    yield from _of_pages(move, target, kind)
    listed, shown = target.entries("Handshakes"), reference.entries("Handshakes")
    for number, situation in situations.items():
        belongs, known = known_of_entry(move, situation)
        if belongs is None or number not in target.memory.ids:
            continue
        entries = [each for each in listed if target.memory.number_of(each) == number]
        if len(entries) != int(belongs):
            times = {0: "not there", 1: "there"}.get(len(entries), f"there {len(entries)} times")
            name = f"the entry of handshake {number + 1}"
            yield Difference("entry", f"{name} {'there once' if belongs else 'not there'}", f"it is {times}", known)
            continue
        for entry in entries:
            expected = next((each for each in shown if reference.memory.number_of(each) == number), entry)
            if not _is_same_state(expected.get("State"), entry.get("State")):
                yield Difference("State", str(expected.get("State")), str(entry.get("State")), known)
            yield from _changed(number, entry, target.memory, known)


def _of_pages(move: Move, target: Side, kind: str) -> Iterator[Difference]:
    most = move.most
    paged = Known(refused=False, clauses=(f"views.{kind}-paged",))
    longest = max(len(objects(page.readable.get("Handshakes"))) for page in target.answers)
    if 0 < most < longest:
        yield Difference("page", f"at most {most} entries on a page", f"{longest} entries", paged)
    token = target.last.readable.get("NextToken", _NONE)
    if token is not _NONE:
        if isinstance(token, str) and token:
            yield Difference("pages", "an end of the list", f"none after {len(target.answers)} pages", paged)
        else:
            yield Difference(
                "NextToken", "none on the last page", repr(token), Known(refused=False, clauses=("views.last-page",))
            )


_NONE = object()


def _of_accounts(reference: Side, target: Side) -> tuple[Difference, ...]:
    """Return the difference between the callers who are members of the organization."""
    expected, actual = (
        side.memory.known(entry.get("Id") for entry in side.entries("Accounts")) for side in (reference, target)
    )
    if expected == actual:
        return ()
    facts = NOT_JOINED if actual - expected else JOINED
    return (Difference("members", ", ".join(sorted(expected)), ", ".join(sorted(actual)) or "nobody", facts),)


def strangers_in(move: Move, target: Side) -> tuple[Difference, ...]:
    """Return a difference if the list that a fresh account received shows handshakes that nobody sent to it."""
    unknown = [each for each in target.entries("Handshakes") if target.memory.number_of(each) is None]
    if move.operation == SENT or not unknown or target.last.refused:
        return ()
    facts = Known(refused=False, clauses=("views.stranger-lists",))
    return (Difference("stranger", "no handshake of others", f"{len(unknown)} of them", facts),)
