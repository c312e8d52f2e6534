"""Endpoints odder than any fault: the run stays bounded, its verdicts are true, and it leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from contracts.judging.exchange import Response
from contracts.judging.expectations import expect_same_handshake
from contracts.transitions import pending
from contracts.vocabulary import Outcome
from fixtures.reference import Parts, Reference
from fixtures.reference.faults import FAULTS
from fixtures.reference.http.transmission import Handler, Transmission
from fixtures.reference.organizations.views import Document, Views
from fixtures.reference.protocol.parsing import Parser
from fixtures.reference.protocol.refusal import Refusal
from fixtures.reference.protocol.rendering import Renderer
from proof.matrix import drive, runner_on, verdicts
from reports import stream
from tests.endpoints import always
from tests.suite import ROOT, clean_environment, suite

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.reference.organizations.store import Handshake


def left_open(reference: Reference) -> list[Handshake]:
    """Return what the suite has made and can end: not what enabling all features asks of the members."""
    return [each for each in reference.store.handshakes() if each.state in pending() and each.parent is None]


def test_the_order_of_members_in_a_json_object_means_nothing() -> None:
    one = {"Parties": [{"Id": "b", "Type": "EMAIL"}, {"Type": "ORGANIZATION", "Id": "a"}]}
    other = {"Parties": [{"Type": "EMAIL", "Id": "b"}, {"Id": "a", "Type": "ORGANIZATION"}]}
    expect_same_handshake(one, other)


class Shuffles(Renderer):
    """Writes the members of every object in another order each time."""

    turn: ClassVar[int] = 0

    def serialize(self, document: Document) -> bytes:
        """Return the document as JSON."""
        type(self).turn += 1
        return super().serialize(_turned(document, reverse=self.turn % 2 == 0))


def _turned(value: Any, *, reverse: bool) -> Any:
    if isinstance(value, dict):
        pairs = [(name, _turned(member, reverse=reverse)) for name, member in value.items()]
        return dict(reversed(pairs) if reverse else pairs)
    return [_turned(item, reverse=reverse) for item in value] if isinstance(value, list) else value


def test_members_in_varying_order_fail_nothing() -> None:
    found = {each.outcome for each in verdicts(drive(Parts(renderer=Shuffles))) if each.lacking != "busy"}
    assert found == {Outcome.PASSED}


class Strange(Views):
    """Shows a handshake with one member replaced by something that nobody expects."""

    changes: ClassVar[Document] = {}

    def handshake(self, handshake: Handshake) -> Document:
        """Return the JSON document of the handshake."""
        return super().handshake(handshake) | self.changes


@pytest.mark.parametrize(
    "change",
    [
        {"State": ["CANCELED"]},
        {"State": {"a": 1}},
        {"Id": 7},
        {"Parties": [[1], {"Type": ["ORGANIZATION"], "Id": ["x"]}, "text"]},
        {"Parties": {"Type": "ORGANIZATION"}},
        {"Resources": "none"},
        {"Resources": [{"Type": "ORGANIZATION", "Resources": [1, None, "x"]}]},
        {"RequestedTimestamp": 10**400, "ExpirationTimestamp": -1},
        {"RequestedTimestamp": True},
        {"Arn": None, "Action": 3},
    ],
    ids=str,
)
def test_a_strange_answer_is_the_targets_fault_and_not_the_suites(change: Document) -> None:
    class Changed(Strange):
        changes = change

    found = Counter(each.outcome for each in verdicts(drive(Parts(views=Changed))))
    assert found[Outcome.ERROR] == 0
    assert found[Outcome.FAILED] + found[Outcome.BLOCKED] > 0


class NestedTooDeep(Renderer):
    """Answers with more brackets than a reader can take."""

    def serialize(self, document: Document) -> bytes:
        """Return the document as JSON."""
        return b"[" * 200_000 if "Handshake" in document else super().serialize(document)


def test_a_scenario_is_driven_once_whatever_comes_of_it() -> None:
    with Reference.start(parts=Parts(renderer=NestedTooDeep)) as reference:
        runner = runner_on(reference)
        for _ in range(3):
            runner.transcript("email")
        invited = sum(entry.operation == "InviteAccountToOrganization" for entry in reference.log)
    assert invited == 1


class NoCancelHandshake(Parser):
    """Has everything but the operation."""

    def operation(self, request: Any) -> str:
        """Return the operation that the request addresses."""
        found = super().operation(request)
        if found == "CancelHandshake":
            raise Refusal("UnknownOperationException", "There is no such operation.")
        return found


def test_a_target_that_lacks_only_the_operation_is_told_so_and_left_clean(tmp_path: Path) -> None:
    with Reference.start(parts=Parts(parser=NoCancelHandshake)) as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}")
        assert finished.code == 7, finished.output
        assert not finished.clauses("failed")
        stays = {each.id for each in left_open(reference)}
    assert stays == set(finished.run.left_open)
    for each in stays:  # an invitation by email has no account that could decline it
        assert each in finished.output


class UnknownIdsAreNowhere(Renderer):
    """Says 404 with a page of HTML where a handshake doesn't exist."""

    def failure(self, refusal: Refusal, request_id: str) -> Response:
        """Return the response with this refusal."""
        if refusal.code != "HandshakeNotFoundException":
            return super().failure(refusal, request_id)
        return Response(404, (("Content-Type", "text/html"), ("Content-Length", "6")), b"<html>")


