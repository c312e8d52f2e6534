"""Clauses on the protocol, and on what users of an SDK see of the answers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.errorfactory import ClientExceptionsFactory
from botocore.parsers import ResponseParserError

from contracts.judging.expectations import expect, expect_equal, expect_refused, require_wire
from contracts.judging.framing import MALFORMED, MISFRAMED, stated_length
from contracts.judging.judge import Blocked, Evidence, NotApplicable, handshake_in
from contracts.judging.sdk import sdk_reading
from contracts.judging.summary import call_summary
from contracts.model import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from contracts.judging.exchange import Exchange, Response

REQUEST_ID = "x-amzn-requestid"
SIGNATURE_ERRORS = {
    "unsigned": "MissingAuthenticationTokenException",
    "unknown-key": "UnrecognizedClientException",
    "wrong-secret": "InvalidSignatureException",
    "wrong-region": "InvalidSignatureException",
    "wrong-service": "InvalidSignatureException",
}


def test_content_type(answer: Exchange) -> None:
    _response_with_headers(answer)
    expect_equal(answer.header("content-type"), operation.content_type(), "Content-Type")


def test_content_length(answer: Exchange) -> None:
    response = _response_with_headers(answer)
    given, length = answer.header("content-length"), len(response.body)
    stated = stated_length(given)
    compared = repr(given) if stated is None else "greater" if stated > length else "smaller"
    expect(given == str(length), expected="the length of the body as Content-Length", actual=compared)


def test_head(answer: Exchange) -> None:
    _expect_none_of(MALFORMED, answer, "a head in the form of HTTP/1.1")


def test_framing(answer: Exchange) -> None:
    _expect_none_of(MISFRAMED, answer, "an answer with one end, which it says")


def test_request_id(answer: Exchange) -> None:
    _response_with_headers(answer)
    expect(bool(answer.header(REQUEST_ID)), expected=f"a header {REQUEST_ID}", actual="none")


def test_request_id_new(evidence: Evidence) -> None:
    _response_with_headers(evidence["cancel"])
    answers = (*evidence.all(), *evidence.busy())
    given = Counter(each.header(REQUEST_ID) for each in answers if each.header(REQUEST_ID))
    if not given:
        raise Blocked("no answer has a request id (judged by wire.request-id)", evidence.all()[0].id)
    repeated = {name: count for name, count in given.items() if count > 1}
    expect(not repeated, expected=f"{given.total()} answers with as many ids", actual=f"repeated: {repeated}")


def test_no_nulls(answer: Exchange) -> None:
    require_wire(answer)
    if not answer.readable:
        raise Blocked(f"{call_summary(answer)}, so there are no members to judge", answer.id)
    found = sorted(_nulls(answer.readable))
    expect(not found, expected="no null", actual=f"null at {', '.join(found)}")


def test_sdk_success(answer: Exchange) -> None:
    handshake_in(answer)
    try:
        parsed = sdk_reading(answer).get("Handshake", {})
    except ResponseParserError as error:
        expect(held=False, expected="an answer that botocore can parse", actual=str(error))
        return
    expect(answer.client in ("", "returned"), expected="a client that returns", actual=f"{answer.client} raised")
    expect_equal(parsed.get("Id"), answer.sent["HandshakeId"], "Id")
    for name in ("RequestedTimestamp", "ExpirationTimestamp"):
        value = parsed.get(name)
        aware = isinstance(value, datetime) and value.tzinfo is not None
        expect(aware, expected=f"{name} as an aware datetime", actual=f"{name} {value!r}")


def test_sdk_exception(answer: Exchange) -> None:
    if answer.status is None or answer.status <= 300:  # botocore reads an error from 301 on
        raise Blocked(f"{call_summary(answer)}, so there is no exception to judge", answer.id)
    try:
        code = sdk_reading(answer)["Error"]["Code"]
    except ResponseParserError as error:
        expect(held=False, expected="an answer that botocore can parse", actual=str(error))
        return
    classes = ClientExceptionsFactory().create_client_exceptions(operation.service_model())
    raised = answer.client or classes.from_code(code).__name__  # a recording has no client's exception
    modelled = operation.error_shapes().keys()
    expect(
        raised in modelled, expected=f"one of {', '.join(sorted(modelled))}", actual=f"{raised} (error code {code!r})"
    )


def test_signature(answer: Exchange) -> None:
    expect_refused(answer, (SIGNATURE_ERRORS[answer.step],))


def _expect_none_of(wrong: Collection[str], answer: Exchange, expected: str) -> None:
    """Require that nothing of this was found in the answer's bytes. Raises :class:`NotApplicable` if nobody looked."""
    response = _response_with_headers(answer)
    if response.findings is None:
        raise NotApplicable("the transcript doesn't tell in which bytes the answers came")
    found = [finding for finding in response.findings if finding in wrong]
    expect(not found, expected=expected, actual=", ".join(found))


def _response_with_headers(answer: Exchange) -> Response:
    """Return the response. Raises :class:`NotApplicable` if its headers weren't recorded."""
    if answer.response is None:
        raise Blocked(call_summary(answer), answer.id)
    require_wire(answer)
    if not answer.response.headers:
        raise NotApplicable("the transcript has no response headers")
    return answer.response


def _nulls(value: Any, path: str = "") -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _nulls(member, f"{path}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nulls(item, f"{path}/{index}")
