"""Judging: failures, missing preconditions and mistakes of the suite are told apart."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ParamValidationError

from contracts.clauses import Clause, contract
from contracts.judging.absence import absence
from contracts.judging.exchange import Exchange, MalformedBody, Request, Response, Stop, Transcript
from contracts.judging.expectations import expect, expect_same_handshake
from contracts.judging.judge import Blocked, Deviation, Evidence, NotApplicable, UnreachedStep, handshake_in, judge
from contracts.judging.verdict import Verdict
from contracts.model import operation
from contracts.vocabulary import Outcome

CLAUSE = contract()["transitions.sender-open"]
JSON = "application/x-amz-json-1.1"


def exchange(
    step: str,
    status: int = 200,
    body: Any = None,
    *,
    name: str = operation.OPERATION,
    actor: str = "sender",
    headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON),),
) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
    request = Request("POST", "http://127.0.0.1/", (), b"{}")
    return Exchange("here", step, actor, name, request, Response(status, headers, raw))


def verdict(check: Any, *exchanges: Exchange, clause: Clause = CLAUSE, **transcript: Any) -> Verdict:
    return judge(clause, "it", check, Transcript("here", exchanges, **transcript))


def fails(answer: Exchange) -> None:
    raise Deviation(expected="more", actual=str(answer.status))


def breaks(answer: Exchange) -> None:
    raise ZeroDivisionError(answer.step)


def blocks(answer: Exchange) -> None:
    raise Blocked("nothing to see", answer.id)


def passes(answer: Exchange) -> None:
    assert answer


def test_each_outcome_has_its_cause() -> None:
    it = exchange("it")
    assert verdict(passes, it).outcome is Outcome.PASSED
    assert verdict(fails, it).outcome is Outcome.FAILED
    assert verdict(breaks, it).outcome is Outcome.ERROR
    assert verdict(blocks, it).outcome is Outcome.BLOCKED
    assert verdict(passes).outcome is Outcome.ERROR
    assert verdict(passes, skipped={"it": "recipient"}).outcome is Outcome.NOT_APPLICABLE
    assert verdict(passes, skipped={"*": "member"}).outcome is Outcome.NOT_APPLICABLE
    assert verdict(passes, stop=Stop("setup/x", "it fell over")).outcome is Outcome.BLOCKED
    absent = judge(CLAUSE, "it", passes, Transcript("here", (it,)), absent="HTTP 501")
    assert absent.outcome is Outcome.NOT_IMPLEMENTED


def test_a_verdict_says_what_shows_it_and_why() -> None:
    failed = verdict(fails, exchange("it", 201))
    assert (failed.expected, failed.actual, failed.exchanges) == ("more", "201", ("here/it",))
    blocked = verdict(passes, stop=Stop("setup/x", "it fell over"))
    assert (blocked.because, blocked.exchanges) == ("it fell over", ("setup/x",))
    assert "ZeroDivisionError" in verdict(breaks, exchange("it")).because
    inapplicable = verdict(passes, skipped={"it": "recipient"})
    assert (inapplicable.because, inapplicable.lacking) == (
        "applies only where the invited account can act",
        "recipient",
    )


def test_in_a_scenario_that_was_skipped_nothing_was_busy_whatever_it_was_skipped_for() -> None:
    for skipped, lacking in ({"*": "signatures"}, "busy"), ({"*": "recorded"}, "recorded"):
        assert judge(CLAUSE, "busy-1", passes, Transcript("here", (), skipped=skipped)).lacking == lacking


def test_the_same_answer_to_several_actors_is_one_reason_and_the_exchange_says_whose() -> None:
    def needs_handshake(answer: Exchange) -> None:
        handshake_in(answer)

    verdicts = [verdict(needs_handshake, exchange("it", 400, actor=actor)) for actor in ("sender", "recipient")]
    assert len({each.because for each in verdicts}) == 1
    assert {each.exchanges for each in verdicts} == {("here/it",)}
    unanswered = Exchange("here", "it", "sender", operation.OPERATION, exchange("it").request, None, "timed out")
    assert verdict(needs_handshake, unanswered).because.startswith("CancelHandshake got no answer: timed out")


def test_another_operation_that_is_not_there_blocks_and_does_not_fail() -> None:
    listed = exchange("it", 501, name="ListAccounts")
    assert verdict(fails, listed).outcome is Outcome.BLOCKED
    assert "ListAccounts is not implemented: HTTP 501" in verdict(fails, listed).because


def test_a_verdict_travels_as_json() -> None:
    failed = verdict(fails, exchange("it"))
    assert Verdict.from_json(json.loads(json.dumps(failed.to_json()))) == failed


@pytest.mark.parametrize(
    ("status", "body", "headers", "sign"),
    [
        (501, {}, (), "HTTP 501"),
        (500, b"<html>", (("Content-Type", "text/html; charset=utf-8"),), "HTTP 500, text/html, no error type"),
        (400, {"__type": "InvalidAction"}, (), "HTTP 400 InvalidAction"),
        (400, {"__type": "x#UnknownOperationException:y"}, (), "HTTP 400 UnknownOperationException"),
        (400, {"message": "CancelHandshake is not yet implemented"}, (), "not yet implemented"),
        (404, b"404 page not found", (), "HTTP 404"),
        (405, b"", (), "HTTP 405"),
        (500, {"__type": "ServiceException", "Message": "sorry"}, (), None),
        (500, b"", (), None),
        (400, {"__type": "HandshakeNotFoundException"}, (), None),
        (404, {"__type": "HandshakeNotFoundException"}, (), None),
        (200, {"message": "not implemented"}, (), None),
    ],
)
def test_the_signs_of_an_absent_operation(
    status: int, body: Any, headers: tuple[tuple[str, str], ...], sign: str | None
) -> None:
    found = absence(exchange("it", status, body, headers=headers))
    assert (found is None) is (sign is None)
    assert found is None or (sign or "") in found


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        ({"__type": "A"}, (), "A"),
        ({"__type": "aws.x#A:http://y"}, (), "A"),
        ({"code": "B", "__type": "A"}, (), "B"),
        ({"__type": "A"}, (("x-amzn-ErrorType", "C:"),), "C"),
        (b"<Error><Code>A</Code></Error>", (), None),
        ({"__type": 7}, (), None),
    ],
)
def test_an_error_is_found_where_sdks_find_it(
    body: Any, headers: tuple[tuple[str, str], ...], code: str | None
) -> None:
    assert exchange("it", 400, body, headers=headers).code == code


@pytest.mark.parametrize("body", [b"", b"[]", b"nope", b"\xff{}", b'"text"'])
def test_a_body_that_is_no_object_is_malformed_and_reads_as_empty(body: bytes) -> None:
    with pytest.raises(MalformedBody, match="here/it"):
        assert exchange("it", 200, body).document
    assert exchange("it", 200, body).readable == {}


def test_a_reading_before_and_after_is_the_senders_and_the_nearest() -> None:
    def described(step: str, state: str, actor: str = "sender") -> Exchange:
        return exchange(step, body={"Handshake": {"State": state}}, name="DescribeHandshake", actor=actor)

    it = exchange("it", 400)
    readings = [described("a", "1"), described("b", "2"), described("c", "3", "recipient"), it]
    readings += [described("d", "4", "recipient"), described("e", "5"), described("f", "6")]
    evidence = Evidence(Transcript("here", tuple(readings)))
    assert evidence.read_before(it)["State"] == "2"
    with pytest.raises(UnreachedStep, match="reading after it"):
        evidence.read_after(it)
    evidence = Evidence(Transcript("here", (*readings[:4], *readings[5:])))
    assert evidence.read_after(it).state == "5"
    assert [each.step for each in evidence.looked_at] == ["e"]
    on_file = Evidence(Transcript("here", tuple(readings), skipped={"*": "recorded"}))
    with pytest.raises(NotApplicable, match="no read of the handshake right after"):
        on_file.read_after(it)
    halted = Evidence(Transcript("here", (it,), stop=Stop("here/it", "gone")))
    with pytest.raises(Blocked, match="gone"):
        halted.read_after(it)


def test_parties_and_resources_are_compared_as_sets_and_all_else_exactly() -> None:
    one = {"Id": "x", "Parties": [{"Id": "1"}, {"Id": "2"}], "Resources": [{"R": [{"a": 1}, {"b": 2}]}]}
    other = {"Id": "x", "Parties": [{"Id": "2"}, {"Id": "1"}], "Resources": [{"R": [{"b": 2}, {"a": 1}]}]}
    expect_same_handshake(one, other)
    for change in ({"Id": "y"}, {"Parties": [{"Id": "1"}]}, {"State": "OPEN"}):
        with pytest.raises(Deviation):
            expect_same_handshake(one, other | change)


def test_expectations_hold_without_assert_statements() -> None:
    with pytest.raises(Deviation):
        expect(held=False, expected="a", actual="b")
    code = "from contracts.judging.expectations import expect; expect(False, expected='a', actual='b')"
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-O", "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert "Deviation: expected a; got b" in done.stderr


@pytest.mark.parametrize("value", [None, 7, True, ["h-00000000"], {}])
def test_botocore_itself_refuses_what_is_no_string(value: object) -> None:
    client = botocore.session.get_session().create_client(
        "organizations", "us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    with pytest.raises(ParamValidationError):
        client.cancel_handshake(HandshakeId=value)
    with pytest.raises(ParamValidationError):
        client.cancel_handshake()


@pytest.mark.parametrize("value", ["", "bad", "h-" + "0" * 33])
def test_botocore_lets_malformed_ids_through(value: str) -> None:
    client = botocore.session.get_session().create_client(
        "organizations", "us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    sent: list[Any] = []

    def stop(request: Any, **_: object) -> None:
        sent.append(json.loads(request.body))
        raise InterruptedError

    client.meta.events.register("before-send.organizations", stop)
    with pytest.raises(InterruptedError):
        client.cancel_handshake(HandshakeId=value)
    assert sent == [{"HandshakeId": value}]
