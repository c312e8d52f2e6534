"""Arbitrary answers, for property-based tests: any bytes, any JSON, and real answers with something changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from contracts.judging.exchange import Response
from contracts.model.operation import INVITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.judging.exchange import Exchange, Headers, Transcript

NAMES = (
    *("Handshake", "Handshakes", "Accounts", "Organization", "NextToken", "__type", "code", "Message", "message"),
    *("Reason", "Id", "Arn", "State", "Action", "Parties", "Resources", "Type", "Value", "Email", "Name"),
    *("RequestedTimestamp", "ExpirationTimestamp", "FeatureSet", "MasterAccountId", "Notes"),
)
WORDS = (
    *("OPEN", "CANCELED", "INVITE", "ORGANIZATION", "ACCOUNT", "EMAIL", "NOTES", "h-00000000", "o-exampleorgid", ""),
    *("InvalidInputException", "HandshakeNotFoundException", "TooManyRequestsException", "UnknownOperationException"),
    *("\ud800", "a\x1b[2J\x07", "\n::error::x", "\x00", "\u202e", "arn:aws:organizations::1:handshake/o-a/invite/h-b"),
)
ODD_BODIES = (
    *(b"", b"{}", b"[]", b"null", b"NaN", b"-0", b"1e999", b'{"a": 1e999}', b'"\\ud800"', b"\xef\xbb\xbf{}", b"{" * 9),
    *(b'{"State": 1, "State": 2}', b'{"a": ' + b"9" * 5000 + b"}", b'{"a": ' + b"9" * 4200 + b"}", b"[" * 100_000),
    *(b"{" + b'"a":{' * 90 + b"}" * 91, b'{"Handshake": {"Id": ' + b"[" * 900 + b"]" * 900 + b"}}", b"\x00\xff<a>"),
    *(b"<html><body>404</body></html>", '{"Handshake": {}}'.encode("utf-16"), b'{"Handshake": {"State": "\\ud800"}}'),
)
HEADERS = ("Content-Type", "Content-Length", "x-amzn-requestid", "x-amzn-ErrorType", "Date", "Retry-After", "Location")

texts = st.one_of(st.sampled_from(WORDS), st.text(st.characters(), max_size=20))  # lone surrogates among them
numbers = st.one_of(st.integers(), st.floats(), st.sampled_from((0, -1, 10**18, 10**400, 1.8e9, float("nan"), -0.0)))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), texts), inner, max_size=6),
    ),
    max_leaves=12,
)
statuses = st.one_of(st.sampled_from((200, 400, 400, 404, 429, 500, 503)), st.integers(0, 999))
latin = st.text(st.characters(max_codepoint=255), max_size=20)
headers = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(HEADERS), latin),
        st.one_of(latin, st.sampled_from(WORDS[:14]), st.just("application/x-amz-json-1.1"), st.just("text/html")),
    ),
    max_size=4,
)


@dataclass(frozen=True)
class Change:
    """One place in a JSON document, counted by ``place``, and what becomes of it: another value, gone, or doubled."""

    place: int
    how: str
    value: Any

    def apply(self, body: bytes) -> bytes:
        """Return the body with the change made. One that is no JSON document with members is cut short instead."""
        try:
            document = json.loads(body)
        except ValueError:
            return body[: self.place % (len(body) + 1)]
        places = list(_places(document))
        if not places:
            return _written(self.value)
        within, key = places[self.place % len(places)]
        if self.how == "gone":
            del within[key]
        else:
            within[key] = [within[key], within[key]] if self.how == "doubled" else self.value
        return _written(document)


@dataclass(frozen=True)
class Answer:
    """An arbitrary answer: each part that is None is the real answer's. ``changes`` are made in its body."""

    status: int | None
    headers: Headers | None
    body: bytes | None
    changes: tuple[Change, ...] = ()
    fails: bool = False

    def in_place_of(self, exchange: Exchange) -> Exchange:
        """Return the exchange with this answer."""
        real = exchange.response or Response(200, (), b"")
        if self.fails:
            return replace(exchange, response=None, failure="reset \x1b[2J by \ud800 peer")
        body = real.body if self.body is None else self.body
        for change in self.changes:
            body = change.apply(body)
        status = real.status if self.status is None else self.status
        given = real.headers if self.headers is None else self.headers
        return replace(exchange, response=Response(status, given, body))

    def everywhere(self, transcript: Transcript) -> Transcript:
        """Return the transcript with this answer to every call.

        An invitation that shows no handshake keeps its own: a scenario goes no further after such a one.
        """
        given = ((each, self.in_place_of(each)) for each in transcript.exchanges)
        kept = (real if real.operation == INVITE and put.handshake_id is None else put for real, put in given)
        return replace(transcript, exchanges=tuple(kept))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in [*items]:
        yield value, key
        yield from _places(item)


def _written(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


bodies = st.one_of(st.binary(max_size=60), st.sampled_from(ODD_BODIES), values.map(_written))
changes = st.builds(Change, st.integers(0, 200), st.sampled_from(("another", "another", "gone", "doubled")), values)
mutated = st.builds(
    Answer,
    st.one_of(st.none(), st.none(), statuses),
    st.one_of(st.none(), st.none(), headers.map(tuple)),
    st.none(),
    st.lists(changes, min_size=1, max_size=3).map(tuple),
)
invented = st.builds(Answer, st.one_of(st.just(200), statuses), st.one_of(st.none(), headers.map(tuple)), bodies)
unanswered = st.just(Answer(None, None, None, fails=True))
answers = st.one_of(mutated, mutated, invented, invented, unanswered)
