"""Redact a run in such a way that what clauses compare can still be compared.

A credential is removed. A sensitive value becomes a placeholder of the same form, the same one wherever it stands, so
that two values are equal, or one is the other with a prefix, exactly if they were. Redacting twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from contracts.judging.exchange import Exchange, Headers, Request, Response, Transcript
from contracts.judging.framing import stated_length
from contracts.model.published import published_text, published_values
from contracts.printing.concealing import REMOVED, Concealer, looking_secret
from contracts.printing.spellings import decoded, encoded, views
from contracts.values import BY_HEADER, BY_KEY
from reports.redaction import secrets as confidential
from reports.redaction.placeholders import PREFIXED, SHORT, placeholders
from reports.redaction.substitution import Hidden, Scope, Substitution, changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from reports.redaction.substitution import Change
    from reports.run import Header, Judgement, Run

_IN_HEADER = "<redacted>"
_WORD = 3
_LONG = 20
_REMEMBERED = 2048
_SCHEME = re.compile(r"\s*(AWS4-[A-Z0-9-]+)\s")
_PARTS = {
    "Credential": re.compile(r"Credential=[^,/\s]*(?P<kept>(?:/[\w-]*)*)"),
    "SignedHeaders": re.compile(r"SignedHeaders=(?P<kept>[\w;-]*)"),
    "Signature": re.compile(r"Signature=(?P<kept>)"),
}
_HIDDEN_HEADERS = {"x-amz-security-token", "cookie", "set-cookie", "proxy-authorization"}


def redacted(run: Run, secrets: Iterable[str] = ()) -> Run:
    """Return the run without credentials, signatures and what the model calls sensitive.

    ``secrets`` are the credentials of the run's callers, which requests don't show.
    """
    kept = published_values() | _invented(run)
    scrubber = _Scrubber(_concealer(run, secrets), Substitution(_hidden(run, kept), kept))
    return replace(
        run,
        header=scrubber.header(run.header),
        transcripts=tuple(map(scrubber.transcript, run.transcripts)),
        judgements=tuple(map(scrubber.judgement, run.judgements)),
        conclusion=replace(run.conclusion, sentence=scrubber.prose(run.conclusion.sentence)),
    )


def _concealer(run: Run, secrets: Iterable[str]) -> Concealer:
    requests = [exchange.request for exchange in run.exchanges]
    return Concealer([*secrets, *confidential.credentials(requests)], confidential.signatures(requests))


def _hidden(run: Run, kept: frozenset[str]) -> Iterator[Hidden]:
    sensitive = dict.fromkeys(confidential.sensitive(run.exchanges))
    hidden = [each for each in sensitive if each not in kept and not confidential.is_example(each)]
    target = run.header.target
    public = f"{published_text()}\n{target.name}\n{target.url}\n{target.region}\n{target.strategy}"
    for value, placeholder in placeholders(hidden, run).items():
        scope = _scope(value, public)
        spoken = Scope.WORD if scope is Scope.WHOLE and len(value) >= _WORD and value not in public else scope
        yield Hidden(value, scope, spoken, placeholder)


def _invented(run: Run) -> frozenset[str]:
    minted = run.header.target.strategy in {BY_KEY, BY_HEADER}
    return frozenset(confidential.invented(run.transcripts, minted=minted))


def _scope(value: str, public: str) -> Scope:
    if confidential.ACCOUNT.fullmatch(value):
        return Scope.NUMBER
    if value in public:
        return Scope.WHOLE
    # A few digits may stand in a number that is compared.
    if len(value) >= SHORT and (len(value) > _LONG or not value.replace(".", "").isdigit()):
        return Scope.ANYWHERE
    return Scope.WORD if PREFIXED.fullmatch(value) else Scope.WHOLE


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

    concealer: Concealer
    substitution: Substitution

    def wire(self, text: str) -> str:
        """Redact a text that went over the wire."""
        return self._memory(text)

    def prose(self, text: str) -> str:
        """Redact a sentence about what went over the wire."""
        return decoded(self._apply(encoded(text), prose=True))

    @cached_property
    def _memory(self) -> Callable[[str], str]:
        # Most headers are the same in every exchange.
        return lru_cache(_REMEMBERED)(lambda text: decoded(self._apply(encoded(text))))

    def _apply(self, text: bytes, *, prose: bool = False, own: bool = False) -> bytes:
        """Redact a text. What is the suite's ``own`` spells values oddly on purpose, and is replayed as it was sent."""
        removed = looking_secret(text)
        changes: list[Change] = []
        for view in views(text):
            removed += self.concealer.places(view)
            changes += [] if own and view.beyond_json else self.substitution.changes(view, prose=prose)
        return changed(text, removed, changes) if removed or changes else text

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
            request=Request(
                request.method, self.wire(request.url), *self._message(request.headers, request.body, own=True)
            ),
            response=response
            and Response(
                response.status,
                *self._message(response.headers, response.body),
                response.findings,
                parsed=response.parsed,
            ),
            failure=exchange.failure and self.prose(exchange.failure),
            beginning=self._apply(exchange.beginning),
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

    def _message(self, headers: Headers, body: bytes, *, own: bool = False) -> tuple[Headers, bytes]:
        scrubbed = self._apply(body, own=own)
        longer = len(scrubbed) - len(body)
        return tuple((name, self._header(name.lower(), value, longer)) for name, value in headers), scrubbed

    def _header(self, name: str, value: str, longer: int) -> str:
        if name == "authorization":
            return _authorization(value)
        if name == "content-length" and (stated := stated_length(value)) is not None:
            return str(stated + longer)  # right where it was right, and wrong by as much where it was wrong
        return REMOVED if name in _HIDDEN_HEADERS else self.wire(value)
