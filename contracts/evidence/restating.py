"""Restate the exchanges of a report in the form of a recording."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from contracts.judging.framing import stated_length
from contracts.judging.lines import body_to_json, headers_to_json
from contracts.reading import strict_json
from contracts.recordings import Kind, Observation, restored_body
from contracts.vocabulary import Actor, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.evidence.report import Report
    from contracts.judging.exchange import Exchange, Transcript

ACCOUNTS = {str(actor): str(number) * 12 for number, actor in enumerate(Actor, 1)}
"""The account ids of the recordings, by actor."""
ORGANIZATION = "o-exampleorgid"
REGION = "us-east-1"
_BYSTANDER = 800_000_000_000
_PLACEHOLDER = re.compile(r"90000000\d{4}")
# An account id stands by itself in a body and between colons in an Arn; the end of a request id may look like one.
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z-])[0-9]{12}(?![0-9A-Za-z])", re.ASCII)
_LIMITS = (
    "sensitive values, account ids and the organization's id are replaced by others of their form",
    "bodies are restated as JSON documents, without the spelling of their numbers and escapes",
    "no request headers, connection details or latencies",
)


class Unrestatable(ValueError):
    """An actor had several accounts in the run, and a recording has one for each."""


def restated(report: Report) -> dict[str, Any]:
    """Return the content of the recording of this run. Raises :class:`Unrestatable` if its accounts don't agree."""
    bystanders: dict[str, str] = {}
    restaters = {each.scenario: _Restater(each, bystanders) for each in report.scenarios}
    # A call whose answer was lost with its connection says nothing of the service.
    answered = {
        each.scenario: [exchange for exchange in each.exchanges if not exchange.lost] for each in report.scenarios
    }
    return {
        "kind": str(Kind.SERVICE if report.real else Kind.REHEARSAL),
        "what": _what(report),
        "captured": report.started,
        "source": f"the report of a run of this suite, version {report.suite}, with the model of {report.model}",
        "limits": [*_limits(report, restaters)],
        "accounts": _accounts(restaters),
        "organization": ORGANIZATION,
        "scenarios": {
            scenario: {exchange.step: exchange.id for exchange in exchanges} for scenario, exchanges in answered.items()
        },
        "known": {},
        "observations": [
            _row(restaters[scenario].observation(exchange))
            for scenario, exchanges in answered.items()
            for exchange in exchanges
        ],
    }


def name(report: Report) -> str:
    """Return the name of the recording of this run: its region unless it is the usual one, and its day."""
    region = report.region
    first = "organizations" if report.real else "rehearsal"
    return "-".join(filter(None, (first, region if region != REGION else "", report.day)))


def _what(report: Report) -> str:
    where = f"(organizations, {report.region}, {report.url})"
    if report.real:
        return f"A run of this suite on the real service {where}, restated."
    return (
        f"A rehearsal: a run of this suite on {report.name} {where} as if it were the real service, restated. "
        "No observation of the real service."
    )


def _limits(report: Report, restaters: dict[str, _Restater]) -> Iterator[str]:
    if not report.real:
        yield f"a rehearsal: {report.name} is not the real service, so nothing of this is evidence"
    yield f"one organization, in {report.region}, during one run"
    yield from _LIMITS
    if report.repeat > 1:
        yield f"the first of {report.repeat} runs of each scenario"
    for scenario in report.scenarios:
        if scenario.stop is not None:
            because = restaters[scenario.scenario].text(scenario.stop.because)
            yield f"the scenario {scenario.scenario} ended early, at {scenario.stop.step}: {because}"
    judged = {
        each.clause for each in report.verdicts if each.outcome in {Outcome.PASSED, Outcome.FAILED, Outcome.KNOWN}
    }
    if unjudged := sorted({each.clause for each in report.verdicts} - judged):
        yield f"not observed, as the run could not judge it: {', '.join(unjudged)}"


