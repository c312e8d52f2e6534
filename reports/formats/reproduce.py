"""Commands that send a request again, and that judge a clause again."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from contracts.judging.exchange import Exchange, Request, header
from contracts.values import BY_HEADER, BY_KEY, COMMAND, FIXED_SECRET
from contracts.vocabulary import Actor

if TYPE_CHECKING:
    from reports.run import Header

_SCOPE = re.compile(r"Credential=[^,/\s]*/\d{8}/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request")
# curl makes these itself, from the address, the body and the credentials.
_MADE_BY_CURL = {"authorization", "connection", "content-length", "host", "x-amz-content-sha256", "x-amz-date"}
# These say something of the sender's software, and nothing to the target.
_CLIENT_HEADERS = {"accept", "accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "user-agent"}
_SESSION = '-H "X-Amz-Security-Token: $AWS_SESSION_TOKEN"'
_ENVIRONMENT = "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"
# Linux takes no argument of 128 KiB or more; what the shell's own printf prints is no argument.
_LONGEST_ARGUMENT = 100_000


def curl(exchange: Exchange, strategy: str, account: str | None = None) -> str:
    """Return one line of POSIX shell that sends the exchange's request with curl.

    Where the strategy makes keys of the caller's account, the command holds them. Else it takes them from the
    environment, and its comment says whose they have to be.
    """
    request = exchange.request
    made = strategy == BY_KEY and account is not None
    signing = _signing(request, f"{account}:{FIXED_SECRET}" if made else _ENVIRONMENT)
    owner = Actor.SENDER if strategy == BY_HEADER else exchange.actor
    caller = exchange.actor if made or not signing else f"{exchange.actor}, with the {owner}'s credentials exported"
    if made and exchange.actor != Actor.SENDER:
        caller += f"; {account} may be a placeholder for the {exchange.actor}'s account id"
    words = ["curl -sS -i"]
    if request.method != "POST":
        words.append(f"-X {shlex.quote(request.method)}")
    words += [*signing, *_headers(request)]
    before = ""
    if _is_argument(request.body):
        words.append(f"--data-binary {shlex.quote(request.body.decode())}")
    elif request.body or request.method == "POST":
        before = f"printf {shlex.quote(_octal(request.body))} | "
        words.append("--data-binary @-")
    return f"{before}{' '.join(words)} {shlex.quote(request.url)} # as {caller}"


def _signing(request: Request, keys: str) -> list[str]:
    scope = _SCOPE.search(header(request.headers, "Authorization") or "")
    if scope is None:
        return []
    return [
        f'--aws-sigv4 "aws:amz:{scope["region"]}:{scope["service"]}"',
        f'--user "{keys}"',
    ]


def _headers(request: Request) -> list[str]:
    words = []
    for name, value in request.headers:
        if name.lower() == "x-amz-security-token":
            words.append(_SESSION)
        elif name.lower() not in _MADE_BY_CURL | _CLIENT_HEADERS:
            # curl drops a header without a value, unless it ends in a semicolon.
            words.append(f"-H {shlex.quote(f'{name}: {value}' if value.strip() else f'{name};')}")
    if header(request.headers, "Content-Type") is None:
        words.append("-H 'Content-Type:'")
    return words


def _is_argument(body: bytes) -> bool:
    """Return whether the body can stand in the command as it is. curl takes a leading @ for the name of a file."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return text.isprintable() and not text.startswith("@") and 0 < len(body) < _LONGEST_ARGUMENT


def _octal(body: bytes) -> str:
    plain = set(range(0x20, 0x7F)) - {ord("%"), ord("\\")}
    return "".join(chr(octet) if octet in plain else f"\\{octet:03o}" for octet in body)


def again(run: Header, test: str) -> str:
    """Return the pytest command that judges the clause again: same target and callers, or same recording."""
    replayed = [f"--replay={run.replayed}"] if run.replayed else []
    repeat = [f"--repeat={run.repeat}"] if run.repeat > 1 else []  # a file says so itself
    chosen = replayed if replayed and not run.target.options else [*run.target.options, *repeat]
    strict = ["--strict"] if run.strict else []
    return shlex.join([COMMAND, *chosen, *strict, test])
