"""A target that is busy is asked again; one that stays busy is judged by that, or leaves the verdict open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from contracts.judging.busy import is_superseded
from contracts.vocabulary import Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Parts, Reference
from fixtures.reference.protocol.pipeline import Pipeline
from fixtures.reference.protocol.refusal import Breakdown, Conflict, Refusal, Throttled, Unavailable
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy
from proof.matrix import drive, runner_on, verdicts
from tests.suite import suite

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.reference.organizations.views import Document
    from fixtures.reference.protocol.parsing import ReceivedCall


class _AlwaysBusy(Pipeline):
    reason: ClassVar[type[Refusal]] = Conflict
    operation: ClassVar[str] = "InviteAccountToOrganization"

    def operate(self, account: str, call: ReceivedCall) -> Document:
        if call.operation == self.operation:
            raise self.reason
        return super().operate(account, call)


class InvitationsConflict(_AlwaysBusy):
    """Is too busy for every invitation."""


class NoOrganization(_AlwaysBusy):
    """Is too busy for every organization."""

    reason = Breakdown
    operation = "CreateOrganization"


class CancelsThrottled(_AlwaysBusy):
    """Is too busy for every cancellation."""

    reason = Throttled
    operation = "CancelHandshake"


@pytest.mark.long
@pytest.mark.parametrize("part", [InvitationsConflict, NoOrganization])
def test_where_nobody_can_be_invited_the_verdict_is_open_for_that_reason(
    part: type[_AlwaysBusy], tmp_path: Path
) -> None:
    with Reference.start(parts=Parts(pipeline=part)) as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}", "--account-strategy=key", "--settle=0.2")
    assert finished.code == 8, finished.output
    assert not finished.clauses("failed")
    assert part.reason().code in finished.output


def test_elsewhere_what_stays_busy_is_the_answer_and_only_the_last_one() -> None:
    with Reference.start(parts=Parts(pipeline=CancelsThrottled)) as reference:
        transcript = runner_on(reference).transcript("email")
    canceled = [each for each in transcript.exchanges if each.operation == "CancelHandshake"]
    judged = transcript.find("cancel")
    assert judged is not None
    assert judged.code == "TooManyRequestsException"
    assert sum(map(is_superseded, canceled[:5])) == 4


def test_where_being_busy_is_usual_it_is_no_answer() -> None:
    with Reference.start(parts=Parts(pipeline=CancelsThrottled)) as reference:
        target = replace(embedded_target(reference), throttles=True)
        transcript = ScenarioRunner(target, Identities(Strategy.KEY, {}, None)).transcript("email")
    assert transcript.find("cancel") is None
    assert transcript.stop is not None
    assert "the target stayed busy, 8 times" in transcript.stop.because


class InvitesYetFails(Pipeline):
    """Makes an invitation, and says that it failed."""

    def operate(self, account: str, call: ReceivedCall) -> Document:
        answer = super().operate(account, call)
        if call.operation == "InviteAccountToOrganization":
            raise Unavailable("InternalFailure", 500)
        return answer


def test_an_invitation_that_was_made_by_a_busy_answer_is_ended() -> None:
    with Reference.start(parts=Parts(pipeline=InvitesYetFails)) as reference:
        transcript = runner_on(reference).transcript("email")
        assert transcript.stop is not None
        assert "DuplicateHandshakeException" in transcript.stop.because
        assert [each.state for each in reference.store.handshakes() if each.state != "EXPIRED"] == ["CANCELED"]


def test_busy_answers_of_the_preflight_are_kept_apart(tmp_path: Path) -> None:
    class BusyAtFirst(Pipeline):
        """Is too busy for the first call of its own."""

        def admit(self, account: str, call: ReceivedCall) -> None:
            if "DescribeOrganization" not in {entry.operation for entry in self.log}:
                raise Unavailable("ServiceUnavailable", 503)

    with Reference.start(parts=Parts(pipeline=BusyAtFirst)) as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}", "-k", "sender_open")
    assert finished.run.busy == 1
    (preflight, *_) = finished.run.transcripts
    assert [each.step for each in preflight.exchanges if is_superseded(each)] == ["busy-1"]


class CancelsYetFails(Pipeline):
    """Carries each cancellation out, and says that it failed."""

    refusal: ClassVar[type[Refusal]] = Breakdown

    def operate(self, account: str, call: ReceivedCall) -> Document:
        answer = super().operate(account, call)
        if call.operation == "CancelHandshake":
            raise self.refusal
        return answer


class CancelsYetThrottles(CancelsYetFails):
    """Carries each cancellation out, and refuses it for its rate."""

    refusal = Throttled


@pytest.mark.parametrize(
    ("part", "outcome"), [(CancelsYetFails, Outcome.BLOCKED), (CancelsYetThrottles, Outcome.FAILED)]
)
def test_http_500_does_not_say_that_nothing_was_done_but_throttling_does(
    part: type[CancelsYetFails], outcome: Outcome
) -> None:
    transcripts = drive(Parts(pipeline=part))
    found = {each.name: each for each in verdicts(transcripts)}
    judged = found["transitions.sender-open:email/cancel"]
    assert judged.outcome is outcome
    assert found["transitions.sender-canceled"].outcome is Outcome.PASSED
    if outcome is Outcome.BLOCKED:
        assert "HTTP 500 ServiceException, which doesn't say that nothing was done, and then HTTP 400" in judged.because
