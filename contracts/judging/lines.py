"""The lines of a report that carry transcripts: one for each scenario, followed by one for each exchange.

``reports/stream.schema.json`` describes them. The JSON values are those of one line each.
"""

from __future__ import annotations

import base64
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from contracts.judging.exchange import Exchange, Headers, Request, Response, Stop, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FORMAT = 4
"""The version of the format of reports."""
FORMATS = (3, FORMAT)
"""The versions that can be read. Reports in format 3 say nothing of the bytes on the connection."""

Line = dict[str, Any]


def transcript_lines(transcript: Transcript) -> Iterator[Line]:
    """Yield the lines of one scenario: its own, then one for each exchange."""
    yield _scenario(transcript)
    yield from (_exchange(exchange) for exchange in transcript.exchanges)


def read_transcripts(lines: Iterable[Line]) -> tuple[Transcript, ...]:
    """Return the transcripts that these lines carry. Lines of other types are ignored."""
    transcripts: list[Transcript] = []
    for line in lines:
        if line["type"] == "scenario":
            stop = Stop(**line["stop"]) if line["stop"] else None
            transcripts.append(
                Transcript(line["scenario"], (), line["organization"], line["accounts"], stop, line["skipped"])
            )
        elif line["type"] == "exchange":
            last = transcripts[-1]
            transcripts[-1] = replace(last, exchanges=(*last.exchanges, _read_exchange(line)))
    return tuple(transcripts)


def body_to_json(body: bytes) -> str | dict[str, str]:
    """Return the body as a JSON value: text if it is UTF-8, otherwise base64 in an object."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def body_from_json(body: str | Mapping[str, str]) -> bytes:
    """Return the body that :func:`body_to_json` gave."""
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else base64.b64decode(body["base64"])


def headers_to_json(headers: Headers) -> list[list[str]]:
    """Return the headers as a JSON value: pairs of name and value."""
    return [[name, value] for name, value in headers]


def headers_from_json(headers: Iterable[Iterable[str]]) -> Headers:
    """Return the headers that :func:`headers_to_json` gave."""
    return tuple((name, value) for name, value in headers)


def _scenario(transcript: Transcript) -> Line:
    return {
        "type": "scenario",
        "scenario": transcript.scenario,
        "organization": transcript.organization,
        "accounts": dict(sorted(transcript.accounts.items())),
        "stop": asdict(transcript.stop) if transcript.stop else None,
        "skipped": dict(sorted(transcript.skipped.items())),
    }


def _exchange(exchange: Exchange) -> Line:
    request, response = exchange.request, exchange.response
    return {
        "type": "exchange",
        "id": exchange.id,
        "scenario": exchange.scenario,
        "step": exchange.step,
        "actor": exchange.actor,
        "operation": exchange.operation,
        "request": {"method": request.method, "url": request.url} | _message(request.headers, request.body),
        "response": response and _response(response),
        "failure": exchange.failure,
        "started": exchange.started,
        "seconds": exchange.seconds,
        "client": exchange.client,
        "resent": exchange.resent,
        "lost": exchange.lost,
        "beginning": body_to_json(exchange.beginning),
    }


def _response(response: Response) -> Line:
    findings = None if response.findings is None else [*response.findings]
    line = {"status": response.status, **_message(response.headers, response.body), "findings": findings}
    return line | ({"parsed": True} if response.parsed else {})


def _message(headers: Headers, body: bytes) -> Line:
    return {"headers": headers_to_json(headers), "body": body_to_json(body)}


def _read_exchange(line: Line) -> Exchange:
    request, response = line["request"], line["response"]
    keys = ("scenario", "step", "actor", "operation", "failure", "started", "seconds", "client")
    return Exchange(
        **{key: line[key] for key in keys},
        **{key: line[key] for key in ("resent", "lost") if key in line},
        request=Request(request["method"], request["url"], *_read_message(request)),
        response=response and _read_response(response),
        beginning=body_from_json(line.get("beginning", "")),
    )


def _read_response(response: Mapping[str, Any]) -> Response:
    findings = response.get("findings")
    return Response(
        response["status"],
        *_read_message(response),
        findings=None if findings is None else tuple(findings),
        parsed=response.get("parsed", False),
    )


def _read_message(message: Mapping[str, Any]) -> tuple[Headers, bytes]:
    return headers_from_json(message["headers"]), body_from_json(message["body"])
