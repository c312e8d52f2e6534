"""Clauses on handshakes that are no invitations: those that enable all features, and those of transfers."""

from __future__ import annotations

import re
from typing import Any

from contracts.actions import outcome
from contracts.judging.exchange import Exchange, objects
from contracts.judging.expectations import (
    entries,
    expect,
    expect_equal,
    expect_new_handshake,
    expect_refused,
    expect_same_handshake,
    expect_turned_down,
    listed,
    require_whole,
    shown_in,
)
from contracts.judging.judge import Blocked, Evidence, NotApplicable, handshake_in
from contracts.judging.summary import answer_summary, call_summary
from contracts.model.operation import ENABLE
from contracts.transitions import pending
from contracts.vocabulary import Actor

ENABLING, APPROVING, TRANSFERRING = "ENABLE_ALL_FEATURES", "APPROVE_ALL_FEATURES", "TRANSFER_RESPONSIBILITY"
CANCELED, REQUESTED = "CANCELED", "REQUESTED"
LIFETIME_SECONDS, TOLERANCE_SECONDS = 90 * 24 * 60 * 60, 5
TRANSFER_RESOURCES = {
    "RESPONSIBILITY_TRANSFER",
    "TRANSFER_START_TIMESTAMP",
    "TRANSFER_TYPE",
    "MANAGEMENT_ACCOUNT",
    "MANAGEMENT_EMAIL",
    "MANAGEMENT_NAME",
}
_STATE = {"State"}
_ARN = re.compile(r"arn:aws(-[a-z]+)*:organizations::[0-9]{12}:handshake/(?P<rest>.*)", re.DOTALL)


def test_transfer_canceled(answer: Exchange) -> None:
    _expect_canceled(answer)


def test_transfer_canceled_everywhere(answer: Exchange, evidence: Evidence) -> None:
    _expect_shown_as_canceled(answer, evidence)


def test_transfer_status(answer: Exchange, evidence: Evidence) -> None:
    _require_canceled(evidence)
    found = listed(answer, evidence, _transfer_id(evidence), "ResponsibilityTransfers")
    if not found:
        require_whole(answer)
    expect_equal([each.get("Status") for each in found], [CANCELED], "Status of the transfer in the list")


def test_transfer_requested(answer: Exchange) -> None:
    expect_equal(handshake_in(answer).get("State"), REQUESTED, "State")


def test_another_transfer(answer: Exchange, evidence: Evidence) -> None:
    _require_canceled(evidence)
    expect_new_handshake(answer, str(handshake_in(evidence["invite"]).get("Id")))


def test_transfer_principal(answer: Exchange) -> None:
    _expect_canceled(answer)


def test_transfer_resources(answer: Exchange) -> None:
    missing = TRANSFER_RESOURCES - set(_resource_types(handshake_in(answer)))
    wanted = ", ".join(sorted(TRANSFER_RESOURCES))
    expect(not missing, expected=f"resources of the types {wanted}", actual=f"none of {', '.join(sorted(missing))}")


def test_all_features_canceled(answer: Exchange, evidence: Evidence) -> None:
    if evidence.read_before(answer).get("State") not in pending():
        handshake_in(evidence["member-accepts"])  # where nobody has to approve, it needn't wait for anything
    _expect_canceled(answer)


def test_all_features_canceled_everywhere(answer: Exchange, evidence: Evidence) -> None:
    _expect_shown_as_canceled(answer, evidence)


def test_all_features_requested(answer: Exchange, evidence: Evidence) -> None:
    handshake_in(evidence["member-accepts"])  # where nobody has to approve, the state isn't known
    expect_equal(handshake_in(answer).get("State"), REQUESTED, "State")


def test_all_features_expiry(answer: Exchange) -> None:
    shown = handshake_in(answer)
    requested, expires = shown.get("RequestedTimestamp"), shown.get("ExpirationTimestamp")
    if not isinstance(requested, int | float) or not isinstance(expires, int | float):
        raise NotApplicable("a timestamp is no number of seconds, which response.timestamps-in-seconds judges")
    lifetime = expires - requested
    kept = abs(lifetime - LIFETIME_SECONDS) <= TOLERANCE_SECONDS
    expect(kept, expected=f"{LIFETIME_SECONDS} s from request to expiration", actual=f"{lifetime:.3f} s")


def test_invitations_canceled(answer: Exchange) -> None:
    expect(answer.state == CANCELED, expected="HTTP 200 and the invitation, CANCELED", actual=answer_summary(answer))


def test_no_invitation_meanwhile(answer: Exchange) -> None:
    expect_refused(answer, ("HandshakeConstraintViolationException",))
    expect_equal(answer.reason, "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", "Reason")


def test_invitations_afterwards(answer: Exchange, evidence: Evidence) -> None:
    _require_canceled(evidence)
    expect(answer.handshake is not None, expected="HTTP 200 and an invitation", actual=answer_summary(answer))


def test_action(answer: Exchange, evidence: Evidence) -> None:
    expect_equal(handshake_in(answer).get("Action"), _action(evidence), "Action")


def test_arn(answer: Exchange, evidence: Evidence) -> None:
    shown = handshake_in(answer)
    expected = f"{evidence.organization}/{_action(evidence).lower()}/{shown.get('Id')}"
    arn = shown.get("Arn")
    found = _ARN.fullmatch(arn) if isinstance(arn, str) else None
    right = found is not None and found["rest"] == expected
    expect(right, expected=f"an Arn that ends in handshake/{expected}", actual=f"Arn {arn!r}")


