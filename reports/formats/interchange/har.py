"""The exchanges as an HTTP Archive (HAR 1.2), which browsers and proxies open: a page for each scenario."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from contracts.judging.exchange import header

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange, Headers, Response, Transcript
    from reports.run import Run

Value = dict[str, Any]
_UNKNOWN = -1
_VERSION = "HTTP/1.1"  # what botocore's session speaks


def render(run: Run) -> str:
    """Return the run's exchanges as JSON. Source: http://www.softwareishard.com/blog/har-12-spec/."""
    scenarios = [each for each in run.transcripts if each.exchanges]
    log = {
        "version": "1.2",
        "creator": {"name": "cancelhandshake-conformance", "version": run.header.suite},
        "pages": [_page(each) for each in scenarios],
        "entries": [_entry(each) for transcript in scenarios for each in transcript.exchanges],
        "comment": f"{run.header.target.name}: exit {run.conclusion.code.value}, {run.conclusion.sentence}",
    }
    return json.dumps({"log": log}, indent=1) + "\n"


def _page(transcript: Transcript) -> Value:
    stop = transcript.stop
    page: Value = {
        "id": transcript.scenario,
        "title": transcript.scenario,
        "startedDateTime": _moment(transcript.exchanges[0].started),
        "pageTimings": {},
    }
    return page | ({"comment": f"stopped at {stop.step}: {stop.because}"} if stop else {})


def _entry(exchange: Exchange) -> Value:
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "pageref": exchange.scenario,
        "startedDateTime": _moment(exchange.started),
        "time": milliseconds,
        "request": _request(exchange),
        "response": _response(exchange.response, exchange.failure),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"{exchange.id}: {exchange.operation} as {exchange.actor}{_remarks(exchange)}",
    }


def _remarks(exchange: Exchange) -> str:
    again = ", made again as the server had closed an idle connection" if exchange.resent else ""
    failure = f", no answer: {exchange.failure or 'for a reason that is not known'}" if not exchange.response else ""
    return again + failure


def _request(exchange: Exchange) -> Value:
    request = exchange.request
    made: Value = {
        "method": request.method,
        "url": request.url,
        "httpVersion": _VERSION,
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": _query(request.url),
        "headersSize": _UNKNOWN,
        "bodySize": len(request.body),
    }
    if request.body:
        text, encoding = _text(request.body)
        told = {"comment": f"the body isn't UTF-8 and stands here in {encoding}"} if encoding else {}
        made["postData"] = {"mimeType": header(request.headers, "content-type") or "", "text": text} | told
    return made


def _query(url: str) -> list[Value]:
    try:
        query = urlsplit(url).query
    except ValueError:  # no address, as may be in a report that somebody wrote
        return []
    return [{"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)]


def _response(response: Response | None, failure: str | None) -> Value:
    """Return the answer; one that never came has the status 0, as in the archives that browsers write."""
    headers = response.headers if response else ()
    status = response.status if response else 0
    body = response.body if response else b""
    text, encoding = _text(body)
    content: Value = {"size": len(body), "mimeType": header(headers, "content-type") or "", "text": text}
    made: Value = {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in {*HTTPStatus} else "",
        "httpVersion": _VERSION if response else "",
        "cookies": [],
        "headers": _headers(headers),
        "content": content | ({"encoding": encoding} if encoding else {}),
        "redirectURL": header(headers, "location") or "",
        "headersSize": _UNKNOWN,
        "bodySize": len(body) if response else _UNKNOWN,
    }
    return made if response else made | {"comment": failure or "no answer"}


def _text(body: bytes) -> tuple[str, str]:
    """Return the body as text and how it is encoded: in nothing where it is UTF-8."""
    try:
        return body.decode("utf-8"), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"


def _headers(headers: Headers) -> list[Value]:
    return [{"name": name, "value": value} for name, value in headers]


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError):  # no time of any clock, as may be in a report that somebody wrote
        return _moment(0)
