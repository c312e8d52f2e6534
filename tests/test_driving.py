"""Tests that scenarios bring their situations about, whatever the target does, and leave nothing behind."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts import recordings
from contracts.clauses import contract
from contracts.judging.absence import NOT_ASKED
from contracts.judging.conclusion import Conclusion
from contracts.judging.exchange import TRY, Request, Transcript
from contracts.judging.judge import Evidence, judge
from contracts.values import TargetFacts
from contracts.vocabulary import Actor, ExitCode, Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.preflight.examination import examine
from fixtures.reference import Parts, Reference
from fixtures.reference.faults import FAULTS
from fixtures.reference.organizations.lifecycle import Lifecycle, Role
from fixtures.reference.organizations.operations import Input, Operations
from fixtures.reference.organizations.views import Document, Views
from fixtures.reference.protocol.refusal import Refusal
from fixtures.reference.protocol.strictness import complaints
from fixtures.reference.realism import Realism
from fixtures.scenarios.calls import DuplicateStep
from fixtures.scenarios.catalogue import DuplicateScenario, Scenario, index_by_name, scenarios
from fixtures.scenarios.checks import checks
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy, by_key, mint_account
from fixtures.target.model import Target
from fixtures.transport.client import Call
from proof.matrix import drive, judge_of, runner_on
from reports.formats.terminal import render
from reports.run import Header, Run
from tests.options import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.reference.clock import Millis
    from fixtures.reference.organizations.store import Handshake
    from fixtures.scenarios.drive import Drive

LAG = 0.3


class Lagging(Operations):
    """Reads show a handshake as it was a moment ago."""

    def describe_handshake(self, caller: str, request: Input, now: Millis) -> Document:
        """Return the handshake as it was LAG seconds ago, as far as anybody asked."""
        shown = super().describe_handshake(caller, request, now)
        history: list[tuple[float, Document]] = self.__dict__.setdefault("history", [])
        history.append((time.monotonic(), shown))
        return next(old for when, old in history if time.monotonic() - when < LAG)


def runner_with_lag(reference: Reference, *, settle: float = 0.0) -> ScenarioRunner:
    target = replace(embedded_target(reference), settle=settle)
    return ScenarioRunner(target, Identities(Strategy.KEY, {}, None))


def states(transcript: Transcript) -> dict[str, str]:
    return {each.handshake["Id"]: each.handshake["State"] for each in transcript.exchanges if each.handshake}


def test_every_scenario_reaches_its_end_on_the_reference() -> None:
    for transcript in drive().values():
        assert transcript.stop is None
        assert [*transcript.skipped.values()] == ["busy"]
        assert "OPEN" not in states(transcript).values()


class NeverCancels(Lifecycle):
    """Refuses whoever cancels."""

    def permit(self, operation: str, roles: frozenset[Role]) -> None:
        super().permit(operation, frozenset() if operation == "CancelHandshake" else roles)


def test_what_a_scenario_leaves_open_it_tries_to_cancel() -> None:
    transcript = drive(Parts(lifecycle=NeverCancels))["email"]
    tried = {exchange.step: exchange.operation for exchange in transcript.exchanges[-3:]}
    assert tried == {
        "clean-up-1": "CancelHandshake",
        "clean-up-1-by-declining": "DeclineHandshake",
        "clean-up-1-read": "DescribeHandshake",
    }


class NeverInvites(Operations):
    """Refuses to invite."""

    def invite_account_to_organization(self, caller: str, request: Input, now: Millis) -> Document:
        raise Refusal("HandshakeConstraintViolationException", message="not now")


def test_a_scenario_whose_set_up_fails_ends_there_and_says_why() -> None:
    transcript = drive(Parts(operations=NeverInvites))["email"]
    assert transcript.stop is not None
    assert transcript.stop.step == "email/invite"
    assert "InviteAccountToOrganization was answered HTTP 400 HandshakeConstraint" in transcript.stop.because
    assert len(transcript.exchanges) == 1


def test_reads_that_lag_are_repeated_for_as_long_as_they_may() -> None:
    with Reference.start(parts=Parts(operations=Lagging)) as reference:
        transcript = runner_with_lag(reference, settle=5 * LAG).transcript("email")
    tries = [each for each in transcript.exchanges if each.step.startswith(f"after{TRY}")]
    after = transcript.find("after")
    assert tries
    assert after is not None
    assert after.handshake is not None
    assert after.handshake["State"] == "CANCELED"
    lag, caught_up = reported(transcript).lag
    assert caught_up == "email/after"
    assert 0 < lag < 5 * LAG
    assert "reads lagged behind writes by up to" in render(reported(transcript))
    assert "lagged" not in render(reported(drive()["email"]))


class WithoutAddresses(Operations):
    """Lists accounts without their addresses."""

    def list_accounts(self, caller: str, request: Input, now: Millis) -> Document:
        listed = super().list_accounts(caller, request, now)
        return listed | {"Accounts": [{"Id": each["Id"]} for each in listed["Accounts"]]}


def test_a_member_whose_address_is_not_known_is_not_invited_by_it() -> None:
    transcript = drive(Parts(operations=WithoutAddresses))["accepted"]
    assert transcript.skipped["member-recipient-open"] == "member-address"
    assert transcript.find("invite-member") is None
    assert transcript.find("member-address") is not None
    assert transcript.stop is None


def accept_and_look_up(drive: Drive) -> None:
    handshake = drive.invite("invite", drive.party(Actor.MEMBER))
    drive.ask("accept", Actor.MEMBER, Call("AcceptHandshake", {"HandshakeId": handshake}))
    drive.try_to_invite("invite-member", {"Type": "EMAIL", "Id": drive.address_of(Actor.MEMBER)})


def test_a_member_is_looked_up_for_as_long_as_reads_may_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Scenario("looking", accept_and_look_up)
    monkeypatch.setattr("fixtures.scenarios.runner.scenarios", lambda: {"looking": looking})
    with Reference.start(realism=Realism(lag=LAG)) as reference:
        transcript = runner_with_lag(reference, settle=5 * LAG).transcript("looking")
    invitation = transcript.find("invite-member")
    assert [each for each in transcript.exchanges if each.step.startswith(f"member-address{TRY}")]
    assert invitation is not None
    assert invitation.status == 200


class ListLags(Operations):
    """Lists show a canceled handshake as OPEN for a while after it was first listed, and twice."""

    def page_of(self, operation: str, caller: str, request: Input, handshakes: list[Handshake]) -> Document:
        """Return the page of the handshakes as the index has them by now."""
        canceled = any(each.state == "CANCELED" for each in handshakes)
        since = self.__dict__.setdefault(f"since-{operation}", time.monotonic()) if canceled else time.monotonic()
        if canceled and "MaxResults" in request and time.monotonic() - since < LAG:
            handshakes = [*handshakes, *(replace(each, state="OPEN") for each in handshakes)]
        return super().page_of(operation, caller, request, handshakes)


def test_a_list_is_walked_again_while_it_lags_and_its_pages_are_kept_apart() -> None:
    with Reference.start(parts=Parts(operations=ListLags)) as reference:
        transcript = runner_with_lag(reference, settle=5 * LAG).transcript("account")
        settled = Evidence(transcript).pages("account-list-paged")
    first_try = [each for each in transcript.exchanges if each.step.startswith(f"account-list-paged{TRY}1")]
    assert [each.step for each in first_try][-1] == f"account-list-paged{TRY}1"
    assert len(first_try) == 2
    assert [each.step for each in settled] == ["account-list-paged"]
    assert outcomes("account-list-paged", transcript) == {Outcome.PASSED}


def outcomes(subject: str, transcript: Transcript) -> set[Outcome]:
    """Return what the clause on views comes to in this scenario."""
    clause = contract()[f"views.{subject}"]
    steps = [check.step for check in checks(clause) if check.scenario == transcript.scenario]
    return {judge(clause, step, judge_of(clause), transcript).outcome for step in steps}


def test_a_list_is_asked_for_in_pages_of_half_its_length() -> None:
    transcript = drive(seed=1)["account"]
    listed, paged = transcript.find("organization-list"), Evidence(transcript).pages("organization-list-paged")
    assert listed is not None
    assert [each.sent["MaxResults"] for each in paged] == [len(listed.document["Handshakes"]) // 2] * len(paged)
    assert len(paged) > 1
    assert [each.step for each in paged[:-1]] == [
        f"organization-list-paged-page-{number}" for number in range(1, len(paged))
    ]


class Endless(Operations):
    """Lists have one page more whenever they are asked for it, an empty one."""

    def page_of(self, operation: str, caller: str, request: Input, handshakes: list[Handshake]) -> Document:
        """Return the page with the token of another."""
        if "NextToken" in request:
            return {"Handshakes": [], "NextToken": request["NextToken"] + "+"}
        handshakes = handshakes[-request.get("MaxResults", len(handshakes)) :] if self.shows else []
        return {"NextToken": "+", **super().page_of(operation, caller, request, handshakes)}

    shows = True


class EndlessWithoutEntries(Endless):
    """Lists consist of empty pages."""

    shows = False


def test_a_list_without_an_end_is_not_read_for_ever_and_nothing_is_said_of_what_it_may_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fixtures.scenarios.reads.MOST_WALKED", 5)
    monkeypatch.setattr("fixtures.scenarios.reads.MOST_PAGES", 5)
    transcript = drive(Parts(operations=Endless), scenarios={"account"})["account"]
    assert len(Evidence(transcript).pages("organization-list-paged")) == 5
    assert outcomes("organization-list-paged", transcript) == {Outcome.PASSED}
    assert outcomes("organization-list-of-others", transcript) == {Outcome.BLOCKED}
    assert outcomes("last-page", transcript) == {Outcome.BLOCKED}
    empty = drive(Parts(operations=EndlessWithoutEntries), scenarios={"account"})["account"]
    assert outcomes("organization-list-paged", empty) == {Outcome.BLOCKED}


def test_a_list_without_an_end_is_read_up_to_the_bound_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fixtures.scenarios.reads.MOST_PAGES", 5)
    monkeypatch.setattr("fixtures.scenarios.reads.MOST_WALKED", 1)
    transcript = drive(Parts(operations=EndlessWithoutEntries), scenarios={"account"})["account"]
    searches = Counter(each.step.partition("-page-")[0] for each in transcript.exchanges if "-page-" in each.step)
    listed = "ListHandshakesForOrganization"
    first, *others = [
        each.step for each in transcript.exchanges if each.operation == listed and "-page-" not in each.step
    ]
    assert searches[first] == 4
    assert [searches[step] for step in others] == [0] * len(others)


class SameToken(Operations):
    """Each page of a list, an empty one, has the same NextToken."""

    def page_of(self, operation: str, caller: str, request: Input, handshakes: list[Handshake]) -> Document:
        """Return the page."""
        return {"Handshakes": [], "NextToken": "more"}


def test_a_token_that_is_given_again_ends_the_reading_and_fails() -> None:
    transcript = drive(Parts(operations=SameToken), scenarios={"account"})["account"]
    assert len(Evidence(transcript).pages("organization-list-paged")) == 2
    assert outcomes("organization-list-paged", transcript) == {Outcome.FAILED}
    assert outcomes("organization-list-of-others", transcript) == {Outcome.BLOCKED}


class EmptyLastToken(Operations):
    """The last page of each list has an empty NextToken."""

    def page_of(self, operation: str, caller: str, request: Input, handshakes: list[Handshake]) -> Document:
        """Return the page."""
        return {"NextToken": "", **super().page_of(operation, caller, request, handshakes)}


def test_an_empty_token_is_not_sent() -> None:
    transcript = drive(Parts(operations=EmptyLastToken), scenarios={"account"})["account"]
    assert transcript.stop is None
    assert [each.id for each in transcript.exchanges if each.sent.get("NextToken") == ""] == []


class Requested(Views):
    """Shows an invitation that nobody has ended as REQUESTED."""

    def handshake(self, handshake: Handshake) -> Document:
        """Return the JSON document of the handshake."""
        return super().handshake(replace(handshake, state=handshake.state.replace("OPEN", "REQUESTED")))


def test_either_state_of_a_fresh_invitation_is_as_good_and_not_waited_for() -> None:
    with Reference.start(parts=Parts(views=Requested)) as reference:
        transcript = runner_with_lag(reference, settle=0.2).transcript("account")
    awaited = {each.step.partition(TRY)[0] for each in transcript.exchanges if TRY in each.step}
    assert awaited == {"before"}
    for clause in ("recipient-before", "organization-list-before", "account-list-before"):
        assert outcomes(clause, transcript) == {Outcome.PASSED}


def test_a_view_that_cannot_be_had_after_the_cancellation_is_judged_elsewhere() -> None:
    transcript = drive(FAULTS["canceled-vanishes"].parts, scenarios={"account"})["account"]
    for clause in ("sender-after", "recipient-after", "organization-list-after", "account-list-after"):
        assert outcomes(clause, transcript) == {Outcome.BLOCKED}


def test_the_recorded_views_of_an_open_handshake_pass_the_clauses_on_it() -> None:
    recorded = recordings.recording("organizations-2026-09-13")
    steps = {
        "invite": "invite the same member by email",
        "before": "sender describes OPEN",
        "recipient-before": "recipient describes OPEN",
        "organization-list-before": "sender lists",
        "account-list-before": "recipient lists",
    }
    transcript = recordings.transcripts(replace(recorded, scenarios={"account": steps}))["account"]
    for view in ("sender", "recipient", "organization-list", "account-list"):
        assert outcomes(f"{view}-before", transcript) == {Outcome.PASSED}


def reported(transcript: Transcript) -> Run:
    header = Header("0", "", "", TargetFacts("here", "", "", ""))
    return Run(header, (transcript,), (), Conclusion(ExitCode.CONFORMANT, "so it is"))


ON_PURPOSE = {
    "unknown/content-type-parameter": "content type",
    "unknown/content-type-case": "content type",
    "unknown/malformed-json": "no JSON object",
    "unknown/unknown-operation": "target",
    "inputs/empty-body": "no JSON object",
    "signatures/unsigned": "unsigned headers",
    "signatures/wrong-service": "another scope",
}


def test_what_the_suite_sends_is_what_the_protocol_asks_for_except_on_purpose() -> None:
    with Reference.start() as reference:
        runner = runner_on(reference)
        for name in scenarios():
            runner.transcript(name)
        found = {each.sender.rpartition(" ")[2]: each.departures for each in reference.complaints}
    assert found.keys() == ON_PURPOSE.keys()
    for step, departures in found.items():
        assert len(departures) == (2 if step == "signatures/unsigned" else 1), departures
        assert ON_PURPOSE[step] in departures[0]


def authorization(service: str, headers: str) -> str:
    scope = f"a/20260101/us-east-1/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={headers}, Signature=0"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"method": "PUT"}, "is not POST /"),
        ({"url": "http://127.0.0.1/path"}, "is not POST /"),
        ({"body": b'{"a": 1, "a": 2}'}, "'a' is repeated"),
        ({"body": b"[]"}, "no JSON object"),
        ({"body": b"\xff"}, "no JSON object"),
        ({"Content-Type": "application/json"}, "content type"),
        ({"Content-Length": "7"}, "content length"),
        ({"X-Amz-Target": "Other.CancelHandshake"}, "target"),
        (
            {"Authorization": authorization("organizations", "host")},
            "unsigned headers",
        ),
        (
            {"Authorization": authorization("sts", "content-type;host;x-amz-date;x-amz-target")},
            "another scope",
        ),
        ({"extra": True}, "repeated headers"),
    ],
)
def test_every_departure_from_the_protocol_is_complained_of(change: dict[str, Any], complaint: str) -> None:
    transcript = drive()["email"]
    sent = transcript.exchanges[0].request
    assert complaints(sent) == ()
    headers = [(name, change.get(name, value)) for name, value in sent.headers]
    if "extra" in change:
        headers.append(("x-amz-target", "again"))
    body = change.get("body", sent.body)
    if "body" in change:
        headers = [(name, str(len(body)) if name == "Content-Length" else value) for name, value in headers]
    changed = Request(change.get("method", sent.method), change.get("url", sent.url), tuple(headers), body)
    assert len(complaints(changed)) == 1
    assert complaint in complaints(changed)[0]


def test_every_scenario_says_what_it_needs() -> None:
    with Reference.start() as reference:
        target = Target("here", reference.url, "us-east-1", Strategy.ONE)
        runner = ScenarioRunner(target, Identities(Strategy.ONE, {Actor.SENDER: by_key(mint_account())}, None))
        for name, scenario in scenarios().items():
            transcript = runner.transcript(name)
            assert transcript.stop is None
            assert bool(transcript.skipped.get("*")) is bool(scenario.needs)


def test_the_embedded_reference_is_known_and_gets_no_probes() -> None:
    cleanups: list[Callable[[], None]] = []
    examined = examine(options(), {}, cleanups.append)
    for clean_up in cleanups:
        clean_up()
    assert examined.inventory.transcript == NOT_ASKED
    assert len(cleanups) == 1


def invite_twice(drive: Drive) -> None:
    for _ in range(2):
        drive.invite("invite", drive.invitee())


def test_two_scenarios_of_the_same_name_are_refused() -> None:
    with pytest.raises(DuplicateScenario, match=r"two scenarios are named 'again': .*invite_twice and .*invite_twice"):
        index_by_name(
            [Scenario("again", invite_twice), Scenario("other", invite_twice), Scenario("again", invite_twice)]
        )


def test_two_steps_of_the_same_name_are_refused_and_what_was_made_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = Scenario("twice", invite_twice)
    monkeypatch.setattr("fixtures.scenarios.runner.scenarios", lambda: {"twice": twice})
    with Reference.start() as reference:
        with pytest.raises(DuplicateStep, match="scenario 'twice' has two steps named 'invite'"):
            runner_with_lag(reference).transcript("twice")
        assert [each.state for each in reference.store.handshakes() if each.state == "OPEN"] == []
