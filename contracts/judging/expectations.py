"""Comparisons of an answer with what the contract promises. A difference is raised as a :class:`Deviation`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contracts.judging import busy
from contracts.judging.absence import REJECTED_KEYS, absence
from contracts.judging.exchange import objects
from contracts.judging.judge import Blocked, Deviation, NotApplicable, handshake_in
from contracts.judging.summary import answer_summary, body_kind, call_summary
from contracts.model.shapes import Mismatch, shorten
from contracts.transitions import pending

if TYPE_CHECKING:
    from collections.abc import Collection

    from contracts.judging.exchange import Exchange
    from contracts.judging.judge import Evidence

MOST_CHARACTERS = 600
NO_REFUSALS = REJECTED_KEYS | busy.THROTTLING_CODES | busy.FAILURE_CODES | {busy.CONFLICT}
"""Errors that don't refuse a call for what it asks: made another time, or with other keys, it could succeed."""


def expect(held: bool, *, expected: str, actual: str) -> None:
    """Raise :class:`Deviation` unless the condition holds. Not an ``assert``, which ``python -O`` leaves out."""
    if not held:
        raise Deviation(expected=expected, actual=actual)


def expect_equal(actual: Any, expected: Any, what: str) -> None:
    """Expect the value to equal another; ``what`` names it in the message."""
    expect(actual == expected, expected=f"{what} {expected!r}", actual=f"{what} {actual!r}")


def expect_no_mismatch(mismatches: Collection[Mismatch], expected: str) -> None:
    """Expect the document to differ nowhere from its schema."""
    actual = shorten("; ".join(str(each) for each in mismatches), MOST_CHARACTERS)
    expect(not mismatches, expected=expected, actual=actual)


def expect_readable(answer: Exchange) -> None:
    """Expect the body to be a JSON object with members: what can't be read is an instance of nothing."""
    expect(bool(answer.readable), expected="a JSON object", actual=f"HTTP {answer.status}, {body_kind(answer)}")


def expect_refused(answer: Exchange, codes: Collection[str]) -> None:
    """Expect the call to be refused with one of these error codes, as an SDK reads them."""
    refused = answer.status is not None and answer.status >= 400
    expect(
        refused and answer.code in codes,
        expected=f"an error, {' or '.join(sorted(codes))}",
        actual=answer_summary(answer),
    )


def expect_turned_down(answer: Exchange) -> None:
    """Expect a client error for what the call asks: no throttling, no signature error, no fault of the service."""
    client_error = answer.status is not None and 400 <= answer.status < 500 and not busy.is_throttling(answer)
    meant = answer.code is not None and answer.code not in NO_REFUSALS and absence(answer) is None
    expect(
        client_error and meant, expected="an error that turns the call down (HTTP 400)", actual=answer_summary(answer)
    )


def require_wire(answer: Exchange) -> None:
    """Raise :class:`NotApplicable` where nothing is known of the answer but what an SDK returned of it."""
    if answer.response is not None and answer.response.parsed:
        raise NotApplicable("what an SDK returned doesn't show what was on the wire")


def expect_same_handshake(actual: dict[str, Any], expected: dict[str, Any], *, but: Collection[str] = ()) -> None:
    """Expect the handshakes to agree in every member but those in ``but``. Lists are compared as sets."""
    differing = sorted(
        name
        for name in actual.keys() | expected.keys()
        if name not in but
        and actual.get(name) != expected.get(name)  # else there is nothing to put in order, which takes long
        and unordered(actual.get(name)) != unordered(expected.get(name))
    )
    expect(
        not differing,
        expected="; ".join(f"{name} {unordered(expected.get(name, 'absent'))!r}" for name in differing),
        actual="; ".join(f"{name} {unordered(actual.get(name, 'absent'))!r}" for name in differing),
    )


def expect_new_handshake(answer: Exchange, other: str) -> None:
    """Expect a pending handshake that isn't the one of the other id."""
    expect(answer.handshake is not None, expected="HTTP 200 and a new handshake", actual=answer_summary(answer))
    shown = handshake_in(answer)
    fresh, state = shown.get("Id"), shown.get("State")
    is_new = isinstance(fresh, str) and fresh != other and state in pending()
    expected = f"an Id other than {other}, State {' or '.join(pending())}"
    expect(is_new, expected=expected, actual=f"Id {fresh!r}, State {state!r}")


def expect_not_joined(answer: Exchange, evidence: Evidence) -> None:
    """Expect the list of the organization's accounts that ends in the answer to be without the invited account.

    Raises :class:`Blocked` for a list that doesn't show every account, and so not even the sender's.
    """
    party = evidence["invite"].sent["Target"]
    if party["Type"] != "ACCOUNT":
        raise NotApplicable("the party was invited by email, which doesn't show whether it is a member already")
    invited, pages = party["Id"], evidence.pages(answer.step)
    accounts = [each.get("Id") for page in pages for each in objects(page.readable.get("Accounts"))]
    expect(invited not in accounts, expected=f"accounts without {invited}", actual=f"accounts {accounts}")
    answered = all(page.status == 200 for page in pages) and not answer.readable.get("NextToken")
    if not answered or evidence.account("sender") not in accounts:
        raise Blocked(f"{call_summary(answer)}, and no list of every account", answer.id)


def entries(page: Exchange, member: str = "Handshakes") -> list[dict[str, Any]]:
    """Return the entries of the page. Raises :class:`Deviation` if it is no page of a list."""
    listed = page.readable.get(member) if page.status == 200 else None
    expect(isinstance(listed, list), expected=f"HTTP 200 and a list of {member}", actual=answer_summary(page))
    return objects(listed)


def listed(answer: Exchange, evidence: Evidence, wanted: str, member: str = "Handshakes") -> list[dict[str, Any]]:
    """Return the entries of this id in the list whose last page the answer is."""
    return [each for page in evidence.pages(answer.step) for each in entries(page, member) if each.get("Id") == wanted]


def require_whole(last: Exchange) -> None:
    """Require that the list was read to its end: whatever isn't on the pages read may stand on the next one."""
    if last.readable.get("NextToken"):
        raise Blocked(f"{last.operation} has more pages than were read", last.id)


def shown_in(answer: Exchange, evidence: Evidence, wanted: str) -> dict[str, Any]:
    """Return the handshake of this id, from the answer that describes it or from the list that ends in the answer."""
    if answer.operation == "DescribeHandshake":
        expect(answer.handshake is not None, expected="HTTP 200 and the handshake", actual=answer_summary(answer))
        return handshake_in(answer)
    found = listed(answer, evidence, wanted)
    if not found:
        require_whole(answer)
    expect(len(found) == 1, expected=f"{wanted} once in the list", actual=f"{len(found)} times")
    return found[0]


def unordered(value: Any) -> Any:
    """Return the value with every list in one canonical order: the service gives parties in varying order."""
    if isinstance(value, dict):
        return {name: unordered(member) for name, member in value.items()}
    if isinstance(value, list):
        return sorted((unordered(item) for item in value), key=_type_and_text)
    return value


def _type_and_text(item: Any) -> tuple[str, str]:
    """Return what entries are put in order by: their types first, for their ids differ from run to run."""
    return str(item.get("Type")) if isinstance(item, dict) else "", json.dumps(item, sort_keys=True)
