"""Do scenarios bring their situations about, whatever the target does, and leave nothing behind?"""

from __future__ import annotations

import time

from contracts.exchange import TRY, Transcript
from contracts.handover import TargetFacts
from contracts.transitions import Actor
from contracts.verdict import Conclusion, ExitCode
from fixtures.actors import Cast, Strategy, by_key, mint_account
from fixtures.reference import Parts, Reference
from fixtures.reference.clock import Millis
from fixtures.reference.lifecycle import Lifecycle, Role
from fixtures.reference.operations import Input, Operations
from fixtures.reference.refusal import Refusal
from fixtures.reference.views import Document
from fixtures.scenarios import SCENARIOS
from fixtures.stage import Stage
from fixtures.target import Target
from proof.matrix import CAN, drive
from reports.run import Header, Run
from reports.terminal import render

LAG = 0.3


class Lagging(Operations):
    """Reads show a handshake as it was a moment ago."""

    def describe_handshake(self, caller: str, request: Input, now: Millis) -> Document:
        """How did the handshake look LAG seconds ago, as far as anybody asked?"""
        shown = super().describe_handshake(caller, request, now)
        history: list[tuple[float, Document]] = self.__dict__.setdefault("history", [])
        history.append((time.monotonic(), shown))
        return next(old for when, old in history if time.monotonic() - when < LAG)


def staged(reference: Reference, *, settle: float = 0.0) -> Stage:
    names = ("recipient", "member", "stranger", "signatures")
    target = Target(
        "here", reference.url, "us-east-1", Strategy.KEY, settle=settle, capabilities=dict.fromkeys(names, CAN)
    )
    return Stage(target, Cast(Strategy.KEY, {}, None))


def states(transcript: Transcript) -> dict[str, str]:
    return {each.handshake["Id"]: each.handshake["State"] for each in transcript.exchanges if each.handshake}


def test_every_scenario_reaches_its_end_on_the_reference() -> None:
    for transcript in drive().values():
        assert transcript.stop is None
        assert transcript.skipped == {}
        assert "OPEN" not in states(transcript).values()


class NeverCancels(Lifecycle):
    """Refuses whoever cancels."""

    def permit(self, operation: str, roles: frozenset[Role]) -> None:
        super().permit(operation, frozenset() if operation == "CancelHandshake" else roles)


def test_what_a_scenario_leaves_open_it_tries_to_cancel() -> None:
    transcript = drive(Parts(lifecycle=NeverCancels))["email"]
    assert transcript.exchanges[-1].step == "clean-up-1"
    assert transcript.exchanges[-1].operation == "CancelHandshake"


class NeverInvites(Operations):
    """Refuses to invite."""

    def invite_account_to_organization(self, caller: str, request: Input, now: Millis) -> Document:
        raise Refusal("ConcurrentModificationException", message="not now")


def test_a_scenario_whose_set_up_fails_ends_there_and_says_why() -> None:
    transcript = drive(Parts(operations=NeverInvites))["email"]
    assert transcript.stop is not None
    assert transcript.stop.step == "email/invite"
    assert "InviteAccountToOrganization by the sender was answered HTTP 400 Concurrent" in transcript.stop.because
    assert len(transcript.exchanges) == 1


def test_reads_that_lag_are_repeated_for_as_long_as_they_may() -> None:
    with Reference.start(parts=Parts(operations=Lagging)) as reference:
        transcript = staged(reference, settle=5 * LAG).transcript("email")
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


def test_every_scenario_says_what_it_needs() -> None:
    with Reference.start() as reference:
        target = Target("here", reference.url, "us-east-1", Strategy.ONE)
        stage = Stage(target, Cast(Strategy.ONE, {Actor.SENDER: by_key(mint_account())}, None))
        for name, scenario in SCENARIOS.items():
            transcript = stage.transcript(name)
            assert transcript.stop is None
            assert bool(transcript.skipped.get("*")) is bool(scenario.needs)
