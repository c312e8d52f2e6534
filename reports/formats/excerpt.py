"""How does an exchange read in a few lines, and a judgement in a few fields, whatever characters they hold?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.judging.exchange import Exchange, Response, header
from contracts.judging.stability import passed
from reports.formats.reproduce import again, curl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contracts.vocabulary import Outcome
    from reports.run import Judgement, Run

_TELLING = ("content-type", "x-amzn-errortype", "x-amzn-requestid")
_LONGEST = 600


def visible(text: str) -> str:
    """Which text is it with every character escaped that a terminal would obey or XML can't hold?"""
    return "".join(each if each.isprintable() or each == "\n" else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def shown(exchange: Exchange) -> list[str]:
    """Which lines show the exchange: > what was asked, < what was answered?"""
    return [
        f"> {exchange.operation} as {exchange.actor} ({exchange.id})",
        *_body(">", exchange.request.body),
        *_answer(exchange.response, exchange.failure),
    ]


def _answer(response: Response | None, failure: str | None) -> Iterator[str]:
    if response is None:
        yield visible(f"< no answer: {failure or 'nothing is known of why'}")
        return
    telling = ((name, header(response.headers, name)) for name in _TELLING)
    yield visible("< " + ", ".join([str(response.status), *(f"{name}: {value}" for name, value in telling if value)]))
    yield from _body("<", response.body)


def _body(mark: str, body: bytes) -> Iterator[str]:
    text = body.decode("utf-8", "backslashreplace")
    left_out = len(text) - _LONGEST
    cut = f"{text[:_LONGEST]} ... ({left_out} characters left out)" if left_out > 0 else text or "(no body)"
    yield from (f"{mark} {line}" for line in visible(cut).split("\n"))


def basis(judgement: Judgement) -> str:
    """Who says so, and since when, and how much does it weigh?"""
    since = f" {judgement.observed}" if judgement.observed else ""
    return f"{judgement.verdict.level}, {judgement.authority}{since}"


def told(runs: Sequence[Outcome]) -> str:
    """How many of the runs passed, and what did each of them come to?"""
    return f"passed {passed(runs)}: {', '.join(runs)}"


def fields(run: Run, judgement: Judgement) -> Iterator[tuple[str, list[str]]]:
    """What does a reader need to believe the judgement or to refute it? Names of fields with their lines."""
    verdict = judgement.verdict
    exchanges = [(each, run.exchange(each)) for each in verdict.exchanges]
    # Of a failed clause there is often no more to say than that it doesn't hold.
    yield "Because", [] if verdict.because == judgement.sentence else visible(verdict.because).splitlines()
    yield "Expected", visible(verdict.expected).splitlines()
    yield "Actual", visible(verdict.actual).splitlines()
    yield "Runs", [told(verdict.runs)] if verdict.runs else []
    yield "Source", [visible(source) for source in judgement.sources]
    for name, exchange in exchanges[:1]:
        yield "Exchange", shown(exchange) if exchange else [f"{name} is not in this report"]
    yield "Shown by", [name for name, _ in exchanges[1:]]
    commands = [visible(_command(run, exchange)) for _, exchange in exchanges[:1] if exchange]
    yield "Reproduce", [*commands, visible(again(run.header, verdict.test))] if verdict.test else commands


def _command(run: Run, exchange: Exchange) -> str:
    accounts = next((each.accounts for each in run.transcripts if each.scenario == exchange.scenario), {})
    return curl(exchange, run.header.target.strategy, accounts.get(exchange.actor))
