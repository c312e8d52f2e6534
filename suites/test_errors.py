"""How does the operation say no?"""

from __future__ import annotations

from contracts import operation
from contracts.exchange import Exchange
from contracts.expectations import expect, expect_equal, expect_refused
from contracts.judging import Blocked, answered, told
from contracts.shapes import error_schema, mismatches, reason_kind, shorten

# As recorded on 2026-09-13; the service changes its texts, so that they inform and never fail a target.
TEXTS = {
    "InvalidInputException": (
        "You must provide a value for the parameter.",
        "You provided a value that does not match the required pattern.",
    ),
    "HandshakeNotFoundException": ("You specified a handshake that doesn't exist.",),
    "AccessDeniedException": ("You don't have permissions to access this resource.",),
    "HandshakeAlreadyInStateException": ("The handshake is already in the requested state.",),
    "InvalidHandshakeTransitionException": ("You cannot perform this operation on a handshake in its current state",),
}
KINDS = {"required-absent": "INPUT_REQUIRED", "pattern-empty": "INVALID_PATTERN", "malformed": "INVALID_PATTERN"}


def test_unknown_id(answer: Exchange) -> None:
    expect_refused(answer, ("HandshakeNotFoundException",))


def test_status(answer: Exchange) -> None:
    _error_in(answer)
    expect_equal(answer.status, 400, "HTTP status")


def test_type_bare(answer: Exchange) -> None:
    expect_equal(answer.readable.get("__type"), _error_in(answer), "__type")


def test_message(answer: Exchange) -> None:
    _error_in(answer)
    text = answer.readable.get("Message")
    expect(
        isinstance(text, str) and bool(text.strip()),
        expected="a Message that isn't empty",
        actual=f"Message {text!r} among the members {[*answer.readable]}",
    )


def test_schema(answer: Exchange) -> None:
    _expect_instance(answer, closed=False)


def test_no_unknown_members(answer: Exchange) -> None:
    _expect_instance(answer, closed=True)


def test_reason(answer: Exchange) -> None:
    _error_in(answer)
    given = answer.reason
    expect(
        given is not None and reason_kind(given) == KINDS[answer.step],
        expected=f"Reason {KINDS[answer.step]}, alone or with a colon and the parameter",
        actual=f"Reason {answer.readable.get('Reason')!r}",
    )


def test_reason_parameter(answer: Exchange) -> None:
    _error_in(answer)
    if answer.reason is None:
        raise Blocked(f"{told(answer)} and no Reason, which errors.reason judges", answer.id)
    expect_equal(answer.reason.partition(":")[2], "HANDSHAKE_ID", "parameter")


def test_message_text(answer: Exchange) -> None:
    code = _error_in(answer)
    text = answer.message or ""
    recorded = TEXTS.get(code, ())
    expect(
        any(text.startswith(each) for each in recorded),
        expected=" or ".join(repr(each) for each in recorded) or f"an error that was recorded, not {code}",
        actual=repr(text),
    )


def test_unknown_operation(answer: Exchange) -> None:
    expect_refused(answer, ("UnknownOperationException",))


def _error_in(answer: Exchange) -> str:
    """The error's code, whichever it is; that it is the right one is for other clauses."""
    if answer.code is None:
        raise Blocked(f"{told(answer)}, so there is no error to look at", answer.id)
    return answer.code


def _expect_instance(answer: Exchange, *, closed: bool) -> None:
    code = _error_in(answer)
    shape = operation.error_shapes().get(code)
    if shape is None:
        expect(held=False, expected=f"one of the errors that {operation.OPERATION} declares", actual=answered(answer))
        return
    found = mismatches(answer.readable, error_schema(shape, closed=closed))
    expect(
        not found,
        expected=f"an instance of {shape.name}{', and nothing more' if closed else ''}",
        actual=shorten("; ".join(str(each) for each in found), 600),
    )
