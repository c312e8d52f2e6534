"""Clauses on the answer to a successful cancellation."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any, TypeGuard

from contracts.judging.exchange import Exchange, objects
from contracts.judging.expectations import (
    expect,
    expect_equal,
    expect_no_mismatch,
    expect_same_handshake,
    require_wire,
    unordered,
)
from contracts.judging.judge import Blocked, Deviation, Evidence, NotApplicable, handshake_in
from contracts.model import operation
from contracts.model.shapes import mismatches, schema, unknown_members, unknown_values

GROWING_ENUMS = ("ActionType", "HandshakeResourceType")
"""The enums of the output that newer models have more values of: a client has to live with one that it doesn't know.

HandshakeState and HandshakePartyType have had the same values in every model, and what may be done to a handshake
depends on them. Source: the models of botocore from 2017 to 1.44.5.
"""
DETAILS = ("MASTER_EMAIL", "MASTER_NAME", "ORGANIZATION_FEATURE_SET")
INVITED = {*operation.shape("HandshakePartyType").metadata["enum"]} - {"ORGANIZATION"}
CLOCK_TOLERANCE = 5 * 60
ACTION = "INVITE"  # every scenario is about an invitation
EXPIRY_SECONDS = 15 * 24 * 60 * 60
EXPIRY_TOLERANCE = 5
HALF_A_MICROSECOND = 5e-7  # the precision of a double of this size
LONG_AGO = 1_000_000_000  # 2001, before there was any such service
FAR_FUTURE = 10_000_000_000  # 2286; milliseconds since 1970 are far more
NO_SECONDS = "a timestamp is not a number of seconds since 1970 (judged by response.timestamps-in-seconds)"
ARN = re.compile(r"arn:aws(-[a-z]+)*:organizations::(?P<account>[^:/]*):handshake/(?P<rest>.*)", re.DOTALL)


def test_schema(answer: Exchange) -> None:
    handshake_in(answer)
    expected = schema(operation.output_shape(), open_enums=GROWING_ENUMS)
    expect_no_mismatch(mismatches(answer.document, expected), f"an instance of {operation.output_shape().name}")


def test_known_values(answer: Exchange) -> None:
    handshake_in(answer)
    unknown = unknown_values(answer.document, operation.output_shape(), GROWING_ENUMS)
    expect_no_mismatch(unknown, f"only values that the enums {' and '.join(GROWING_ENUMS)} have")


def test_no_unknown_members(answer: Exchange) -> None:
    require_wire(answer)  # SDKs leave out what they don't know
    handshake_in(answer)
    unknown = unknown_members(answer.document, operation.output_shape())
    expect_no_mismatch(unknown, f"no members but those of {operation.output_shape().name}")


def test_members_present(answer: Exchange) -> None:
    promised = operation.shape("Handshake").members.keys()
    missing = sorted(promised - handshake_in(answer).keys())
    expect(not missing, expected=f"{', '.join(promised)}", actual=f"no {', '.join(missing)}")


def test_state_canceled(answer: Exchange) -> None:
    expect_equal(handshake_in(answer).get("State"), "CANCELED", "State")


def test_rest_unchanged(answer: Exchange, evidence: Evidence) -> None:
    expect_same_handshake(handshake_in(answer), evidence.read_before(answer), but={"State"})


def test_parties(answer: Exchange, evidence: Evidence) -> None:
    types = sorted(str(party.get("Type")) for party in _entries(answer, "Parties"))
    invited = _invited(evidence)
    expect(
        types == sorted(["ORGANIZATION", invited["Type"]])
        and _party(answer, invited["Type"]).get("Id") == invited["Id"],
        expected=f"two parties, ORGANIZATION and {invited['Type']} {invited['Id']!r}",
        actual=f"{unordered(_entries(answer, 'Parties'))!r}",
    )


def test_organization_party_id(answer: Exchange, evidence: Evidence) -> None:
    with_prefix = evidence.organization
    given = _party(answer, "ORGANIZATION").get("Id")
    expect(
        given in (with_prefix, with_prefix.removeprefix("o-")),
        expected=f"ORGANIZATION party Id {with_prefix!r}, with or without 'o-'",
        actual=f"ORGANIZATION party Id {given!r}",
    )


def test_organization_party_bare(answer: Exchange, evidence: Evidence) -> None:
    given = _party(answer, "ORGANIZATION").get("Id")
    expect_equal(given, evidence.organization.removeprefix("o-"), "ORGANIZATION party Id")


def test_organization_resource(answer: Exchange, evidence: Evidence) -> None:
    values = [resource.get("Value") for resource in _resources(answer, "ORGANIZATION")]
    expect_equal(values, [evidence.organization], "Values of the ORGANIZATION resources")


def test_organization_details(answer: Exchange) -> None:
    types = [each.get("Type") for each in _details(answer)]
    missing = [name for name in DETAILS if name not in types]
    expect(
        not missing,
        expected=f"under ORGANIZATION at least the resources {', '.join(DETAILS)}",
        actual=f"no {', '.join(missing)} among {types}",
    )


def test_organization_details_only(answer: Exchange) -> None:
    types = sorted(str(each.get("Type")) for each in _details(answer))
    expect_equal(types, [*DETAILS], "types of the resources under ORGANIZATION")
    empty = [each.get("Type") for each in _details(answer) if not each.get("Value")]
    expect(not empty, expected="each of them with a Value", actual=f"no Value in {empty}")


def test_organization_values(answer: Exchange, evidence: Evidence) -> None:
    organization = evidence["organization"].readable.get("Organization")
    accounts = [each for page in evidence.pages("accounts") for each in objects(page.readable.get("Accounts"))]
    account = next((each for each in accounts if each.get("Id") == evidence.account("sender")), None)
    if account is None or not isinstance(organization, dict) or "FeatureSet" not in organization:
        raise Blocked("the organization and its management account could not be read", evidence["organization"].id)
    values = (account.get("Email"), account.get("Name") or None, organization["FeatureSet"])
    shown = {str(each.get("Type")): each.get("Value") or None for each in _details(answer)}
    for name, value in zip(DETAILS, values, strict=True):
        expect_equal(shown.get(name), value, name)


def test_no_other_resources(answer: Exchange, evidence: Evidence) -> None:
    expected = sorted({"ORGANIZATION", _invited(evidence)["Type"], "NOTES"})
    others = sorted(str(each.get("Type")) for each in _entries(answer, "Resources") if each.get("Type") not in expected)
    expect(not others, expected=f"no resources but {', '.join(expected)}", actual=f"also {', '.join(others)}")


def test_requested_at_the_time(answer: Exchange) -> None:
    requested, date = handshake_in(answer).get("RequestedTimestamp"), answer.header("date")
    if date is None:
        raise NotApplicable("the answer to the invitation has no Date header")
    if not _is_epoch_seconds(requested):
        raise Blocked(NO_SECONDS, answer.id)
    answered = _moment(date)
    expect(
        abs(requested - answered) <= CLOCK_TOLERANCE,
        expected=f"RequestedTimestamp within {CLOCK_TOLERANCE} s of the answer's Date, {date}",
        actual=f"RequestedTimestamp {requested!r}, {(requested - answered) / 60:+.0f} minutes",
    )


def test_invited_resource(answer: Exchange, evidence: Evidence) -> None:
    try:
        invited = _invited(evidence)
    except NotApplicable:  # a transcript on file without the invitation: the party was invited as the answer names it
        named = [each.get("Type") for each in _entries(answer, "Parties") if each.get("Type") in INVITED]
        found = [each.get("Type") for each in _entries(answer, "Resources") if each.get("Type") in INVITED]
        expect_equal(found, named, "types of the resources for the invited party")
        return
    values = [resource.get("Value") for resource in _resources(answer, invited["Type"])]
    expect_equal(values, [invited["Id"]], f"Values of the {invited['Type']} resources")


def test_notes_given(answer: Exchange, evidence: Evidence) -> None:
    given = evidence["invite"].sent.get("Notes")
    expect_equal(
        [resource.get("Value") for resource in _resources(answer, "NOTES")], [given], "Values of the NOTES resources"
    )


def test_notes_not_given(answer: Exchange, evidence: Evidence) -> None:
    if "Notes" in evidence["invite"].sent:
        raise NotApplicable("the invitation carries notes")
    expect_equal(
        [resource.get("Value") for resource in _resources(answer, "NOTES")], [], "Values of the NOTES resources"
    )


def test_timestamps_in_seconds(answer: Exchange) -> None:
    require_wire(answer)
    for name in ("RequestedTimestamp", "ExpirationTimestamp"):
        value = handshake_in(answer).get(name)
        expect(
            _is_epoch_seconds(value),
            expected=f"{name} as a number of seconds since 1970",
            actual=f"{name} {value!r}",
        )


def test_timestamps_to_the_millisecond(answer: Exchange) -> None:
    for name in ("RequestedTimestamp", "ExpirationTimestamp"):
        value = handshake_in(answer).get(name)
        if not _is_epoch_seconds(value):
            raise Blocked(NO_SECONDS, answer.id)
        expect(
            abs(value - round(value, 3)) < HALF_A_MICROSECOND,
            expected=f"{name} in whole milliseconds",
            actual=f"{name} {value!r}",
        )


def test_expiry(answer: Exchange) -> None:
    handshake = handshake_in(answer)
    made, ends = handshake.get("RequestedTimestamp"), handshake.get("ExpirationTimestamp")
    if not _is_epoch_seconds(made) or not _is_epoch_seconds(ends):
        raise Blocked(NO_SECONDS, answer.id)
    expect(
        abs(ends - made - EXPIRY_SECONDS) <= EXPIRY_TOLERANCE,
        expected=f"ExpirationTimestamp {EXPIRY_SECONDS} s (15 days) after RequestedTimestamp",
        actual=f"{ends - made:.3f} s after it",
    )


def test_arn(answer: Exchange, evidence: Evidence) -> None:
    handshake = handshake_in(answer)
    path = f"{evidence.organization}/{ACTION.lower()}/{answer.sent['HandshakeId']}"
    found = ARN.fullmatch(str(handshake.get("Arn")))
    expect(
        found is not None and found["account"] == evidence.account("sender") and found["rest"] == path,
        expected=f"Arn arn:aws:organizations::{evidence.account('sender')}:handshake/{path} (or of another partition)",
        actual=f"Arn {handshake.get('Arn')!r}",
    )


def test_action(answer: Exchange) -> None:
    expect_equal(handshake_in(answer).get("Action"), ACTION, "Action")


def test_address_as_given(answer: Exchange, evidence: Evidence) -> None:
    given = _given_to_other(evidence)["Target"]["Id"]
    shown = [_party(answer, "EMAIL").get("Id"), *(each.get("Value") for each in _resources(answer, "EMAIL"))]
    expect_equal(shown, [given, given], "addresses in Parties and Resources")


def test_notes_as_given(answer: Exchange, evidence: Evidence) -> None:
    given = _given_to_other(evidence)["Notes"]
    shown = [resource.get("Value") for resource in _resources(answer, "NOTES")]
    expect_equal(shown, [given], "Values of the NOTES resources")


def _given_to_other(evidence: Evidence) -> dict[str, Any]:
    """Return the input of the invitation of another party. Raises :class:`Blocked` if it was refused."""
    handshake_in(evidence["other-invite"])
    return evidence["other-invite"].sent


def _details(answer: Exchange) -> list[dict[str, Any]]:
    return [each for resource in _resources(answer, "ORGANIZATION") for each in objects(resource.get("Resources"))]


def _entries(answer: Exchange, member: str) -> list[dict[str, Any]]:
    return objects(handshake_in(answer).get(member))


def _party(answer: Exchange, kind: str) -> dict[str, Any]:
    return next((party for party in _entries(answer, "Parties") if party.get("Type") == kind), {})


def _resources(answer: Exchange, kind: str) -> list[dict[str, Any]]:
    return [resource for resource in _entries(answer, "Resources") if resource.get("Type") == kind]


def _invited(evidence: Evidence) -> dict[str, str]:
    invited: dict[str, str] = evidence["invite"].sent["Target"]
    return invited


def _moment(date: str) -> float:
    """Return the moment of an HTTP date in epoch seconds. Raises :class:`Deviation` for what is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        raise Deviation(expected="a Date header that is a date", actual=f"Date {date!r}") from None


def _is_epoch_seconds(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and LONG_AGO <= value < FAR_FUTURE