@pytest.mark.long
def test_an_odd_way_to_say_not_found_is_not_taken_for_an_absent_operation(tmp_path: Path) -> None:
    with Reference.start(parts=Parts(renderer=UnknownIdsAreNowhere)) as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}")
    assert finished.code == 1, finished.output
    assert "errors.unknown-id" in finished.clauses("failed")
    assert "transitions.sender-open" in finished.clauses("passed")


class FirstInvitationUnanswered(Transmission):
    """Stores the first invitation and never answers it."""

    dropped = False

    def send(self, response: Response, handler: Handler) -> None:
        """Send the response."""
        if not self.dropped and "InviteAccount" in handler.headers.get("X-Amz-Target", ""):
            self.dropped = handler.close_connection = True
        else:
            super().send(response, handler)


def test_an_invitation_whose_answer_was_lost_is_found_and_canceled() -> None:
    with Reference.start(parts=Parts(transmission=FirstInvitationUnanswered)) as reference:
        transcript = runner_on(reference).transcript("email")
        assert transcript.stop is not None
        assert len(reference.store.handshakes()) == 1
        assert not left_open(reference)


def test_a_target_that_dies_is_noticed_at_the_call_that_it_died_of() -> None:
    reference = Reference.start()
    runner = runner_on(reference)
    assert runner.transcript("email").stop is None
    reference.stop()
    first, second = runner.transcript("account"), runner.transcript("inputs")
    assert first.stop is not None
    assert "gone" in first.stop.because
    assert len(first.exchanges) == 1
    assert second.exchanges == ()
    assert second.stop == first.stop


@pytest.mark.parametrize("selection", ["not accepted-again", "not required-absent"])
def test_leaving_out_one_case_of_a_clause_leaves_the_verdict_open(selection: str, tmp_path: Path) -> None:
    finished = suite(tmp_path, "-k", selection)
    assert finished.code == 8, finished.output
    assert "checks were not run" in finished.output


class Slow(Transmission):
    """Takes its time."""

    def send(self, response: Response, handler: Handler) -> None:
        """Send the response."""
        time.sleep(0.02)
        super().send(response, handler)


