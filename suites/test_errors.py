"""Clauses on the form of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts import recordings
from contracts.judging.busy import CONFLICT, FAILURE_STATUSES, is_throttling
from contracts.judging.exchange import header
from contracts.judging.expectations import (
    expect,
    expect_equal,
    expect_no_mismatch,
    expect_readable,
    expect_refused,
)
from contracts.judging.judge import Blocked, Evidence, NotApplicable
from contracts.judging.summary import answer_summary, call_summary
from contracts.model import operation
from contracts.model.shapes import error_schema, mismatches, reason_kind, unknown_members
from contracts.vocabulary import BUSY, CAPABILITIES, Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import StructureShape

    from contracts.judging.exchange import Exchange

PARTIES = (Actor.SENDER, Actor.RECIPIENT)
COMMON_ERRORS = {
    "AccessDeniedException",
    "IncompleteSignature",
    "InternalFailure",
    "InvalidAction",
    "InvalidClientTokenId",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "ServiceUnavailable",
    "ThrottlingException",
    "ValidationError",
}
"""Errors that the model leaves out.

Source: https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html
"""
RECORDED = recordings.recording("organizations-2026-09-13")


def test_unknown_id(answer: Exchange) -> None:
    expect_refused(answer, ("HandshakeNotFoundException",))


def test_status(answer: Exchange) -> None:
    expect_equal(answer.status, 400, "HTTP status")


def test_type_bare(answer: Exchange) -> None:
    expect_readable(answer)
    given = answer.readable.get("__type")
    bare = answer.code if answer.code is not None else "the name of the error's shape"
    expect(given is not None and given == answer.code, expected=f"__type {bare}", actual=f"__type {given!r}")


def test_message(answer: Exchange) -> None:
    expect_readable(answer)
    # Recorded for the sender and the recipient. A denial that comes from another layer of the service may spell it
    # in lower case, as other awsJson services do.
    text = answer.readable.get("Message") if answer.actor in PARTIES else answer.message
    expect(
        isinstance(text, str) and bool(text.strip()),
        expected="a Message that isn't empty",
        actual=f"Message {text!r} among the members {[*answer.readable]}",
    )


def test_declared(answer: Exchange) -> None:
    sent = header(answer.request.headers, "content-type") or ""
    if sent != sent.lower():  # whether that is a call of the operation is advisory (request.content-type-case)
        return
    expect(
        answer.code in {*operation.error_shapes(), *COMMON_ERRORS},
        expected=f"an error that {operation.OPERATION} declares, or one common to the service's operations",
        actual=answer_summary(answer),
    )


def test_schema(answer: Exchange) -> None:
    expect_readable(answer)
    expect(answer.code is not None, expected="an error that names its type", actual=answer_summary(answer))
    if shape := _declared_shape(answer):
        expect_no_mismatch(mismatches(answer.readable, error_schema(shape)), f"an instance of {shape.name}")


def test_no_unknown_members(answer: Exchange) -> None:
    expect_readable(answer)
    if shape := _declared_shape(answer):
        expect_no_mismatch(unknown_members(answer.readable, shape), f"no members but __type and those of {shape.name}")


def test_reason(answer: Exchange) -> None:
    _require_invalid_input(answer)
    given, recorded = answer.reason, reason_kind(_recorded(answer)["Reason"])
    expect(
        given is not None and reason_kind(given) == recorded,
        expected=f"Reason {recorded}, alone or with a colon and the parameter",
        actual=f"Reason {answer.readable.get('Reason')!r}",
    )


def test_reason_parameter(answer: Exchange) -> None:
    _require_invalid_input(answer)
    if answer.reason is None:
        raise Blocked(f"{call_summary(answer)}, without a Reason (judged by errors.reason)", answer.id)
    expect_equal(answer.reason.partition(":")[2], "HANDSHAKE_ID", "parameter")


def test_message_text(answer: Exchange) -> None:
    recorded = _recorded(answer)
    if _error_code(answer) != recorded["__type"]:
        raise Blocked(f"{call_summary(answer)}, which is not the error whose Message was recorded", answer.id)
    expect_equal(answer.message, recorded["Message"], "Message")


def test_throttled(evidence: Evidence) -> None:
    for answer in _busy(evidence, is_throttling):
        evidence[answer.step]
        expect_refused(answer, ("TooManyRequestsException", "ThrottlingException"))
        expect_equal(answer.status, 400, "HTTP status")
        expect(bool(answer.message), expected="a Message that isn't empty", actual=answer_summary(answer))


def test_throttled_code(evidence: Evidence) -> None:
    for answer in _busy(evidence, is_throttling):
        evidence[answer.step]
        expect_refused(answer, ("TooManyRequestsException",))


def test_conflict(evidence: Evidence) -> None:
    for answer in _busy(evidence, lambda each: each.code == CONFLICT):
        evidence[answer.step]
        expect(bool(answer.message), expected="a Message that isn't empty", actual=answer_summary(answer))
        expect_equal(answer.status, 400, "HTTP status")


def test_unavailable(evidence: Evidence) -> None:
    for answer in _busy(evidence, lambda each: each.code != CONFLICT and not is_throttling(each)):
        evidence[answer.step]
        expect_refused(answer, {*operation.error_shapes(), *COMMON_ERRORS})
        expect(answer.status in FAILURE_STATUSES, expected="HTTP status 500 or 503", actual=answer_summary(answer))
        expect(bool(answer.message), expected="a Message that isn't empty", actual=answer_summary(answer))


def test_unknown_operation(answer: Exchange) -> None:
    expect_refused(answer, ("UnknownOperationException", "InvalidAction"))


def _busy(evidence: Evidence, is_meant: Callable[[Exchange], bool]) -> list[Exchange]:
    """Return the busy answers that are meant."""
    found = [*filter(is_meant, evidence.busy())]
    if not found:
        raise NotApplicable(f"applies only where {CAPABILITIES[BUSY]}", BUSY)
    return found


def _declared_shape(answer: Exchange) -> StructureShape | None:
    """Return the shape of the error, None for one that the operation doesn't declare (judged by errors.declared)."""
    return operation.error_shapes().get(answer.code or "")


def _error_code(answer: Exchange) -> str:
    """Return the error's code. Other clauses judge whether it is the right one."""
    if answer.code is None:
        raise Blocked(f"{call_summary(answer)}, so there is no error to judge", answer.id)
    return answer.code


def _require_invalid_input(answer: Exchange) -> None:
    """Require InvalidInputException, the only error with a Reason. Clauses of the theme request judge the code."""
    if answer.code != "InvalidInputException":
        raise Blocked(f"{call_summary(answer)}, so there is no Reason to judge", answer.id)


def _recorded(answer: Exchange) -> Mapping[str, Any]:
    """Return the body of the service's recorded answer to the same step."""
    return RECORDED[RECORDED.scenarios[answer.situation][answer.step]].body
