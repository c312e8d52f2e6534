"""What is asked right after a cancellation, and by another principal than the one that invited."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import Credentials

from contracts.clauses import contract
from contracts.judging.exchange import header
from contracts.vocabulary import IMMEDIATE, Actor, Outcome
from fixtures.reference import Parts, Reference
from fixtures.reference.faults.aftermath.at_once import AcceptPossibleUntilRead, CancelEffectiveWhenRead
from fixtures.reference.organizations.lifecycle import Lifecycle
from fixtures.reference.protocol.pipeline import Pipeline
from fixtures.reference.protocol.refusal import Refusal
from fixtures.reference.realism import Realism
from fixtures.target.accounts import Identity, second_key
from fixtures.transport.client import Call
from proof.matrix import drive, verdicts
from tests.suite import suite
from tests.world import IDS, World

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from contracts.judging.exchange import Request, Transcript
    from fixtures.reference.protocol.parsing import ReceivedCall

AT_ONCE = ("transitions.sender-canceled-at-once", "aftermath.answer-refused-at-once")
AFTERWARDS = "aftermath.canceled-after-calls-at-once"
PRINCIPAL = "callers.principal"
SENDER = IDS[Actor.SENDER]


def outcomes(transcript: Transcript, *clauses: str) -> set[Outcome]:
    transcripts = {transcript.scenario: transcript}
    return {each.outcome for each in verdicts(transcripts, [contract()[clause] for clause in clauses])}


def real(reference: Reference, **changes: Any) -> Transcript:
    return World(reference).runner(**changes).transcript("quick")


def test_nothing_is_read_between_the_cancellation_and_what_follows_at_once() -> None:
    steps = [each.step for each in drive(scenarios=["quick"])["quick"].exchanges]
    assert steps == ["invite", "before", "cancel", "again", "accept", "decline", "retried", "after", "accounts"]


def test_a_retry_says_that_it_is_one() -> None:
    transcript = drive(scenarios=["quick"])["quick"]
    sent = {each.step: each.request.headers for each in transcript.exchanges}
    first, again, retried = (header(sent[step], "amz-sdk-invocation-id") for step in ("cancel", "again", "retried"))
    assert first is not None
    assert (again, retried) == (None, first)
    assert header(sent["retried"], "amz-sdk-request") == "attempt=2; max=3"


def test_where_writes_may_show_late_what_follows_at_once_is_recorded_and_not_judged() -> None:
    with Reference.start(parts=Parts(operations=CancelEffectiveWhenRead)) as reference:
        transcript = real(reference, may_join=True)
    assert {"again-recorded", "accept-recorded", "decline-recorded"} < {each.step for each in transcript.exchanges}
    assert outcomes(transcript, *AT_ONCE) == {Outcome.NOT_APPLICABLE}
    assert Outcome.FAILED in outcomes(transcript, AFTERWARDS)


@pytest.mark.parametrize("lag", [0.0, pytest.param(0.7, marks=pytest.mark.long)])
def test_what_became_of_it_is_judged_there_too(lag: float) -> None:
    with Reference.start(realism=Realism(lag=lag)) as reference:
        transcript = real(reference, settle=2 * lag)
    assert outcomes(transcript, AFTERWARDS) == {Outcome.PASSED}


def test_no_account_is_put_at_risk_of_joining_where_writes_may_show_late() -> None:
    with Reference.start(parts=Parts(operations=AcceptPossibleUntilRead)) as reference:
        transcript = real(reference)
        assert "AcceptHandshake" not in {entry.operation for entry in reference.log}
        assert reference.store.organization_of(IDS[Actor.RECIPIENT]) is None
    assert transcript.skipped["accept"] == IMMEDIATE
    assert outcomes(transcript, AFTERWARDS) == {Outcome.PASSED}


class CancelRefused(Lifecycle):
    def apply(self, operation: str, handshake: Any, now: Any) -> Any:
        if operation == "CancelHandshake":
            raise Refusal("InvalidHandshakeTransitionException")
        return super().apply(operation, handshake, now)


def test_nothing_follows_a_cancellation_that_was_refused() -> None:
    with Reference.start(parts=Parts(lifecycle=CancelRefused)) as reference:
        transcript = real(reference)
    assert outcomes(transcript, AFTERWARDS) == {Outcome.BLOCKED}
    assert transcript.exchanges[-1].operation != "AcceptHandshake"


class PolicyDenies(Pipeline):
    """Denies the second key every cancellation, whatever it names, as a policy does."""

    def authenticate(self, request: Request) -> str:
        self.second = self.authenticator.claim(request).key.endswith("-2")
        return super().authenticate(request)

    def operate(self, account: str, call: ReceivedCall) -> Any:
        if self.second and call.operation == "CancelHandshake":
            raise Refusal("AccessDeniedException")
        return super().operate(account, call)


def with_principal(reference: Reference) -> World:
    actors: Mapping[Actor, Identity] = World(reference).actors
    return World(reference, {**actors, Actor.PRINCIPAL: second_key(SENDER)})


def test_a_principal_who_was_given_cancels_on_the_real_service_too() -> None:
    with Reference.start() as reference:
        transcript = with_principal(reference).runner().transcript("types")
    assert outcomes(transcript, PRINCIPAL) == {Outcome.PASSED}


def test_a_principal_whom_a_policy_denies_the_operation_shows_nothing() -> None:
    with Reference.start(parts=Parts(pipeline=PolicyDenies)) as reference:
        transcript = with_principal(reference).runner().transcript("types")
    steps = [each.step for each in transcript.exchanges if each.actor == Actor.PRINCIPAL]
    assert steps == ["principal-permitted"]
    assert outcomes(transcript, PRINCIPAL) == {Outcome.NOT_APPLICABLE}


def test_without_a_principal_nothing_is_sent() -> None:
    with Reference.start() as reference:
        transcript = World(reference).runner().transcript("types")
    assert Actor.PRINCIPAL not in {each.actor for each in transcript.exchanges}
    assert outcomes(transcript, PRINCIPAL) == {Outcome.NOT_APPLICABLE}


@pytest.mark.long
def test_the_suite_takes_a_principal_from_a_profile_and_names_one_that_is_none(tmp_path: Path) -> None:
    with Reference.start() as reference:
        world = with_principal(reference)
        options = (f"--allow-account={SENDER}", f"--ledger={tmp_path / 'ledger'}", "--max-invitations=16")
        done = suite(tmp_path, f"--target={world.profile(tmp_path)}", *options)
        assert done.code == 0, done.output
        assert PRINCIPAL in done.clauses("passed")
        credentials = Credentials(IDS[Actor.STRANGER], "test")
        world.actors[Actor.PRINCIPAL] = Identity(IDS[Actor.STRANGER], credentials)
        wrong = suite(tmp_path, f"--target={world.profile(tmp_path)}", *options)
    assert wrong.code == 4
    assert "principal: its account is 555555555555, and the sender's is 222222222222" in wrong.output


def test_headers_in_lower_case_are_the_same_headers() -> None:
    call = Call("CancelHandshake", {}, further=(("Amz-Sdk-Request", "attempt=1"),), lower_case=True)
    assert {name.lower(): value for name, value in call.headers().items()} == call.headers()
    assert json.loads(call.payload()) == {}
