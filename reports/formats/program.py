"""A short boto3 program that brings a situation about from nothing and shows the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from contracts.model.operation import MAKERS, content_type, operation, service_model
from contracts.values import BY_HEADER, BY_KEY, FIXED_SECRET
from contracts.vocabulary import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contracts.judging.exchange import Exchange, Transcript
    from contracts.values import TargetFacts
    from reports.run import Run

_CHANGING = {"CreateOrganization", *MAKERS, "CancelHandshake", "AcceptHandshake", "DeclineHandshake"}
_SET_UP = "setup"
_OWN_HEADERS = {"content-type": content_type()}
_LEAST = 4  # characters that make a text a part of another, and not one by chance
_HEAD = """\
import json, os, random
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

def call(client, operation, **given):
    try:
        answer = getattr(client, operation)(**given)
    except ClientError as error:
        answer = error.response
    status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
    print(operation, status, json.dumps(answer, default=str))
    return answer
"""
_CLIENT = """
def client(session=boto3, **keys):
    config = Config(parameter_validation=False, retries={{"total_max_attempts": 1}})
    place = {{"region_name": {region!r}, "endpoint_url": {url!r}}}
    return session.client("organizations", config=config, **place, **keys)
"""


def program(run: Run, exchange: Exchange) -> list[str]:
    """Return the lines of shell that run the program, none where a program isn't needed or can't send the call.

    It isn't needed where the call alone shows the answer. boto3 can't send a body that isn't a JSON object of the
    operation's members and their types, other headers, or another signature.
    """
    transcript = next((each for each in run.transcripts if each.scenario == exchange.scenario), None)
    if transcript is None or run.header.replayed:
        return []
    earlier = [each for each in _earlier(transcript, exchange) if each.status == 200]
    calls = [*_organization(run, transcript), *earlier, exchange]
    if not earlier or not all(map(_can_be_sent, calls)):
        return []
    body = Program(run.header.target, transcript, calls).lines()
    return ["python3 - <<'END'", *body, "END"]


def _earlier(transcript: Transcript, exchange: Exchange) -> Iterator[Exchange]:
    for each in transcript.exchanges:
        if each.step == exchange.step:
            return
        if each.operation in _CHANGING:
            yield each


def _organization(run: Run, transcript: Transcript) -> list[Exchange]:
    """Return the call that made the scenario's organization, if the run made it."""
    made = (
        each
        for setup in run.transcripts
        if setup.scenario.startswith(_SET_UP) and setup.organization == transcript.organization
        for each in setup.exchanges
    )
    return [each for each in made if each.operation == "CreateOrganization" and each.status == 200]


def _can_be_sent(exchange: Exchange) -> bool:
    headers = {name.lower(): value for name, value in exchange.request.headers}
    own = all(headers.get(name) == value for name, value in _OWN_HEADERS.items())
    taken = operation(exchange.operation).input_shape if _is_known(exchange) else None
    members: Mapping[str, Any] = taken.members if taken else {}  # DescribeOrganization takes nothing
    fits = all(name in members and _is_of(value, members[name].type_name) for name, value in exchange.sent.items())
    return own and exchange.well_formed and "authorization" in headers and fits and bool(members or not exchange.sent)


def _is_known(exchange: Exchange) -> bool:
    return exchange.operation in service_model().operation_names


def _is_of(value: Any, type_name: str) -> bool:
    return isinstance(value, {"string": str, "structure": dict, "integer": int, "list": list}.get(type_name, object))