def _accounts(restaters: dict[str, _Restater]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for scenario, restater in restaters.items():
        for actor, account in restater.accounts.items():
            if merged.setdefault(actor, account) != account:
                raise Unrestatable(
                    f"the {actor} has another account in the scenario {scenario}; a recording has one for each actor"
                )
    return merged


def _row(observation: Observation) -> dict[str, Any]:
    """Return the observation as a JSON object, without the optional members that say nothing."""
    optional = {"sent": None, "answered": None, "headers": (), "failure": None, "client": "", "findings": None}
    row = {key: value for key, value in asdict(observation).items() if optional.get(key, ...) != value}
    return row | ({"headers": headers_to_json(observation.headers)} if observation.headers else {})


class _Restater:
    """Replaces the ids of one scenario's accounts and of its organization."""

    def __init__(self, transcript: Transcript, bystanders: dict[str, str]) -> None:
        self._bystanders = bystanders
        self._actors: dict[str, str] = {}
        for actor, account in ACCOUNTS.items():
            if actor in transcript.accounts:  # two actors may share an account
                self._actors.setdefault(transcript.accounts[actor], account)
        self.accounts = {actor: self._account(account) for actor, account in transcript.accounts.items()}
        bare = (transcript.organization or "").removeprefix("o-")
        self._organization = re.compile(rf"(?<![0-9a-z]){re.escape(bare)}(?![0-9a-z])") if bare else None

    def observation(self, exchange: Exchange) -> Observation:
        """Return the exchange as an observation whose case is the exchange's id."""
        asked, answer = exchange.request.body, exchange.response
        sent = self._document(asked, spelt=True)
        body = self._document(answer.body, spelt=False) if answer else {}
        answered = self._other(answer.body) if answer and body is None else None
        longer = len(restored_body(body or {}, answered)) - len(answer.body) if answer else 0
        return Observation(
            case=exchange.id,
            caller=exchange.actor,
            operation=exchange.operation,
            input=sent or {},
            status=answer.status if answer else None,
            body=body or {},
            sent=self._other(asked) if sent is None else None,
            answered=answered,
            headers=tuple((key, self._header(key, value, longer)) for key, value in answer.headers) if answer else (),
            failure=exchange.failure and self.text(exchange.failure),
            client=exchange.client,
            findings=answer.findings if answer else None,
        )

    def text(self, text: str) -> str:
        """Return the text with other ids."""
        text = _ACCOUNT.sub(lambda match: self._account(match[0]), text)
        return self._organization.sub(ORGANIZATION.removeprefix("o-"), text) if self._organization else text

    def _document(self, body: bytes, *, spelt: bool) -> dict[str, Any] | None:
        """Return the body's JSON object, None if it is none, or if it is ``spelt`` otherwise than it would be again."""
        try:
            document = strict_json(body)
            spellings = {
                json.dumps(document, allow_nan=False, separators=separators).encode()
                for separators in (None, (",", ":"))
            }
        except ValueError:
            return None
        if not isinstance(document, dict) or (spelt and body not in spellings):
            return None
        restated: dict[str, Any] = self._restate(document)
        return restated

    def _header(self, key: str, value: str, longer: int) -> str:
        if key.lower() == "content-length" and (stated := stated_length(value)) is not None:
            return str(stated + longer)  # right where it was right, and wrong by as much where it was wrong
        return self.text(value)

    def _other(self, body: bytes) -> str | dict[str, str]:
        value = body_to_json(body)
        return self.text(value) if isinstance(value, str) else value

    def _restate(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.text(key): self._restate(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._restate(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def _account(self, account: str) -> str:
        """Return the replacement for an account id. A placeholder of the report's, for nobody who calls, stays."""
        if account in self._actors or _PLACEHOLDER.fullmatch(account):
            return self._actors.get(account, account)
        return self._bystanders.setdefault(account, str(_BYSTANDER + len(self._bystanders) + 1))
