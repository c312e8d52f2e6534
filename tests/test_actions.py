"""Handshakes that are no invitations: in the reference, in the table, and where a target has none or may make none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from contracts import actions
from contracts.clauses import contract
from contracts.judging.exchange import objects
from contracts.model import operation
from contracts.transitions import states
from contracts.vocabulary import ALL_FEATURES, TRANSFERS, Actor, Authority, Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.preflight.plan import make_plan
from fixtures.preflight.plan_text import plan_lines
from fixtures.reference import Parts, Reference
from fixtures.reference.clock import Clock
from fixtures.reference.organizations.lifecycle import UNDOCUMENTED
from fixtures.reference.organizations.operations import Input, Operations
from fixtures.reference.organizations.supported import SUPPORTED
from fixtures.reference.protocol.parsing import Parser
from fixtures.reference.protocol.refusal import Refusal
from fixtures.reference.realism import Realism
from fixtures.scenarios.ledger import Entry
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy
from fixtures.target.actions import declared_actions
from fixtures.target.profile import NONE, Profile
from proof.matrix import verdicts
from tests.world import OTHER, OWN, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.judging.exchange import Request, Transcript
    from contracts.judging.verdict import Verdict
    from fixtures.reference.clock import Millis
    from fixtures.reference.organizations.views import Document

SENDER, MEMBER, MANAGER = "111111111111", "222222222222", "333333333333"
DAY = 24 * 60 * 60
SCENARIOS = ("transfer", "all-features")
MINE = [clause for clause in contract().clauses if clause.theme == "actions"]


def client(reference: Reference, account: str) -> Any:
    return boto3.client(
        "organizations",
        endpoint_url=reference.url,
        region_name=reference.region,
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )


@pytest.fixture
def reference() -> Iterator[Reference]:
    with Reference.start(clock=Clock()) as started:
        yield started


@pytest.fixture
def sender(reference: Reference) -> Any:
    """The management account of an organization with consolidated billing and one invited member."""
    made = client(reference, SENDER)
    made.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    invited = made.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": MEMBER})["Handshake"]["Id"]
    client(reference, MEMBER).accept_handshake(HandshakeId=invited)
    return made


def refusal(call: Any, **given: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    response: dict[str, Any] = caught.value.response
    return response


def approval(reference: Reference) -> dict[str, Any]:
    wanted = {"ActionType": "APPROVE_ALL_FEATURES"}
    (child,) = client(reference, MEMBER).list_handshakes_for_account(Filter=wanted)["Handshakes"]
    return dict(child)


def test_all_features_are_enabled_once_every_invited_member_has_approved(reference: Reference, sender: Any) -> None:
    begun = sender.enable_all_features()["Handshake"]
    assert (begun["State"], begun["Action"]) == ("REQUESTED", "ENABLE_ALL_FEATURES")
    assert [each["Type"] for each in begun["Parties"]] == ["ORGANIZATION"]
    assert (begun["ExpirationTimestamp"] - begun["RequestedTimestamp"]).days == 90
    early = refusal(sender.accept_handshake, HandshakeId=begun["Id"])
    assert early["Error"]["Code"] == "InvalidHandshakeTransitionException"
    child = approval(reference)
    assert child["State"] == "OPEN"
    values = {each["Type"]: each["Value"] for each in child["Resources"]}
    assert values["PARENT_HANDSHAKE"] == begun["Id"].removeprefix("h-")
    client(reference, MEMBER).accept_handshake(HandshakeId=child["Id"])
    assert sender.describe_handshake(HandshakeId=begun["Id"])["Handshake"]["State"] == "OPEN"
    sender.accept_handshake(HandshakeId=begun["Id"])
    assert sender.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    again = refusal(sender.enable_all_features)
    assert again["Reason"] == "ORGANIZATION_ALREADY_HAS_ALL_FEATURES"


def test_a_request_for_all_features_can_be_made_once_at_a_time(sender: Any) -> None:
    begun = sender.enable_all_features()["Handshake"]
    pending = "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION"
    assert refusal(sender.enable_all_features)["Reason"] == pending
    sender.cancel_handshake(HandshakeId=begun["Id"])
    assert sender.enable_all_features()["Handshake"]["State"] == "REQUESTED"


def test_a_request_for_all_features_expires_after_90_days(reference: Reference, sender: Any) -> None:
    begun = sender.enable_all_features()["Handshake"]["Id"]
    reference.clock.advance(90 * DAY - 60)
    assert sender.describe_handshake(HandshakeId=begun)["Handshake"]["State"] == "REQUESTED"
    reference.clock.advance(120)
    assert sender.describe_handshake(HandshakeId=begun)["Handshake"]["State"] == "EXPIRED"


def test_the_reference_says_where_no_source_says_what_the_service_answers(sender: Any) -> None:
    begun = sender.enable_all_features()["Handshake"]["Id"]
    sender.cancel_handshake(HandshakeId=begun)
    again = refusal(sender.cancel_handshake, HandshakeId=begun)
    assert again["Error"] == {"Code": "HandshakeAlreadyInStateException", "Message": UNDOCUMENTED}


def test_both_sides_see_a_transfer_and_nobody_else_does(reference: Reference, sender: Any) -> None:
    manager = client(reference, MANAGER)
    manager.create_organization()
    made = sender.invite_organization_to_transfer_responsibility(
        Type="BILLING", Target={"Type": "ACCOUNT", "Id": MANAGER}, StartTimestamp=2_000_000_000, SourceName="bills"
    )["Handshake"]
    assert (made["State"], made["Action"]) == ("REQUESTED", "TRANSFER_RESPONSIBILITY")
    assert "/transfer_responsibility/h-" in made["Arn"]
    assert "ExpirationTimestamp" not in made  # which no source tells
    (inbound,) = sender.list_inbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"]
    (outbound,) = manager.list_outbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"]
    assert inbound["ActiveHandshakeId"] == outbound["ActiveHandshakeId"] == made["Id"]
    assert manager.list_inbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"] == []
    manager.accept_handshake(HandshakeId=made["Id"])
    (inbound,) = sender.list_inbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"]
    assert inbound["Status"] == "ACCEPTED"


def test_every_cell_of_the_table_has_clauses_or_the_reason_why_there_are_none() -> None:
    cells = {(action, state, actor) for action in actions.actions() for state in states() for actor in Actor}
    assert set(actions.TABLE) == cells
    known = {clause.id for clause in contract().clauses}
    for place, cell in actions.TABLE.items():
        assert bool(cell.clauses) != bool(cell.reason), place
        assert set(cell.clauses) <= known, place
        assert set(cell.codes) <= set(operation.error_shapes()), place
        assert bool(cell.codes) == (cell.code_authority is not None), place
        levels = {contract()[clause].authority for clause in cell.clauses}
        assert levels <= {cell.authority, cell.code_authority, Authority.DOCUMENTED}, place


TRANSFERRING, ENABLING = "TRANSFER_RESPONSIBILITY", "ENABLE_ALL_FEATURES"


@pytest.mark.parametrize(
    ("place", "clause", "cases"),
    [
        ((TRANSFERRING, "REQUESTED", Actor.RECIPIENT), "others-refused", {"transfer/recipient-requested"}),
        ((ENABLING, "REQUESTED", Actor.STRANGER), "others-refused", {"all-features/stranger-requested"}),
        ((ENABLING, "CANCELED", Actor.SENDER), "canceled-again", {"all-features/again"}),
    ],
)
def test_a_check_is_about_one_cell(place: tuple[str, str, Actor], clause: str, cases: set[str]) -> None:
    name = f"actions.{clause}"
    assert {each for each in contract()[name].judges if actions.is_about(place, name, each)} == cases


class Lacking(Parser):
    """Has no operation that makes another handshake than an invitation."""

    def operation(self, request: Request) -> str:
        name = super().operation(request)
        if name not in SUPPORTED[: SUPPORTED.index("EnableAllFeatures")]:
            raise Refusal("UnknownOperationException", f"There is no operation {name} here.")
        return name


class AllOrganizationsAreEqual(Operations):
    """Makes every organization with all features, whatever was asked for."""

    def create_organization(self, caller: str, request: Input, now: Millis) -> Document:
        return super().create_organization(caller, {**request, "FeatureSet": "ALL"}, now)


class OneOrganizationOnly(Operations):
    """Refuses to create an organization while there is another one."""

    def create_organization(self, caller: str, request: Input, now: Millis) -> Document:
        if any(True for _ in self.store.handshakes()):
            raise Refusal("ConstraintViolationException", "There is one organization already.")
        return super().create_organization(caller, request, now)


class AnswersNothing(Operations):
    """Answers EnableAllFeatures with an empty object."""

    def enable_all_features(self, caller: str, request: Input, now: Millis) -> Document:
        super().enable_all_features(caller, request, now)
        return {}


def driven(parts: Parts) -> tuple[dict[str, Transcript], list[Verdict]]:
    with Reference.start(parts=parts) as reference:
        runner = ScenarioRunner(embedded_target(reference), Identities(Strategy.KEY, {}, None))
        transcripts = {name: runner.transcript(name) for name in SCENARIOS}
    return transcripts, list(verdicts(transcripts, MINE))


def test_where_the_operations_are_lacking_their_clauses_are_not_applicable() -> None:
    transcripts, judged = driven(Parts(parser=Lacking))
    assert {each.outcome for each in judged} == {Outcome.NOT_APPLICABLE}
    assert {each.lacking for each in judged} == {ALL_FEATURES, TRANSFERS}
    asked = [each.operation for transcript in transcripts.values() for each in transcript.exchanges]
    assert asked.count(operation.ENABLE) == asked.count(operation.TRANSFER) == 1


def test_where_there_is_one_organization_only_nobody_is_asked_to_transfer_responsibility() -> None:
    with Reference.start(parts=Parts(operations=OneOrganizationOnly)) as reference:
        runner = ScenarioRunner(embedded_target(reference), Identities(Strategy.KEY, {}, None))
        runner.transcript("email")
        transcript = runner.transcript("transfer")
    assert (transcript.stop, transcript.skipped["*"]) == (None, "manager")


def test_where_no_organization_has_consolidated_billing_no_features_are_enabled() -> None:
    transcripts, judged = driven(Parts(operations=AllOrganizationsAreEqual))
    assert transcripts["all-features"].exchanges == ()
    found = {each.outcome for each in judged if each.lacking == ALL_FEATURES}
    assert found == {Outcome.NOT_APPLICABLE}
    assert not [each for each in judged if each.outcome not in {Outcome.NOT_APPLICABLE, Outcome.PASSED}]


def test_an_answer_without_a_handshake_blocks_what_follows_and_fails_nothing() -> None:
    _, judged = driven(Parts(operations=AnswersNothing))
    assert {each.outcome for each in judged} == {Outcome.PASSED, Outcome.BLOCKED}
    assert all("EnableAllFeatures" in each.because for each in judged if each.outcome is Outcome.BLOCKED)


def test_nothing_else_than_an_invitation_is_begun_on_the_real_service_unless_the_profile_names_it() -> None:
    by_default = declared_actions(NONE, real=True)
    assert {name: each.present for name, each in by_default.items()} == {ALL_FEATURES: False, TRANSFERS: False}
    assert "actions.enable_all_features = true" in by_default[ALL_FEATURES].how
    assert all(each.present for each in declared_actions(NONE, real=False).values())
    named = Profile("mine", "mine.toml", {"actions": {"transfer_responsibility": True}})
    allowed = declared_actions(named, real=True)
    assert (allowed[TRANSFERS].present, allowed[ALL_FEATURES].present) == (True, False)
    assert allowed[TRANSFERS].how == "declared: mine.toml: actions.transfer_responsibility"
    left_out = Profile("mine", "mine.toml", {"actions": {"transfer_responsibility": False}})
    assert not declared_actions(left_out, real=False)[TRANSFERS].present


def test_on_the_real_service_the_stranger_who_manages_an_organization_is_invited_to_a_transfer() -> None:
    with Reference.start() as reference:
        world = World(reference, begins=frozenset({ALL_FEATURES, TRANSFERS}))
        runner = ScenarioRunner(world.inventory().target, Identities(Strategy.PROFILES, world.actors, None))
        transcripts = {name: runner.transcript(name) for name in SCENARIOS}
        assert not [each for each in reference.store.handshakes() if each.state == "REQUESTED"]
    judged = list(verdicts(transcripts, MINE))
    assert {each.outcome for each in judged} <= {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    invited = transcripts["transfer"].find("invite")
    assert invited is not None
    assert invited.sent["Target"]["Id"] == world.actors[Actor.STRANGER].account
    assert "CreateOrganization" not in world.changes()
    assert transcripts["all-features"].skipped == {"*": ALL_FEATURES}  # the organization has all features


def test_on_the_real_service_all_features_of_an_organization_with_consolidated_billing() -> None:
    with Reference.start() as reference:
        world = World(reference, begins=frozenset({ALL_FEATURES, TRANSFERS}))
        organization = reference.store.organization(OWN)
        reference.store.change_organization(replace(organization, feature_set="CONSOLIDATED_BILLING"))
        runner = ScenarioRunner(world.inventory().target, Identities(Strategy.PROFILES, world.actors, None))
        transcript = runner.transcript("all-features")
        assert transcript.stop is None
        states_of = {each.state for each in reference.store.handshakes() if each.action == "ENABLE_ALL_FEATURES"}
        assert states_of == {"CANCELED"}
        inventory = world.inventory()
        plan = make_plan(inventory, world.actors, 1)
        lines = "\n".join(plan_lines(plan, inventory, world.actors))
    assert "cancels every pending invitation of the organization" in lines
    assert "1 EnableAllFeatures: sender 1" in lines
    own = [clause for clause in MINE if {each.partition("/")[0] for each in clause.judges} == {"all-features"}]
    judged = {each.clause: each.outcome for each in verdicts({"all-features": transcript}, own)}
    approvals = {
        "actions.all-features-requested",
        "actions.child",
        "actions.child-filter",
    }  # the member was there before
    assert {clause for clause, came in judged.items() if came is not Outcome.PASSED} <= approvals
    assert Outcome.FAILED not in judged.values()


def test_what_a_killed_run_began_is_canceled_by_the_next_and_what_others_began_is_left_alone() -> None:
    with Reference.start() as reference:
        world = World(reference, begins=frozenset({ALL_FEATURES, TRANSFERS}))
        store = reference.store
        store.change_organization(replace(store.organization(OWN), feature_set="CONSOLIDATED_BILLING"))
        operations, now = reference.organizations.operations, reference.clock.now()
        account = world.actors[Actor.SENDER].account or ""
        begun = operations.enable_all_features(account, {}, now)["Handshake"]["Id"]
        party = {"Type": "ORGANIZATION", "Id": OWN.removeprefix("o-")}
        entry = Entry("run:part:all-features/enable", 0.0, OWN, party, None, action="ENABLE_ALL_FEATURES")
        runner = world.runner()
        nobody_knows = runner.end_invitations([entry], OWN)
        assert tuple(each.name for each in nobody_knows.left) == nobody_knows.foreign != ()
        assert operations.describe_handshake(account, {"HandshakeId": begun}, now)["Handshake"]["State"] == "REQUESTED"
        ended = runner.end_invitations([replace(entry, handshake=begun)], OWN)
        assert (ended.left, ended.foreign) == ((), ())
        assert operations.describe_handshake(account, {"HandshakeId": begun}, now)["Handshake"]["State"] == "CANCELED"


def test_a_request_for_all_features_in_the_ledger_matches_no_invitation() -> None:
    party = {"Type": "ORGANIZATION", "Id": OTHER.removeprefix("o-")}
    entry = Entry("run:part:all-features/enable", 0.0, OTHER, party, None, action="ENABLE_ALL_FEATURES")
    shown = {"State": "REQUESTED", "Action": "ENABLE_ALL_FEATURES", "Parties": [party], "Resources": []}
    assert entry.matches(shown)
    assert not entry.matches(shown | {"Action": "INVITE", "State": "OPEN"})
    assert not entry.recognizable
    assert replace(entry, handshake="h-00000000").recognizable
    assert objects(shown["Parties"]) == [party]


def test_reads_that_lag_and_calls_that_are_throttled_change_no_verdict() -> None:
    realism = Realism(lag=0.2, throttle_first=True)
    with Reference.start(realism=realism) as reference:
        target = replace(embedded_target(reference), settle=2.0)
        runner = ScenarioRunner(target, Identities(Strategy.KEY, {}, None))
        transcripts = {name: runner.transcript(name) for name in SCENARIOS}
    assert {each.outcome for each in verdicts(transcripts, MINE)} == {Outcome.PASSED}