class Program:
    """The program that makes these calls in turn."""

    head, client = _HEAD, _CLIENT

    def __init__(self, target: TargetFacts, transcript: Transcript, calls: Sequence[Exchange]) -> None:
        self._target = target
        self._transcript = transcript
        self._calls = calls
        self._variables: dict[str, str] = {}  # the name of each value that is another one in another run

    def lines(self) -> list[str]:
        """Return the program's lines."""
        actors = dict.fromkeys(Actor(each.actor) for each in self._calls)
        if Actor.PRINCIPAL in actors and self._mints_accounts:  # it has no account of its own
            actors = {Actor.SENDER: None, **actors}
        where = {"region": self._target.region, "url": self._target.url}
        lines = [*self.head.splitlines(), *self.client.format(**where).splitlines(), ""]
        if self._mints_accounts:
            parties = [actor for actor in self._parties() if actor not in actors]
            for actor in (each for each in (*actors, *parties) if each is not Actor.PRINCIPAL):
                lines.append(f'{actor}_account = f"{{random.randrange(10**11, 10**12)}}"')
                self._variables[self._transcript.accounts.get(actor, "")] = f"{actor}_account"
        self._variables.pop("", None)
        lines += [line for actor in actors for line in self._client(actor)]
        return [*lines, *self._steps()]

    def _steps(self) -> Iterator[str]:
        yield from map(self._call, self._calls)

    @property
    def _mints_accounts(self) -> bool:
        return self._target.strategy in {BY_KEY, BY_HEADER}

    def _parties(self) -> Iterator[Actor]:
        invited = [each.sent.get("Target") for each in self._calls if each.operation in MAKERS]
        ids = {each.get("Id") for each in invited if isinstance(each, dict)}
        for actor in Actor:
            if self._transcript.accounts.get(actor) in ids:
                yield actor

    def _client(self, actor: Actor) -> Iterator[str]:
        if self._target.strategy == BY_KEY:
            key = f'{Actor.SENDER}_account + "-2"' if actor is Actor.PRINCIPAL else f"{actor}_account"
            yield f'{actor} = client(aws_access_key_id={key}, aws_secret_access_key="{FIXED_SECRET}")'
        elif self._target.strategy == BY_HEADER:
            yield f"{actor} = client()"
            naming = f'lambda request, **_: request.headers.add_header("X-Moto-Account-Id", {actor}_account)'
            yield f'{actor}.meta.events.register("before-sign.organizations", {naming})'
        elif actor is Actor.SENDER:
            yield f"{actor} = client()  # with the sender's credentials in the environment"
        else:
            profile = f'os.environ["{actor.upper()}_PROFILE"]'
            yield f"{actor} = client(boto3.Session(profile_name={profile}))  # an AWS profile of the {actor}'s"

    def _call(self, exchange: Exchange) -> str:
        given = "".join(f", {name}={self._expression(value)}" for name, value in exchange.sent.items())
        call = f'call({exchange.actor}, "{xform_name(exchange.operation)}"{given})'
        if exchange is self._calls[-1] or exchange.operation not in MAKERS or exchange.handshake_id is None:
            return self._keep_token(exchange, call)
        name = f"handshake_{sum(each.startswith('handshake_') for each in self._variables.values()) + 1}"
        self._variables[exchange.handshake_id] = name
        return f'{name} = {call}["Handshake"]["Id"]'

    def _keep_token(self, exchange: Exchange, call: str) -> str:
        """Return the call, with the token of the next page kept if a later call sends it."""
        token = exchange.readable.get("NextToken")
        if not isinstance(token, str) or all(each.sent.get("NextToken") != token for each in self._calls):
            return call
        name = f"token_{sum(each.startswith('token_') for each in self._variables.values()) + 1}"
        self._variables[token] = name
        return f'{name} = {call}.get("NextToken")'

    def _expression(self, value: Any) -> str:
        """Return Python for the value, made from what is another one in another run."""
        if isinstance(value, dict):
            return f"{{{', '.join(f'{json.dumps(name)}: {self._expression(each)}' for name, each in value.items())}}}"
        if not isinstance(value, str):
            return repr(value)
        return next(filter(None, (derived(value, known, name) for known, name in self._variables.items())), repr(value))


def derived(value: str, known: str, name: str) -> str:
    """Return Python that makes the value from a known one of this name, nothing if it isn't made from it."""
    before, found, after = value.partition(known)
    if found:
        return " + ".join([*([repr(before)] if before else []), name, *([repr(after)] if after else [])])
    differing = [place for place, (one, other) in enumerate(zip(value, known, strict=False)) if one != other]
    changed = differing[0] if len(value) == len(known) and len(differing) == 1 else None
    if value == known.upper():
        return f"{name}.upper()"
    if changed is not None:
        return f"{name}[:{changed}] + {value[changed]!r} + {name}[{changed + 1}:]"
    if len(value) < _LEAST:
        return ""
    part = f"{name}[:{len(value)}]" if known.startswith(value) else f"{name}[{len(known) - len(value)}:]"
    return part if known.startswith(value) or known.endswith(value) else ""
