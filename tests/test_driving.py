"""Tests that scenarios bring their situations about, whatever the target does, and leave nothing behind."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.judging.absence import NOT_ASKED
from contracts.judging.exchange import TRY, Request, Transcript
from contracts.judging.verdict import Conclusion
from contracts.values import TargetFacts
from contracts.vocabulary import Actor, ExitCode
from fixtures.preflight.embedded import embedded_target
from fixtures.preflight.examination import examine
from fixtures.reference import Parts, Reference
from fixtures.reference.organizations.lifecycle import Lifecycle, Role
from fixtures.reference.organizations.operations import Input, Operations
from fixtures.reference.protocol.refusal import Refusal
from fixtures.reference.protocol.strictness import complaints
from fixtures.scenarios.calls import DuplicateStep
from fixtures.scenarios.catalogue import DuplicateScenario, Scenario, index_by_name, scenarios
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy, by_key, mint_account
from fixtures.target.model import Target
from proof.matrix import drive, runner_on
from reports.formats.terminal import render
from reports.run import Header, Run
from tests.options import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.reference.clock import Millis
    from fixtures.reference.organizations.views import Document
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
        raise Refusal("ConcurrentModificationException", message="not now")


def test_a_scenario_whose_set_up_fails_ends_there_and_says_why() -> None:
    transcript = drive(Parts(operations=NeverInvites))["email"]
    assert transcript.stop is not None
    assert transcript.stop.step == "email/invite"
    assert "InviteAccountToOrganization was answered HTTP 400 Concurrent" in transcript.stop.because
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


def reported(transcript: Transcript) -> Run:
    header = Header("0", "", "", TargetFacts("here", "", "", ""))
    return Run(header, (transcript,), (), Conclusion(ExitCode.CONFORMANT, "so it is"))


ON_PURPOSE = {
    "unknown/content-type-parameter": "content type",
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
        ({"body": b'{"a": 1, "a": 2}'}, "repeated members"),
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
