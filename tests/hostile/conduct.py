"""Servers that speak the protocol and misbehave: they die, lie, echo, or change their minds."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from contracts.judging.exchange import Response
from tests.hostile.server import Ended, head, with_body, with_headers
from tests.hostile.table import (
    ALL,
    AWAY,
    CANCEL,
    DEAD,
    DESCRIBE,
    HALF,
    INVITE,
    LEGAL,
    LISTS,
    NEVER,
    NOT_IDENTITY,
    behaviour,
)

if TYPE_CHECKING:
    from tests.hostile.server import Call

SHOWN = CANCEL + DESCRIBE + INVITE + LISTS


def _die_at(number: int, *, quick: bool = False) -> None:
    def dies(call: Call) -> None:
        if call.number >= number:
            call.server.die()
            raise Ended
        call.answer()

    dies.__name__ = f"dies_at_call_{number}"
    dies.__doc__ = f"Dies at call {number}, and listens no more."
    behaviour(AWAY if number < 8 else DEAD, ALL, quick=quick)(dies)


for _number in (2, 5, 30, 90, 150, 220):
    _die_at(_number, quick=_number == 2)


@behaviour(DEAD, CANCEL)
def dies_at_the_first_cancellation(call: Call) -> None:
    """Dies in the middle of its first answer to a cancellation that it could carry out."""
    whole = call.healthy()
    if whole.status != 200:
        call.answer()
        return
    call.send(head(whole) + whole.body[:20])
    call.server.die()
    raise Ended


@behaviour(HALF, CANCEL)
def resets_in_mid_body(call: Call) -> None:
    """Resets the connection in the middle of every cancellation's answer."""
    whole = call.healthy()
    call.send(head(whole) + whole.body[:20])
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    call.connection.close()
    raise Ended


@behaviour(HALF, CANCEL)
def closes_in_place_of_an_answer(call: Call) -> None:
    """Closes the connection at every cancellation, which it carries out."""
    call.healthy()
    raise Ended


@behaviour(LEGAL | HALF, ALL)
def closes_after_every_answer(call: Call) -> None:
    """Closes the connection after every answer, without saying so."""
    call.answer()
    raise Ended


@behaviour(HALF | DEAD, ALL)
def closes_every_second_call(call: Call) -> None:
    """Closes the connection in place of every second answer."""
    if call.number % 2 == 0:
        raise Ended
    call.answer()


@behaviour(HALF, NOT_IDENTITY)
def answers_of_the_call_before(call: Call) -> None:
    """Gives every caller the answer to the call before."""
    last = call.server.memory.get("last", call.healthy())
    call.server.memory["last"] = call.healthy()
    call.answer(last)


@behaviour(HALF, SHOWN)
def answers_for_other_callers(call: Call) -> None:
    """Shows everybody the first handshake that it showed anybody."""
    handshake = call.document().get("Handshake")
    first = call.server.memory.setdefault("first", handshake) if handshake else call.server.memory.get("first")
    call.answer_json({"Handshake": first, "Handshakes": [first] * 3}, 200)


def _echo(call: Call) -> str:
    return "\n".join(f"{name}: {value}" for name, value in call.request.headers)


@behaviour(HALF, NOT_IDENTITY, keys=True, quick=True)
def echoes_headers_in_refusals(call: Call) -> None:
    """Puts all headers of the request, Authorization among them, into Message and Reason of every refusal."""
    document = call.document()
    echoed = {"Message": _echo(call), "Reason": _echo(call)} if "__type" in document else {}
    call.answer_json(document | echoed)


@behaviour(HALF | LEGAL, ALL, keys=True)
def echoes_headers_in_headers(call: Call) -> None:
    """Sends all headers of the request back as headers."""
    echoed = ((f"X-Echo-{name}", value) for name, value in call.request.headers)
    call.answer(with_headers(call.healthy(), *echoed))


@behaviour(HALF, SHOWN, keys=True)
def echoes_keys_in_handshakes(call: Call) -> None:
    """Shows the caller's access key id and secret, which an emulator knows, in State, Arn and others."""
    call.change({"State": _keys(call), "Arn": f"arn:{_keys(call)}", "Told": [_keys(call)]})


@behaviour(HALF, NOT_IDENTITY, keys=True)
def echoes_keys_in_refusals(call: Call) -> None:
    """Tells the caller's access key id and secret in every refusal's type, Message and Reason."""
    document = call.document()
    told = {"__type": _keys(call), "Message": _keys(call), "Reason": _keys(call)} if "__type" in document else {}
    call.answer_json(document | told)


@behaviour(NEVER | HALF, ALL, keys=True)
def echoes_keys_to_everything(call: Call) -> None:
    """Answers everything with an error page that tells the caller's keys."""
    page = f"<html>{_keys(call)}</html>".encode()
    call.answer(Response(403, (("Content-Type", "text/html"), ("Content-Length", str(len(page)))), page))


def _keys(call: Call) -> str:
    """Return the access key id and the secret of whoever signed the call."""
    signed = dict(call.request.headers).get("Authorization", "")
    named = [(name, key) for name, key in call.server.reference.keys.items() if name in signed]
    return " ".join(f"{name} {key.secret}" for name, key in named)


