"""An exchange in a few lines, and a judgement in a few fields, whatever characters they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.judging.exchange import Exchange, Response, header
from contracts.judging.stability import passed
from contracts.printing.visible import visible
from reports.formats.program import program
from reports.formats.recorded import recorded_lines
from reports.formats.reproduce import again, curl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contracts.vocabulary import Outcome
    from reports.run import Judgement, Run

_HEADERS = ("content-type", "x-amzn-errortype", "x-amzn-requestid")
_LONGEST = 600


def exchange_lines(exchange: Exchange) -> list[str]:
    """Return the exchange as lines: ``>`` begins those of the request, ``<`` those of the answer."""
    again = ", made again on a new connection" if exchange.resent else ""
    return [
        f"> {exchange.operation} as {exchange.actor} ({exchange.id}){again}",
        *_body(">", exchange.request.body),
        *_answer(exchange.response, exchange.failure),
        *(_body("<", exchange.beginning) if exchange.beginning else ()),
    ]


def _answer(response: Response | None, failure: str | None) -> Iterator[str]:
    if response is None:
        yield visible(f"< no answer: {failure or 'for a reason that is not known'}")
        return
    headers = ((name, header(response.headers, name)) for name in _HEADERS)
    yield visible("< " + ", ".join([str(response.status), *(f"{name}: {value}" for name, value in headers if value)]))
    yield from _body("<", response.body)


def _body(mark: str, body: bytes) -> Iterator[str]:
    text = body.decode("utf-8", "backslashreplace")
    left_out = len(text) - _LONGEST
    cut = f"{text[:_LONGEST]} ... ({left_out} characters left out)" if left_out > 0 else text or "(no body)"
    yield from (f"{mark} {line}" for line in visible(cut).split("\n"))


def basis(judgement: Judgement) -> str:
    """Return the clause's level and authority, with the day of an observation."""
    since = f" {judgement.observed}" if judgement.observed else ""
    return f"{judgement.verdict.level}, {judgement.authority}{since}"


def runs_summary(runs: Sequence[Outcome]) -> str:
    """Return how many of the runs passed, and the outcome of each of them."""
    return f"passed {passed(runs)}: {', '.join(runs)}"


def fields(run: Run, judgement: Judgement, *, printed: frozenset[str] = frozenset()) -> Iterator[tuple[str, list[str]]]:
    """Yield what a reader needs to check the judgement: names of fields with their lines, which may be none.

    ``printed`` are the ids of exchanges that the report has shown already; they are not shown again.
    """
    verdict = judgement.verdict
    exchanges = [(each, run.exchange(each)) for each in verdict.exchanges]
    # Of a failed clause there is often no more to say than that it doesn't hold.
    yield "Reason", [] if verdict.because == judgement.sentence else visible(verdict.because).splitlines()
    yield "Expected", visible(verdict.expected).splitlines()
    yield "Actual", visible(verdict.actual).splitlines()
    yield "Recorded", [visible(line) for line in recorded_lines(judgement.sources, next(iter(verdict.exchanges), ""))]
    yield "Runs", [runs_summary(verdict.runs)] if verdict.runs else []
    yield "Source", [visible(source) for source in judgement.sources]
    commands: list[str] = []
    for name, exchange in exchanges[:1]:
        if exchange is None:
            yield "Evidence", [f"{name} is not in this report"]
        elif name in printed:
            yield "Evidence", [f"{name}, shown above"]
        else:
            yield "Evidence", exchange_lines(exchange)
            commands += map(visible, program(run, exchange) or [command(run, exchange)])
    yield "See also", [name for name, _ in exchanges[1:]]
    yield "Reproduce", [*commands, visible(again(run.header, verdict.test))] if verdict.test else commands


def command(run: Run, exchange: Exchange) -> str:
    """Return the line of shell that sends the exchange's request again."""
    accounts = next((each.accounts for each in run.transcripts if each.scenario == exchange.scenario), {})
    return curl(exchange, run.header.target.strategy, accounts.get(exchange.actor))