def test_parties(answer: Exchange, evidence: Evidence) -> None:
    own = evidence.organization.removeprefix("o-")
    expected = [("ORGANIZATION", own)]
    if _action(evidence) == TRANSFERRING:
        target = evidence["invite"].sent["Target"]
        expected.append((target["Type"], target["Id"]))
    shown = objects(handshake_in(answer).get("Parties"))
    parties = [(each.get("Type"), str(each.get("Id")).removeprefix("o-")) for each in shown]
    expect_equal(sorted(map(str, parties)), sorted(map(str, expected)), "Parties")


def test_only_state_changes(answer: Exchange, evidence: Evidence) -> None:
    expect_same_handshake(handshake_in(answer), evidence.read_before(answer), but=_STATE)


def test_others_refused(answer: Exchange, evidence: Evidence) -> None:
    _require_pending(answer, evidence)
    expect_turned_down(answer)


def test_others_code(answer: Exchange, evidence: Evidence) -> None:
    _require_pending(answer, evidence)
    caller = answer.step.partition("-")[0]
    expect_refused(answer, outcome(_action(evidence), REQUESTED, Actor(caller)).codes)


def test_refusal_changes_nothing(answer: Exchange, evidence: Evidence) -> None:
    before, after = evidence.read_before(answer), evidence.read_after(answer)
    if not answer.refused or before.get("State") not in pending():
        raise Blocked(f"{call_summary(answer)}, so no cancellation was refused", answer.id)
    expect(after.handshake is not None, expected="HTTP 200 and the handshake", actual=answer_summary(after))
    expect_same_handshake(handshake_in(after), before)


def test_canceled_again(answer: Exchange, evidence: Evidence) -> None:
    _require_canceled(evidence)
    expect_refused(answer, outcome(_action(evidence), CANCELED, Actor.SENDER).codes)


def test_child(answer: Exchange, evidence: Evidence) -> None:
    child, parent = _child(answer), _made(evidence)
    account = evidence.account("member")
    values = {str(each.get("Type")): each.get("Value") for each in objects(child.get("Resources"))}
    parties = [each.get("Id") for each in objects(child.get("Parties")) if each.get("Type") == "ACCOUNT"]
    actual = (child.get("State"), values.get("PARENT_HANDSHAKE"), parties)
    expect_equal(actual, ("OPEN", parent.removeprefix("h-"), [account]), "State, PARENT_HANDSHAKE and account")


def test_child_filter(answer: Exchange, evidence: Evidence) -> None:
    wanted = _child(evidence["child"]).get("Id")
    found = [each.get("Id") for page in evidence.pages(answer.step) for each in entries(page)]
    if wanted not in found:
        require_whole(answer)
    expect_equal(found, [wanted], "handshakes with this parent:")


def test_child_recipient_refused(answer: Exchange) -> None:
    expect_turned_down(answer)


def _action(evidence: Evidence) -> str:
    """Return the action of the handshake that the scenario is about."""
    return ENABLING if any(each.operation == ENABLE for each in evidence.all()) else TRANSFERRING


def _made(evidence: Evidence) -> str:
    """Return the id of the handshake that the scenario is about."""
    return str(evidence["cancel"].sent.get("HandshakeId"))


def _expect_canceled(answer: Exchange) -> None:
    expect(answer.state == CANCELED, expected="HTTP 200 and the handshake, CANCELED", actual=answer_summary(answer))


def _expect_shown_as_canceled(answer: Exchange, evidence: Evidence) -> None:
    _require_canceled(evidence)
    expect_equal(shown_in(answer, evidence, _made(evidence)).get("State"), CANCELED, "State")


def _require_canceled(evidence: Evidence) -> None:
    """Require that the cancellation was answered with success: else there is nothing that could show it."""
    canceled = evidence["cancel"]
    if canceled.status != 200:
        raise Blocked(f"{call_summary(canceled)}, so nothing was canceled", canceled.id)


def _require_pending(answer: Exchange, evidence: Evidence) -> None:
    """Require a handshake that can still be canceled: a refusal of any other would be no answer to the caller."""
    state = evidence.read_before(answer).get("State")
    if state not in pending():
        raise Blocked(f"the handshake was already {state}, so that nobody could cancel it", answer.id)


def _transfer_id(evidence: Evidence) -> str:
    """Return the id of the transfer, by the list that showed it together with its handshake."""
    before = evidence["transfer-before"]
    shown = [each for page in evidence.pages(before.step) for each in entries(page, "ResponsibilityTransfers")]
    own = [each for each in shown if each.get("ActiveHandshakeId") == _made(evidence)]
    if not own:
        raise Blocked(f"{call_summary(before)}, and no transfer names the handshake", before.id)
    return str(own[0].get("Id"))


def _child(page: Exchange) -> dict[str, Any]:
    """Return the first handshake on the page that asks for the approval of all features."""
    found = [each for each in entries(page) if each.get("Action") == APPROVING]
    expect(bool(found), expected=f"a handshake with the Action {APPROVING}", actual="none")
    return found[0]


def _resource_types(holder: dict[str, Any]) -> list[str]:
    """Return the types of all resources, however they are nested: of a transfer's that isn't known."""
    own = objects(holder.get("Resources"))
    return [str(each.get("Type")) for each in own] + [kind for each in own for kind in _resource_types(each)]