@behaviour(HALF, SHOWN)
def ids_that_grow(call: Call) -> None:
    """Shows an Id that is longer each time."""
    call.change({"Id": "h-" + "0" * (8 + call.number)})


@behaviour(HALF, SHOWN)
def ids_with_slashes(call: Call) -> None:
    """Shows Ids that are paths out of a folder."""
    call.change({"Id": "../../../../tmp/h-0000", "Arn": "arn:aws:../../x"})


@behaviour(HALF, SHOWN)
def ids_with_line_breaks(call: Call) -> None:
    """Shows Ids that hold line breaks."""
    call.change({"Id": "h-0000\n::error::\r\n0000"})


def _timestamps(name: str, value: Any, does: str) -> None:
    def shown(call: Call) -> None:
        call.change({"RequestedTimestamp": value, "ExpirationTimestamp": value})

    shown.__name__ = f"timestamps_{name}"
    shown.__doc__ = f"Shows timestamps {does}."
    behaviour(HALF, SHOWN)(shown)


for _name, _value, _does in (
    ("in_year_0", "0000-01-01T00:00:00+25:99", "in year 0, in a time zone that there isn't"),
    ("of_1e18", 10**18, "of 10 to the 18th seconds"),
    ("of_1e300", 1e300, "of 10 to the 300th seconds"),
    ("before_1970", -1e12, "long before 1970"),
    ("in_leap_seconds", "2016-12-31T23:59:60Z", "in a leap second"),
):
    _timestamps(_name, _value, _does)


@behaviour(HALF, ALL)
def date_headers_of_nonsense(call: Call) -> None:
    """Sends Date headers that are no dates."""
    odd = (
        "",
        "yesterday",
        "Mon, 99 Foo 0000 99:99:99 +9999",
        "Thu, 01 Jan 99999 00:00:00 GMT",
        "0",
        "Sat, 28 Nov 2026",
    )
    dated = with_headers(call.healthy(), ("Date", odd[call.number % len(odd)]), without=("date",))
    call.answer(dated)


@behaviour(HALF, DESCRIBE)
def changes_on_every_read(call: Call) -> None:
    """Shows the handshake in another state, and with other parties, at every read."""
    states = ("OPEN", "CANCELED", "ACCEPTED", "DECLINED", "EXPIRED", "REQUESTED", "", "NEW")
    call.change({"State": states[call.turn % len(states)], "Parties": [{"Id": str(call.turn)}]})


def _refuses(status: int, name: str, does: str, *headers: tuple[str, str], quick: bool = False) -> None:
    def refuses(call: Call) -> None:
        body = json.dumps({"__type": name, "Message": "no"}).encode() if name else b""
        call.answer(with_headers(with_body(call.healthy(), body, status), *headers))

    refuses.__name__ = does.replace(" ", "_")
    refuses.__doc__ = f"Answers everything: {does.replace('_', ' ')}{f', {name}' if name else ', without a body'}."
    behaviour(NEVER | HALF, ALL, quick=quick)(refuses)


_refuses(500, "InternalFailure", "500 always")
_refuses(500, "", "500 always without a body")
_refuses(503, "ServiceUnavailable", "503 always")
_refuses(503, "", "503 always with Retry-After", ("Retry-After", "1000000000"))
_refuses(429, "TooManyRequestsException", "429 always with Retry-After", ("Retry-After", "1000000000"))
_refuses(400, "ThrottlingException", "throttled always", ("Retry-After", "Mon, 01 Jan 1990 00:00:00 GMT"))
_refuses(400, "ConcurrentModificationException", "conflict always", ("Retry-After", "-1"))
_refuses(401, "UnrecognizedClientException", "401 to everybody", quick=True)
_refuses(403, "AccessDeniedException", "403 to everybody")
_refuses(407, "", "407 proxy authentication", ("Proxy-Authenticate", 'Basic realm="::error::"'))
_refuses(501, "", "501 not implemented")
_refuses(400, "UnknownOperationException", "unknown operation always")


@behaviour(HALF, NOT_IDENTITY)
def busy_every_second_call(call: Call) -> None:
    """Answers every second call that it is busy."""
    if call.number % 2:
        call.answer()
    else:
        call.answer_json({"__type": "ServiceUnavailable", "Message": "later"}, 503)


@behaviour(HALF | NEVER, CANCEL)
def cancel_always_busy(call: Call) -> None:
    """Answers every cancellation that it is busy."""
    call.answer_json({"__type": "TooManyRequestsException", "Message": "later"}, 429)


@behaviour(HALF, CANCEL)
def success_without_doing_it(call: Call) -> None:
    """Answers every cancellation with a handshake that is canceled, and does nothing."""
    call.answer_json({"Handshake": {"Id": "h-00000000", "State": "CANCELED"}}, 200)


@behaviour(HALF | LEGAL, ALL)
def sets_cookies(call: Call) -> None:
    """Sets cookies, asks for credentials and for an upgrade to TLS in every answer."""
    further = (("Set-Cookie", "a=b; Domain=.amazonaws.com"), ("WWW-Authenticate", "Negotiate"), ("Upgrade", "TLS/1.2"))
    alternatives = (("Alt-Svc", 'h3="192.0.2.1:443"'), ("Strict-Transport-Security", "max-age=9"), ("Refresh", "0"))
    call.answer(with_headers(call.healthy(), *further, *alternatives))
