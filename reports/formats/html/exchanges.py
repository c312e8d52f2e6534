"""Exchanges as a page shows them: each once, in full where it shows a failure, and short elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.formats.content.documents import body_text, shortened
from reports.formats.content.sequence import Sequence, Step, sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contracts.judging.exchange import Exchange, Headers, Transcript
    from reports.formats.html.anchors import Anchors
    from reports.run import Run

_MAIN_HEADERS = {"content-type", "x-amzn-errortype", "x-amzn-requestid", "retry-after", "location"}
_MOST_IN_HEADER = 500
_MOST_HEADERS = 60


@dataclass(frozen=True)
class Message:
    """A request or an answer: its first line, its header fields, and its body laid out."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True)
class Shown:
    """One exchange: what is known of it beside the two messages. ``answer`` is None where none came."""

    anchor: str
    exchange: Exchange
    request: Message
    answer: Message | None
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Scenario:
    """One scenario: its diagram, and why it ended early or left something out."""

    anchor: str
    name: str
    sequence: Sequence
    remarks: tuple[str, ...]


class Exchanges:
    """The exchanges of a run. Each is shown where it is first asked for, and linked everywhere else."""

    def __init__(self, run: Run, anchors: Anchors) -> None:
        self._run, self._anchors = run, anchors
        self.by_id: Mapping[str, Exchange] = {each.id: each for each in run.exchanges}
        self.transcripts: Mapping[str, Transcript] = {each.scenario: each for each in run.transcripts}
        self._shown: set[str] = set()

    def anchor(self, identity: str) -> str:
        """Return the id of the element that shows the exchange, empty if the run has none of this id."""
        return self._anchors.of("exchange", identity) if identity in self.by_id else ""

    def take(self, identity: str) -> Shown | None:
        """Return the exchange in full, None where it is shown already or isn't in the report."""
        if identity in self._shown or identity not in self.by_id:
            return None
        self._shown.add(identity)
        return self._show(self.by_id[identity], lambda _: True)

    def scenarios(self) -> tuple[Scenario, ...]:
        """Return every scenario with calls."""
        return tuple(
            Scenario(self._anchors.of("scenario", name), name, sequence(each), tuple(_remarks_on(each)))
            for name, each in self.transcripts.items()
            if each.exchanges or each.stop
        )

    def rest(self, step: Step) -> Shown | None:
        """Return the exchange of a step in short, None where it is shown in full elsewhere."""
        if step.exchange.id in self._shown:
            return None
        return self._show(step.exchange, lambda name: name.lower() in _MAIN_HEADERS)

    def _show(self, exchange: Exchange, wanted: Callable[[str], bool]) -> Shown:
        request, response = exchange.request, exchange.response
        answer = None
        if response is not None:
            answer = Message(f"HTTP {response.status}", _headers(response.headers, wanted), body_text(response.body))
        asked = Message(f"{request.method} {request.url}", _headers(request.headers, wanted), body_text(request.body))
        return Shown(self.anchor(exchange.id), exchange, asked, answer, tuple(_remarks(exchange)))


def _headers(headers: Headers, wanted: Callable[[str], bool]) -> tuple[tuple[str, str], ...]:
    kept = [(shortened(name, 100), shortened(value, _MOST_IN_HEADER)) for name, value in headers if wanted(name)]
    return tuple(kept[:_MOST_HEADERS])


def _remarks(exchange: Exchange) -> list[str]:
    remarks = [f"{exchange.seconds * 1000:.1f} ms"]
    if exchange.failure:
        remarks.append(exchange.failure)
    if exchange.client:
        remarks.append(f"boto3: {exchange.client}")
    if exchange.resent:
        remarks.append("made again on a new connection")
    return remarks


def _remarks_on(transcript: Transcript) -> list[str]:
    remarks = [f"ended at {transcript.stop.step}: {transcript.stop.because}"] if transcript.stop else []
    skipped = {step: lacking for step, lacking in sorted(transcript.skipped.items()) if not step.startswith("busy-")}
    return remarks + [f"{'every call' if step == '*' else step} left out: {why}" for step, why in skipped.items()]
