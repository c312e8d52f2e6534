"""Redact a run in such a way that what clauses compare can still be compared.

A credential is removed. A sensitive value becomes a placeholder of the same form, the same one wherever it stands, so
that two values are equal, or one is the other with a prefix, exactly if they were. Redacting twice changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts.judging.exchange import Exchange, Headers, Request, Response, Transcript
from contracts.values import BY_HEADER, BY_KEY
from reports.redaction import secrets as confidential
from reports.redaction.spelling import Scope, Spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reports.run import Header, Judgement, Run

REMOVED = "REDACTED"
_IN_HEADER = "<redacted>"
_SHORT = 8
_WORD = 3
_LONGEST_NUMBER = 20  # Python reads no number of some thousand digits
_EMAIL = re.compile(r"\S+@\S+")
# An organization's resource holds its id with this prefix, its party may hold it without; h- and rt- are the ids of
# handshakes and transfers that a resource can refer to.
_PREFIXED = re.compile(r"(?P<prefix>(?:o|h|rt)-)(?P<bare>[0-9a-z]+)")
_ID = re.compile(r"(?=[^-]*-)(?=\D*\d)[0-9A-Za-z_-]{6,64}")
_BARE = re.compile(r"[0-9a-z]{3,}")
_SCHEME = re.compile(r"\s*(AWS4-[A-Z0-9-]+)\s")
_PARTS = {
    "Credential": re.compile(r"Credential=[^,/\s]*(?P<kept>(?:/[\w-]*)*)"),
    "SignedHeaders": re.compile(r"SignedHeaders=(?P<kept>[\w;-]*)"),
    "Signature": re.compile(r"Signature=(?P<kept>)"),
}
_HIDDEN_HEADERS = {"x-amz-security-token", "cookie", "set-cookie", "proxy-authorization"}
# Whatever looks like a credential, wherever it comes from: a presigned address, an answer that quotes the signature
# that it expected, or one that hands out keys.
_LOOKS_SECRET = re.compile(
    r"(?P<signature>Signature=)[0-9A-Fa-f]+"
    r"|(?P<scope>Credential=)[^/%\s,&\"'\\]+"
    r"|(?P<token>(?i:security-token)[=:]\s*)[^\s,&\"'\\<]+"
    r"|(?P<member>(?i:SecretAccessKey|SessionToken)(?:\\*\"\s*:\s*\\*\"|>))[^\"\\<]+"
    r"|(?P<scheme>://)[^/@\s]+(?=@)"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
)


@dataclass(frozen=True)
class _Hidden:
    """One value: where it is looked for on the wire and in sentences, and what replaces it.

    ``mark`` stands for the placeholder until every value is replaced, so that no placeholder is searched in its turn.
    """

    wire: Spelt
    prose: Spelt
    mark: str
    placeholder: str


def redacted(run: Run) -> Run:
    """Return the run without credentials, signatures and what the model calls sensitive."""
    scrubber = _Scrubber(tuple(_hidden(run)))
    return replace(
        run,
        header=scrubber.header(run.header),
        transcripts=tuple(map(scrubber.transcript, run.transcripts)),
        judgements=tuple(map(scrubber.judgement, run.judgements)),
        conclusion=replace(run.conclusion, sentence=scrubber.prose(run.conclusion.sentence)),
    )


def _hidden(run: Run) -> Iterator[_Hidden]:
    sensitive = dict.fromkeys(confidential.sensitive(run.exchanges))
    open_values = confidential.published_values() | _invented(run)
    hidden = [each for each in sensitive if each not in open_values and not confidential.is_example(each)]
    placeholders = _placeholders(hidden, run)
    removed = dict.fromkeys(confidential.credentials(exchange.request for exchange in run.exchanges), REMOVED)
    target = run.header.target
    public = f"{confidential.published_text()}\n{target.name}\n{target.url}\n{target.region}\n{target.strategy}"
    # The longest first: a value can be a part of another.
    everything = sorted((removed | placeholders).items(), key=lambda item: (-len(item[0]), item[0]))
    for index, (value, placeholder) in enumerate(everything):
        scope = _scope(value, public)
        spoken = scope
        if scope is Scope.WHOLE and value in placeholders and len(value) >= _WORD and value not in public:
            spoken = Scope.WORD
        yield _Hidden(Spelt(value, scope), Spelt(value, spoken), chr(0xF0000 + index), placeholder)


def _invented(run: Run) -> frozenset[str]:
    minted = run.header.target.strategy in {BY_KEY, BY_HEADER}
    return frozenset(confidential.invented(run.transcripts, minted=minted))


def _scope(value: str, public: str) -> Scope:
    if confidential.ACCOUNT.fullmatch(value):
        return Scope.NUMBER
    if value in public:
        return Scope.WHOLE
    if len(value) >= _SHORT and not value.replace(".", "").isdigit():  # digits may stand in a number that is compared
        return Scope.ANYWHERE
    return Scope.WORD if _PREFIXED.fullmatch(value) else Scope.WHOLE


def _placeholders(values: list[str], run: Run) -> dict[str, str]:
    """Return a placeholder for each value, numbered by first appearance within each form. None occurs in the run."""
    bare = {value: match for value in values if (match := _PREFIXED.fullmatch(value))}
    wanted = dict.fromkeys(bare[value]["bare"] if value in bare else value for value in values)
    taken = "\n".join(_texts(run))
    numbers: Counter[str] = Counter()
    chosen: dict[str, str] = {}
    for value in wanted:
        form = _form(value)
        while True:
            numbers[form] += 1
            candidate = _placeholder(form, value, numbers[form])
            if candidate in wanted or candidate not in taken:
                break
        chosen[value] = candidate
    return chosen | {value: match["prefix"] + chosen[match["bare"]] for value, match in bare.items()}


def _form(value: str) -> str:
    if confidential.ACCOUNT.fullmatch(value):
        return "account"
    if _EMAIL.fullmatch(value):
        return "email"
    return "bare" if _BARE.fullmatch(value) else "other"


def _placeholder(form: str, value: str, number: int) -> str:
    if form == "account":
        return str(900_000_000_000 + number)
    if form == "email":
        return f"redacted{number}@example.invalid"
    if form == "bare":
        word = "redacted" if len(value) > _SHORT else "r"
        return word + str(number).zfill(len(value) - len(word))
    like_id = _ID.fullmatch(value) and not value.startswith("redacted-")
    return _in_shape(value, number) if like_id else f"redacted-{number}"


def _in_shape(value: str, number: int) -> str:
    """Return an id of the same form, with its digits and letters replaced and all else where it was.

    What is odd about it, such as a dash, may be what a target is failed for.
    """
    figures = [*str(number)]
    places = [place for place, each in enumerate(value) if each.isalnum()][-len(figures) :]
    if len(places) < len(figures) or len(value) <= len(figures):
        return f"redacted-{number}"
    blank = ["0" if each.isdigit() else "x" if each.isalnum() else each for each in value]
    for place, figure in zip(places, figures, strict=True):
        blank[place] = figure
    return "".join(blank)


def _texts(run: Run) -> Iterator[str]:
    for transcript in run.transcripts:
        yield from transcript.accounts.values()
        yield transcript.organization or ""
        for exchange in transcript.exchanges:
            yield _text(exchange.request.body)
            yield _text(exchange.response.body if exchange.response else b"")


def _text(body: bytes) -> str:
    return body.decode("utf-8", "surrogateescape")


def _authorization(value: str) -> str:
    scheme = _SCHEME.match(value)
    if scheme is None:
        return _IN_HEADER
    matches = ((name, pattern.search(value)) for name, pattern in _PARTS.items())
    kept = (
        f"{name}={match['kept']}" if name == "SignedHeaders" else f"{name}={_IN_HEADER}{match['kept']}"
        for name, match in matches
        if match
    )
    return f"{scheme[1]} {', '.join(kept)}"


@dataclass(frozen=True)
class _Scrubber:
    """Replaces hidden values in everything that a report shows."""

    hidden: tuple[_Hidden, ...]

    def wire(self, text: str) -> str:
        """Redact a text that went over the wire."""
        return self._apply(text, ((each.wire, each.mark) for each in self.hidden))

    def prose(self, text: str) -> str:
        """Redact a sentence about what went over the wire."""
        return self._apply(text, ((each.prose, each.mark) for each in self.hidden))

    def _apply(self, text: str, wanted: Iterable[tuple[Spelt, str]]) -> str:
        for spelt, mark in wanted:
            text = spelt.replace(text, mark)
        text = _LOOKS_SECRET.sub(lambda found: (found[found.lastgroup] if found.lastgroup else "") + REMOVED, text)
        return text.translate({ord(each.mark): each.placeholder for each in self.hidden})

    def header(self, header: Header) -> Header:
        target = header.target
        capabilities = {name: replace(known, how=self.prose(known.how)) for name, known in target.capabilities.items()}
        answers = self._values(target.answers)
        options = tuple(map(self.wire, target.options))
        facts = replace(target, url=self.wire(target.url), capabilities=capabilities, answers=answers, options=options)
        return replace(header, target=facts)

    def transcript(self, transcript: Transcript) -> Transcript:
        stop = transcript.stop
        return replace(
            transcript,
            exchanges=tuple(map(self.exchange, transcript.exchanges)),
            organization=transcript.organization and self.prose(transcript.organization),
            accounts=self._values(transcript.accounts),
            stop=stop and replace(stop, because=self.prose(stop.because)),
        )

    def exchange(self, exchange: Exchange) -> Exchange:
        request, response = exchange.request, exchange.response
        return replace(
            exchange,
            request=Request(request.method, self.wire(request.url), *self._message(request.headers, request.body)),
            response=response and Response(response.status, *self._message(response.headers, response.body)),
            failure=exchange.failure and self.prose(exchange.failure),
        )

    def judgement(self, judgement: Judgement) -> Judgement:
        verdict = judgement.verdict
        return replace(
            judgement,
            verdict=replace(
                verdict,
                because=self.prose(verdict.because),
                expected=self.prose(verdict.expected),
                actual=self.prose(verdict.actual),
            ),
        )

    def _values(self, values: Mapping[str, str]) -> dict[str, str]:
        return {key: self.prose(value) for key, value in values.items()}

    def _message(self, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        scrubbed = self._body(body)
        longer = len(scrubbed) - len(body)
        return tuple((name, self._header(name.lower(), value, longer)) for name, value in headers), scrubbed

    def _header(self, name: str, value: str, longer: int) -> str:
        if name == "authorization":
            return _authorization(value)
        if name == "content-length" and value.isascii() and value.isdigit() and len(value) < _LONGEST_NUMBER:
            return str(int(value) + longer)  # right where it was right, and wrong by as much where it was wrong
        return REMOVED if name in _HIDDEN_HEADERS else self.wire(value)

    def _body(self, body: bytes) -> bytes:
        return self.wire(_text(body)).encode("utf-8", "surrogateescape")
