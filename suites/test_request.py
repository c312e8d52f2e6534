"""Clauses on the inputs that the operation accepts and refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.judging.expectations import expect, expect_refused, expect_turned_down
from contracts.judging.judge import Blocked, Evidence
from contracts.judging.summary import answer_summary, call_summary
from contracts.model import operation
from contracts.model.shapes import reason_kind

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange

INVALID = ("InvalidInputException",)
NOT_FOUND = ("HandshakeNotFoundException",)
"""Refusals for the caller or the state of a handshake, which was found then. Other clauses judge them."""


def test_id_absent(answer: Exchange) -> None:
    expect_refused(answer, INVALID)


def test_id_empty(answer: Exchange) -> None:
    expect_refused(answer, INVALID)


def test_id_malformed(answer: Exchange) -> None:
    expect_refused(answer, INVALID)


def test_null_is_absent(answer: Exchange, evidence: Evidence) -> None:
    _expect_like(answer, evidence["required-absent"])


def test_empty_body(answer: Exchange, evidence: Evidence) -> None:
    _expect_like(answer, evidence["required-absent"])


def test_content_type_parameters(answer: Exchange, evidence: Evidence) -> None:
    _expect_like(answer, evidence["legal-shortest"])


def test_unknown_member_ignored(answer: Exchange, evidence: Evidence) -> None:
    _expect_like(answer, evidence["legal-shortest"])


def test_longest_id_accepted(answer: Exchange) -> None:
    expect_refused(answer, NOT_FOUND)


def test_violation_refused(answer: Exchange) -> None:
    expect_turned_down(answer)


def test_violation_code(answer: Exchange) -> None:
    expect_refused(answer, INVALID)
    kinds = {"INVALID_PATTERN", *_broken_lengths(answer)}
    given = reason_kind(answer.reason or "")
    expect(given in kinds, expected=f"Reason {' or '.join(sorted(kinds))}", actual=f"Reason {answer.reason!r}")


def test_wrong_type(answer: Exchange) -> None:
    expect_refused(answer, ("SerializationException", *INVALID))


def test_malformed_json(answer: Exchange) -> None:
    expect_refused(answer, ("SerializationException",))


def test_near_id_not_found(answer: Exchange) -> None:
    expect_refused(answer, NOT_FOUND)


def test_escaped_id(answer: Exchange, evidence: Evidence) -> None:
    _expect_like(answer, evidence["legal-shortest"])


def test_lower_case_headers(answer: Exchange, evidence: Evidence) -> None:
    _expect_like(answer, evidence["legal-shortest"])


def test_content_type_case(answer: Exchange, evidence: Evidence) -> None:
    _expect_like(answer, evidence["legal-shortest"])


def _expect_like(answer: Exchange, other: Exchange) -> None:
    """Expect the answer to another call with the same meaning. Other clauses judge whether that is right."""
    if other.response is None:
        raise Blocked(f"{call_summary(other)}, so there is nothing to compare with", other.id)
    expect(
        (answer.status, answer.code, answer.reason) == (other.status, other.code, other.reason),
        expected=f"{answer_summary(other)}, as {other.id} was answered",
        actual=answer_summary(answer),
    )


def _broken_lengths(answer: Exchange) -> set[str]:
    """Return the Reasons for a wrong length, which breaks the pattern as well: which of the two is given is unknown."""
    reasons = set()
    for name, shape in operation.input_shape().members.items():
        length = len(answer.sent.get(name, ""))
        if length > shape.metadata.get("max", length):
            reasons.add("MAX_LENGTH_EXCEEDED")
        if length < shape.metadata.get("min", length):
            reasons.add("MIN_LENGTH_EXCEEDED")
    return reasons
