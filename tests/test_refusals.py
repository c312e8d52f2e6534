"""What clauses make of refusals: of every one of a scenario, of bodies that can't be read, of throttling."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts import recordings
from contracts.clauses import contract
from contracts.judging.busy import THROTTLING_CODES
from contracts.judging.exchange import Exchange, Request, Response, Transcript
from contracts.judging.expectations import expect_turned_down
from contracts.judging.judge import Deviation, judge
from contracts.judging.summary import body_kind
from contracts.model import operation
from contracts.vocabulary import REFUSALS, Outcome
from proof.matrix import judge_of

if TYPE_CHECKING:
    from contracts.judging.verdict import Verdict

DENIED = b'{"__type": "AccessDeniedException", "Message": "You may not."}'
JSON = (("Content-Type", "application/x-amz-json-1.1"),)


def answer(step: str, body: bytes = DENIED, status: int = 400, sent: bytes = b"{}", **more: str) -> Exchange:
    request = Request("POST", "http://127.0.0.1/", (), sent)
    actor = more.get("actor", "sender")
    return Exchange("callers", step, actor, "CancelHandshake", request, Response(status, JSON, body))


def verdict(clause: str, *exchanges: Exchange) -> Verdict:
    row = contract()[clause]
    return judge(row, REFUSALS, judge_of(row), Transcript("callers", exchanges), case="callers/refusals")


@pytest.mark.parametrize("odd", range(3))
def test_one_refusal_with_another_status_fails_wherever_it_stands(odd: int) -> None:
    answers = [answer(f"step-{number}") for number in range(3)]
    assert verdict("errors.status", *answers).outcome is Outcome.PASSED
    answers[odd] = answer(f"step-{odd}", status=403)
    judged = verdict("errors.status", *answers)
    assert (judged.outcome, judged.exchanges) == (Outcome.FAILED, (f"callers/step-{odd}",))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<Error><Code>AccessDenied</Code></Error>", "the body is XML"),
        (b"<!DOCTYPE html><h1>500</h1>", "the body is an HTML page"),
        (b"", "the body is empty"),
        (b"denied", "the body is no JSON object: 'denied'"),
        (b"[1]", "the body is no JSON object: '[1]'"),
        (b"\xff\xfe", r"the body is no JSON object: '\\xff\\xfe'"),
    ],
)
def test_what_cannot_be_read_as_json_fails_in_words(body: bytes, kind: str) -> None:
    unreadable = answer("step", body)
    assert body_kind(unreadable) == kind
    for clause in ("errors.schema", "errors.no-unknown-members", "errors.message", "errors.type-bare"):
        judged = verdict(clause, answer("before"), unreadable)
        assert (judged.outcome, judged.actual) == (Outcome.FAILED, f"HTTP 400, {kind}"), clause


@pytest.mark.parametrize("body", [b"<html>", b'{"__type": "InternalFailure"}'])
def test_http_500_is_one_defect_whatever_its_body(body: bytes) -> None:
    assert verdict("errors.status", answer("step", body, 500)).outcome is Outcome.FAILED


def test_an_error_with_status_200_is_an_error() -> None:
    assert verdict("errors.status", answer("step", DENIED, 200)).outcome is Outcome.FAILED


def test_calls_of_something_else_are_no_refusals() -> None:
    other = replace(
        answer("odd"), request=Request("POST", "", (("X-Amz-Target", f"{operation.target_header()}s"),), b"{}")
    )
    malformed = answer("malformed", status=403, sent=b'{"HandshakeId": ')
    judged = verdict("errors.status", replace(other, response=Response(404, JSON, b"{}")), malformed)
    assert judged.outcome is Outcome.BLOCKED


def test_where_nobody_was_refused_there_is_nothing_to_judge() -> None:
    success = answer("step", json.dumps({"Handshake": {"State": "CANCELED"}}).encode(), 200)
    assert verdict("errors.status", success).outcome is Outcome.BLOCKED


@pytest.mark.parametrize("code", ["UnauthorizedException", "ValidationException", "AWSOrganizationsNotInUseException"])
def test_an_error_that_nobody_declares_is_a_recommended_miss(code: str) -> None:
    assert verdict("errors.declared", answer("step", b'{"__type": "%s"}' % code.encode())).outcome is Outcome.FAILED


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidClientTokenId", "ValidationError"])
def test_the_service_s_common_errors_are_no_miss(code: str) -> None:
    assert verdict("errors.declared", answer("step", b'{"__type": "%s"}' % code.encode())).outcome is Outcome.PASSED


@pytest.mark.parametrize("code", sorted(THROTTLING_CODES))
def test_throttling_turns_nobody_down(code: str) -> None:
    with pytest.raises(Deviation):
        expect_turned_down(answer("step", b'{"__type": "%s", "Message": "later"}' % code.encode()))


def test_status_429_turns_nobody_down() -> None:
    with pytest.raises(Deviation):
        expect_turned_down(answer("step", DENIED, 429))


def test_a_denial_of_others_may_spell_its_message_in_lower_case() -> None:
    lower = DENIED.replace(b"Message", b"message")
    assert verdict("errors.message", answer("step", lower)).outcome is Outcome.FAILED
    assert verdict("errors.message", answer("step", lower, actor="stranger")).outcome is Outcome.PASSED


def test_every_local_source_is_there() -> None:
    kinds = [source.partition(":") for clause in contract().clauses for source in clause.sources]
    for kind, _, place in kinds:
        if kind == "model":
            assert operation.resolve(place) is not None, place
        elif kind == "recording":
            assert recordings.resolve(place).operation, place
        else:
            assert (kind, place[:2]) == ("https", "//")
            assert "/tree/" not in place, f"{place}: a folder is no source"
    assert {kind for kind, _, _ in kinds} == {"model", "recording", "https"}