@pytest.mark.long
def test_an_interrupted_run_says_so_reports_what_it_did_and_cleans_up(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--report-dir={tmp_path}"]
    with Reference.start(parts=Parts(transmission=Slow)) as reference:
        running = subprocess.Popen(
            [*command, f"--endpoint-url={reference.url}"],
            cwd=ROOT,
            env=clean_environment(tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 30
        while len(reference.log) < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        output = running.communicate(timeout=30)[0]
        assert running.returncode == 2, output
        assert output.rstrip().splitlines()[-1].startswith("INTERRUPTED (exit 2)")
        assert not left_open(reference)
        seen = sum("CancelHandshake" in entry.operation for entry in reference.log)
    run = stream.read(tmp_path / "report.jsonl")
    assert run.calls >= 20
    assert sum(each.operation == "CancelHandshake" for each in run.exchanges) >= seen - 1
    assert '"complete": false' in (tmp_path / "report.jsonl").read_text(encoding="utf-8")


class Rewords(Renderer):
    """Says every error in words that elsewhere mean that nothing is implemented."""

    def error(self, refusal: Refusal) -> Document:
        """Return the JSON document of the refusal."""
        return super().error(refusal) | {"Message": "This is not supported, and not implemented, here."}


@pytest.mark.long
def test_the_wording_of_the_services_own_errors_is_no_sign_of_absence(tmp_path: Path) -> None:
    with Reference.start(parts=Parts(renderer=Rewords)) as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}")
    assert finished.code == 0, finished.output
    assert finished.clauses("failed") == {"errors.message-text"}


class EveryErrorIsNowhere(Renderer):
    """Answers every error as 404 in plain text."""

    def failure(self, refusal: Refusal, request_id: str) -> Response:
        """Return the response with this refusal."""
        return Response(404, (("Content-Type", "text/plain"), ("Content-Length", "4")), b"none")


@pytest.mark.long
def test_an_operation_that_was_seen_to_work_is_not_absent(tmp_path: Path) -> None:
    with Reference.start(parts=Parts(renderer=EveryErrorIsNowhere)) as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}", "--account-strategy=key")
    assert finished.code == 1, finished.output
    assert "transitions.sender-open" in finished.clauses("passed")


class Twice(Renderer):
    """Gives the state twice in one object."""

    def serialize(self, document: Document) -> bytes:
        """Return the document as JSON."""
        return super().serialize(document).replace(b'"State": "C', b'"State": "OPEN", "State": "C')


class NotANumber(Strange):
    """Shows a timestamp that JSON has no number for."""

    changes: ClassVar[Document] = {"RequestedTimestamp": float("nan")}


OF_THE_INVITATION = {  # whose state isn't given twice
    "response.requested-at-the-time",
    "response.address-as-given",
    "response.notes-as-given",
}


@pytest.mark.parametrize("parts", [Parts(renderer=Twice), Parts(views=NotANumber)], ids=["twice", "nan"])
def test_what_only_some_readers_take_for_json_is_none(parts: Parts) -> None:
    passed = {each.clause for each in verdicts(drive(parts)) if each.outcome is Outcome.PASSED}
    assert not {clause for clause in passed if clause.startswith("response.")} - OF_THE_INVITATION
    assert "transitions.sender-open" not in passed


def test_rejected_keys_are_told_without_what_the_target_echoes(tmp_path: Path) -> None:
    secret = "AKIAVERYMUCHASECRET0"
    body = b'{"__type": "UnrecognizedClientException", "Reason": "' + secret.encode() + b'"}'
    keys = {"AWS_ACCESS_KEY_ID": secret, "AWS_SECRET_ACCESS_KEY": "x"}
    with always(400, "application/x-amz-json-1.1", body) as url:
        finished = suite(tmp_path, f"--endpoint-url={url}", "--account-strategy=one", **keys)
    assert finished.code == 6, finished.output
    assert "rejects the sender's keys: HTTP 400 UnrecognizedClientException" in finished.output
    assert secret not in finished.output


def test_an_earlier_report_does_not_pass_for_this_runs(tmp_path: Path) -> None:
    assert suite(tmp_path).code == 0
    assert suite(tmp_path, "--endpoint-url=http://127.0.0.1:9").code == 6
    assert not (tmp_path / "report.jsonl").exists()
    assert not (tmp_path / "junit.xml").exists()
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("option", ["--fault=cancel-not-stored", "--profile=x", "--ca-bundle=x"])
def test_a_replay_takes_no_option_of_a_target(option: str, tmp_path: Path) -> None:
    finished = suite(tmp_path, "--replay=contracts/recordings/organizations-2026-09-13.json", option)
    assert finished.code == 4, finished.output
    assert "--replay: a replay judges without a target" in finished.output


def test_a_fault_without_a_name_is_bad_usage(tmp_path: Path) -> None:
    finished = suite(tmp_path, "--fault=")
    assert finished.code == 4, finished.output


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["signature-unchecked", "first-call-denied", "first-cancellation-slow", "type-missing"]
)
def test_a_fault_fails_through_pytest_what_it_says_it_fails(name: str, tmp_path: Path) -> None:
    finished = suite(tmp_path, f"--fault={name}")
    assert finished.clauses("failed") == set(FAULTS[name].kills)
