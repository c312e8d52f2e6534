"""Clauses on one handshake seen from every side: by sender and recipient, by itself and in lists, before and after."""

from __future__ import annotations

from collections import Counter
from typing import Any

from contracts.judging.exchange import Exchange, objects
from contracts.judging.expectations import (
    entries,
    expect,
    expect_equal,
    expect_same_handshake,
    expect_turned_down,
    require_whole,
)
from contracts.judging.judge import Blocked, Evidence, handshake_in
from contracts.judging.summary import answer_summary, call_summary
from contracts.transitions import pending

STATE = {"State"}  # which the clauses of the aftermath judge
_FREE_AFTER_ANSWER = {"Parties", "Resources"}  # a refused AcceptHandshake was recorded to change them


def test_sender_before(answer: Exchange, evidence: Evidence) -> None:
    _expect_as_invited(_described(answer), evidence)


def test_recipient_before(answer: Exchange, evidence: Evidence) -> None:
    _expect_as_invited(_described(answer), evidence)


def test_organization_list_before(answer: Exchange, evidence: Evidence) -> None:
    _expect_as_invited(_only_entry(answer, _invited(evidence)), evidence)


def test_account_list_before(answer: Exchange, evidence: Evidence) -> None:
    _expect_as_invited(_only_entry(answer, _invited(evidence)), evidence)


def test_sender_after(answer: Exchange, evidence: Evidence) -> None:
    expect_same_handshake(handshake_in(answer), handshake_in(evidence["cancel"]), but=STATE)


def test_recipient_after(answer: Exchange, evidence: Evidence) -> None:
    expect_same_handshake(handshake_in(answer), handshake_in(evidence["cancel"]), but=STATE)


def test_organization_list_after(answer: Exchange, evidence: Evidence) -> None:
    _expect_listed_as_canceled(answer, evidence)


def test_account_list_after(answer: Exchange, evidence: Evidence) -> None:
    _expect_listed_as_canceled(answer, evidence)


def test_recipient_after_attempts(answer: Exchange, evidence: Evidence) -> None:
    before = handshake_in(evidence["recipient-after"])
    expect_same_handshake(handshake_in(answer), before, but=_FREE_AFTER_ANSWER)


def test_organization_list_of_invitations(answer: Exchange, evidence: Evidence) -> None:
    _expect_in_filtered_list(answer, evidence)


def test_account_list_of_invitations(answer: Exchange, evidence: Evidence) -> None:
    _expect_in_filtered_list(answer, evidence)


def test_organization_list_of_others(answer: Exchange, evidence: Evidence) -> None:
    _expect_not_in_list(answer, evidence)


def test_account_list_of_others(answer: Exchange, evidence: Evidence) -> None:
    _expect_not_in_list(answer, evidence)


def test_sender_account_list(answer: Exchange, evidence: Evidence) -> None:
    if not answer.refused:  # it received nothing, so that it needs no list
        _expect_not_in_list(answer, evidence)


def test_organization_list_paged(answer: Exchange, evidence: Evidence) -> None:
    _expect_once_page_by_page(answer, evidence)


def test_account_list_paged(answer: Exchange, evidence: Evidence) -> None:
    _expect_once_page_by_page(answer, evidence)


def test_last_page(answer: Exchange) -> None:
    if answer.status != 200:
        raise Blocked(f"{call_summary(answer)}, so there is no page to judge", answer.id)
    token = answer.readable.get("NextToken", "absent")
    is_token = isinstance(token, str) and token != ""
    expect(is_token, expected="no NextToken on the last page", actual=f"NextToken {token!r}")
    require_whole(answer)


def test_list_unchanged_after_refusal(answer: Exchange, evidence: Evidence) -> None:
    attempt = evidence["recipient-open"]
    before = evidence.read_before(attempt)
    if not attempt.refused or before.get("State") not in pending():
        raise Blocked(f"{call_summary(attempt)}, so no cancellation was refused", attempt.id)
    expect_same_handshake(_only_entry(answer, _invited(evidence)), before)


def test_stranger_reads(answer: Exchange) -> None:
    expect_turned_down(answer)


def test_stranger_lists(answer: Exchange, evidence: Evidence) -> None:
    if not answer.refused:  # an account outside of every organization may have no list
        _expect_not_in_list(answer, evidence)


def test_denial_tells_nothing(answer: Exchange, evidence: Evidence) -> None:
    if answer.response is None or not answer.refused:
        raise Blocked(f"{call_summary(answer)}, which is no refusal", answer.id)
    text = answer.response.body.decode("utf-8", "replace")
    parties = {
        "the invited party": str(evidence["invite"].sent["Target"]["Id"]),
        "the organization": evidence.organization.removeprefix("o-"),
    }
    told = " and ".join(name for name, identifier in parties.items() if identifier in text)
    expect(not told, expected="an error that names neither party", actual=f"{answer_summary(answer)} naming {told}")


def _invited(evidence: Evidence) -> str:
    """Return the id of the scenario's handshake."""
    return str(handshake_in(evidence["invite"]).get("Id"))


def _described(answer: Exchange) -> dict[str, Any]:
    expect(answer.handshake is not None, expected="HTTP 200 and the handshake", actual=answer_summary(answer))
    return handshake_in(answer)


def _expect_as_invited(shown: dict[str, Any], evidence: Evidence) -> None:
    state = shown.get("State")
    expect(state in pending(), expected=f"State {' or '.join(pending())}", actual=f"State {state!r}")
    expect_same_handshake(shown, handshake_in(evidence["invite"]), but=STATE)


def _expect_listed_as_canceled(answer: Exchange, evidence: Evidence) -> None:
    canceled = handshake_in(evidence["cancel"])
    listed = answer.readable.get("Handshakes") if answer.status == 200 else None
    entry = next((each for each in objects(listed) if each.get("Id") == _canceled(evidence)), None)
    if entry is None:
        raise Blocked(f"{call_summary(answer)}, and the handshake isn't listed", answer.id)
    expect_same_handshake(entry, canceled, but=STATE)


def _expect_in_filtered_list(answer: Exchange, evidence: Evidence) -> None:
    canceled = handshake_in(evidence["cancel"])
    expect_same_handshake(_only_entry(answer, _canceled(evidence)), canceled)


def _expect_once_page_by_page(answer: Exchange, evidence: Evidence) -> None:
    pages = evidence.pages(answer.step)
    for page in pages:
        most, shown = answer.sent.get("MaxResults", 0), len(entries(page))
        expect(shown <= most, expected=f"no more than {most} entries on a page", actual=f"{shown} in {page.id}")
    tokens = [page.readable.get("NextToken") for page in pages]
    given = Counter(token for token in tokens if isinstance(token, str) and token)
    again = [token for token, times in given.items() if times > 1]
    expect(not again, expected="another NextToken on each page", actual=f"{again} given again")
    wanted = _canceled(evidence)
    found = [each.get("Id") for page in pages for each in entries(page)].count(wanted)
    times = f"{wanted} once on {len(pages)} pages"
    expect(found <= 1, expected=times, actual=f"{found} times")
    if found == 0:
        require_whole(answer)
    expect_equal(found, 1, f"entries of {wanted} on {len(pages)} pages:")


def _canceled(evidence: Evidence) -> str:
    """Return the id of the handshake that was to be canceled."""
    return str(evidence["cancel"].sent.get("HandshakeId"))


def _only_entry(answer: Exchange, wanted: str) -> dict[str, Any]:
    """Return the entry of this id on the page. Raises :class:`Deviation` unless there is exactly one."""
    found = [each for each in entries(answer) if each.get("Id") == wanted]
    expect(len(found) == 1, expected=f"{wanted} once in the list", actual=f"{len(found)} times")
    return found[0]


def _expect_not_in_list(answer: Exchange, evidence: Evidence) -> None:
    unwanted = _invited(evidence)
    shown = [entry for page in evidence.pages(answer.step) for entry in entries(page)]
    found = [each.get("Id") for each in shown].count(unwanted)
    expect(found == 0, expected=f"a list without {unwanted}", actual=f"{found} entries of it")
    require_whole(answer)
