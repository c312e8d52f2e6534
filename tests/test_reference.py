"""The reference answers as the real service was recorded to, and by the model where nothing was recorded."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from contracts.model import operation as model
from contracts.model.shapes import error_schema, mismatches, schema
from fixtures.reference import FIXED_SECRET, Clock, Key, NotLoopback, Parts, Reference
from fixtures.reference.organizations.lifecycle import Lifecycle
from fixtures.reference.organizations.operations import Operations
from fixtures.reference.organizations.supported import SUPPORTED

if TYPE_CHECKING:
    from fixtures.reference.organizations.store import Handshake
    from fixtures.reference.organizations.views import Document

ROOT = Path(__file__).parents[1]
RECORDING = json.loads((ROOT / "contracts/recordings/organizations-2026-09-13.json").read_text("utf-8"))
SENDER, RECIPIENT, MEMBER, STRANGER, RIVAL = (digit * 12 for digit in "12345")
DAY = 24 * 60 * 60
EPOCH = 1_800_000_000.125  # any moment will do that has a fraction
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EVERYWHERE = "0.0.0.0"  # noqa: S104  # to be refused
DENIED = (400, "AccessDeniedException")
INVALID_SIGNATURE = "InvalidSignatureException"


@dataclass(frozen=True)
class Answer:
    """One answer of the reference."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object of the body."""
        document = json.loads(self.body)
        assert isinstance(document, dict)
        return document

    @property
    def handshake(self) -> dict[str, Any]:
        """The handshake of the answer, with its parties in order."""
        handshake: dict[str, Any] = self.document["Handshake"]
        return handshake | {"Parties": sorted(handshake["Parties"], key=itemgetter("Type"))}

    @property
    def outcome(self) -> tuple[int, str | None]:
        """The status, and the error code if there is one."""
        return self.status, self.document.get("__type")

    @property
    def reason(self) -> str | None:
        """The Reason of the error, if there is one."""
        return self.document.get("Reason")


@dataclass
class Sender:
    """A way to sign and to send a request, right or wrong."""

    key: str = SENDER
    secret: str = FIXED_SECRET
    region: str = "us-east-1"
    service: str = model.SERVICE
    method: str = "POST"
    path: str = "/"
    content_type: str | None = model.content_type()
    age: timedelta = timedelta()
    tamper: Callable[[AWSRequest], None] = lambda _: None
    signing: Callable[[SigV4Auth, AWSRequest], None] = SigV4Auth.add_auth

    def request(self, reference: Reference, target: str | None, body: bytes) -> AWSRequest:
        """Return the signed request."""
        headers = {"Content-Type": self.content_type, "X-Amz-Target": target}
        present = {name: value for name, value in headers.items() if value is not None}
        request = AWSRequest(self.method, reference.url + self.path, present, body)
        with mock.patch("botocore.auth.get_current_datetime", return_value=datetime.now(UTC) - self.age):
            self.signing(SigV4Auth(Credentials(self.key, self.secret), self.service, self.region), request)
        self.tamper(request)
        return request

    def send(self, connection: http.client.HTTPConnection, request: AWSRequest) -> Answer:
        """Send the request and return its answer."""
        path = request.url.partition("//")[2].partition("/")
        connection.request(request.method, path[1] + path[2], request.data, dict(request.headers.items()))
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())


def post(reference: Reference, operation: str, body: bytes, **ways: Any) -> Answer:
    """Send these bytes in this way and return the answer."""
    sender = Sender(**ways)
    connection = http.client.HTTPConnection(reference.url.removeprefix("http://"), timeout=10)
    try:
        return sender.send(connection, sender.request(reference, model.target_header(operation), body))
    finally:
        connection.close()


def call(reference: Reference, account: str, operation: str, **document: Any) -> Answer:
    """Call the operation as this account."""
    return post(reference, operation, json.dumps(document).encode(), key=account)


def invite(reference: Reference, account: str = RECIPIENT, sender: str = SENDER, **more: Any) -> str:
    """Invite the account and return the id of the handshake."""
    answer = call(reference, sender, "InviteAccountToOrganization", Target={"Type": "ACCOUNT", "Id": account}, **more)
    assert answer.status == 200, answer
    return str(answer.handshake["Id"])


def describe(reference: Reference, handshake: str, account: str = SENDER) -> Answer:
    """Describe the handshake as this account."""
    return call(reference, account, "DescribeHandshake", HandshakeId=handshake)


@cache
def _session() -> boto3.Session:
    return boto3.Session()


def client(reference: Reference, account: str, service: str = model.SERVICE, secret: str = FIXED_SECRET) -> Any:
    """Return an SDK client of this account."""
    return _session().client(
        service,
        endpoint_url=reference.url,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Reference]:
    """The one reference that most tests share, with a clock that stands still."""
    with Reference.start(seed=7, clock=Clock(source=lambda: 0.0)) as reference:
        yield reference


@pytest.fixture
def empty(endpoint: Reference) -> Reference:
    """A reference where nothing has happened."""
    endpoint.reset()
    endpoint.keys.clear()
    endpoint.clock.set(EPOCH)
    return endpoint


@pytest.fixture
def reference(empty: Reference) -> Reference:
    """A reference where the sender and a rival have an organization each, and a member has joined the sender's."""
    for manager in (SENDER, RIVAL):
        assert call(empty, manager, "CreateOrganization").status == 200
    assert call(empty, MEMBER, "AcceptHandshake", HandshakeId=invite(empty, MEMBER)).status == 200
    empty.clock.advance(31 * DAY)  # until the member's invitation is forgotten
    return empty


# What the real service was recorded to answer


@dataclass(frozen=True)
class Replayed:
    """One call of the recording made again: what was recorded, the answer, and the new ids by the recorded ones."""

    recorded: dict[str, Any]
    answer: Answer
    ids: dict[str, str]

    @property
    def expected(self) -> Any:
        """The recorded body with the new ids."""
        text = json.dumps(self.recorded["body"])
        for there, here in self.ids.items():
            text = text.replace(there, here)
        return comparable(json.loads(text))


def comparable(value: Any) -> Any:
    """Return the value without moments and without the order of parties."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: comparable(member) for name, member in value.items()}
    if "Parties" in found:
        found["Parties"] = sorted(found["Parties"], key=itemgetter("Type"))
        found["Lifetime"] = round(found.pop("ExpirationTimestamp") - found.pop("RequestedTimestamp"), 3)
    return found


@pytest.fixture(scope="module")
def replayed() -> Iterator[list[Replayed]]:
    """The whole recording made again, with a recipient who is a member already, as then."""
    with Reference.start() as reference:
        reference.name(SENDER, email="management@example.test", name="Management")
        reference.name(RECIPIENT, email="member@example.test", name="Member")
        organization = call(reference, SENDER, "CreateOrganization").document["Organization"]["Id"]
        call(reference, RECIPIENT, "AcceptHandshake", HandshakeId=invite(reference))
        reference.clock.advance(31 * DAY)
        ids = {"exampleorgid": organization.removeprefix("o-")}
        yield [replay(reference, recorded, ids) for recorded in RECORDING["observations"]]


def replay(reference: Reference, recorded: dict[str, Any], ids: dict[str, str]) -> Replayed:
    """Make one call of the recording again. Adds the id of a new handshake to ``ids``."""
    accounts = {"sender": SENDER, "recipient": RECIPIENT}
    document = dict(recorded["input"])
    if document.get("HandshakeId") in ids:
        document["HandshakeId"] = ids[document["HandshakeId"]]
    if document.get("Notes") == "1025 times x":
        document["Notes"] = "x" * 1025
    answer = call(reference, accounts[recorded["caller"]], recorded["operation"], **document)
    if recorded["operation"] == "InviteAccountToOrganization" and answer.status == recorded["status"] == 200:
        ids[recorded["body"]["Handshake"]["Id"]] = answer.handshake["Id"]
    return Replayed(recorded, answer, dict(ids))


CASES = [
    pytest.param(index, id=observation["case"].replace(" ", "-"))
    for index, observation in enumerate(RECORDING["observations"])
]


@pytest.mark.parametrize("index", CASES)
def test_answers_as_recorded(replayed: list[Replayed], index: int) -> None:
    again = replayed[index]
    assert again.answer.status == again.recorded["status"]
    assert comparable(again.answer.document) == again.expected


@pytest.mark.parametrize("index", CASES)
def test_every_answer_fits_the_model_and_the_protocol(replayed: list[Replayed], index: int) -> None:
    operation, answer = replayed[index].recorded["operation"], replayed[index].answer
    if answer.status == 200:
        described = schema(model.output_shape(operation), closed=True)
    else:
        described = error_schema(model.error_shapes(operation)[answer.document["__type"]], closed=True)
    assert mismatches(answer.document, described) == ()
    assert answer.headers["content-type"] == model.content_type()
    assert answer.headers["content-length"] == str(len(answer.body))
    assert UUID.fullmatch(answer.headers["x-amzn-requestid"])
    assert b"null" not in answer.body


def test_no_request_id_comes_twice(replayed: list[Replayed]) -> None:
    assert {*Counter(again.answer.headers["x-amzn-requestid"] for again in replayed).values()} == {1}


def test_parties_come_in_either_order(reference: Reference) -> None:
    handshake = invite(reference)
    orders = {
        tuple(party["Type"] for party in describe(reference, handshake).document["Handshake"]["Parties"])
        for _ in range(40)
    }
    assert orders == {("ORGANIZATION", "ACCOUNT"), ("ACCOUNT", "ORGANIZATION")}


# Through the SDK


def test_sdk_cancels_an_invitation(reference: Reference) -> None:
    sender, recipient = client(reference, SENDER), client(reference, RECIPIENT)
    target = {"Type": "ACCOUNT", "Id": RECIPIENT}
    opened = sender.invite_account_to_organization(Target=target, Notes="come in")["Handshake"]
    canceled = sender.cancel_handshake(HandshakeId=opened["Id"])["Handshake"]
    assert canceled["State"] == "CANCELED"
    assert canceled["ExpirationTimestamp"] - canceled["RequestedTimestamp"] == timedelta(days=15)
    assert {"Type": "NOTES", "Value": "come in"} in canceled["Resources"]
    with pytest.raises(sender.exceptions.HandshakeAlreadyInStateException):
        sender.cancel_handshake(HandshakeId=opened["Id"])
    with pytest.raises(recipient.exceptions.InvalidHandshakeTransitionException):
        recipient.accept_handshake(HandshakeId=opened["Id"])
    with pytest.raises(recipient.exceptions.AccessDeniedException):
        recipient.cancel_handshake(HandshakeId=opened["Id"])


def test_sdk_gets_its_identity(empty: Reference) -> None:
    identity = client(empty, STRANGER, "sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (STRANGER, f"arn:aws:iam::{STRANGER}:root")


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [(SENDER, "wrong", "SignatureDoesNotMatch"), ("AKIDUNKNOWN", FIXED_SECRET, "InvalidClientTokenId")],
)
def test_sdk_gets_an_error_for_wrong_keys(empty: Reference, key: str, secret: str, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        client(empty, key, "sts", secret).get_caller_identity()
    assert refused.value.response["Error"]["Code"] == code


def test_another_action_of_sts_is_unknown(empty: Reference) -> None:
    with pytest.raises(ClientError, match="InvalidAction"):
        client(empty, SENDER, "sts").get_session_token()


# Signatures


Signing = Callable[[SigV4Auth, AWSRequest], None]


def date_in_another_header(signer: SigV4Auth, request: AWSRequest) -> None:
    request.headers["Date"] = "is replaced"
    signer.add_auth(request)


def body_not_covered(signer: SigV4Auth, request: AWSRequest) -> None:
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    signer.add_auth(request)


def leaving_out(header: str) -> Signing:
    """Return a way of signing that leaves this header out."""

    def sign(signer: SigV4Auth, request: AWSRequest) -> None:
        every = signer.headers_to_sign

        def fewer(request: AWSRequest) -> Any:
            headers = every(request)
            del headers[header]
            return headers

        signer.headers_to_sign = fewer
        signer.add_auth(request)

    return sign


def with_header(name: str, value: str | None) -> Callable[[AWSRequest], None]:
    """Return a function that changes a header after signing (None: removes it)."""

    def tamper(request: AWSRequest) -> None:
        del request.headers[name]
        if value is not None:
            request.headers[name] = value

    return tamper


def with_another_day(request: AWSRequest) -> None:
    changed = re.sub(r"/[0-9]{8}/", "/20200101/", request.headers["Authorization"])
    with_header("Authorization", changed)(request)


def with_other_body(request: AWSRequest) -> None:
    request.data = request.data + b" "


@pytest.mark.parametrize(
    ("ways", "code"),
    [
        pytest.param({"tamper": with_header("Authorization", None)}, "MissingAuthenticationTokenException", id="none"),
        pytest.param({"key": "AKIDUNKNOWN"}, "UnrecognizedClientException", id="unknown-key"),
        pytest.param({"key": SENDER + "0"}, "UnrecognizedClientException", id="13-digits"),
        pytest.param({"key": "\uff11" * 12}, "UnrecognizedClientException", id="full-width-digits"),
        pytest.param({"secret": "tesT"}, INVALID_SIGNATURE, id="secret"),
        pytest.param({"region": "eu-west-1"}, INVALID_SIGNATURE, id="region"),
        pytest.param({"service": "iam"}, INVALID_SIGNATURE, id="service"),
        pytest.param({"service": "sts"}, INVALID_SIGNATURE, id="service-of-the-other-pipeline"),
        pytest.param({"age": timedelta(minutes=16)}, INVALID_SIGNATURE, id="too-old"),
        pytest.param({"age": timedelta(minutes=-16)}, INVALID_SIGNATURE, id="too-young"),
        pytest.param({"tamper": with_other_body}, INVALID_SIGNATURE, id="body-changed"),
        pytest.param({"signing": body_not_covered}, INVALID_SIGNATURE, id="body-not-covered"),
        pytest.param({"signing": leaving_out("x-amz-target")}, INVALID_SIGNATURE, id="target-not-covered"),
        pytest.param({"signing": leaving_out("x-amz-date")}, INVALID_SIGNATURE, id="date-not-covered"),
        pytest.param({"signing": leaving_out("host")}, INVALID_SIGNATURE, id="host-not-covered"),
        pytest.param({"tamper": with_header("Host", "elsewhere.example")}, INVALID_SIGNATURE, id="host-changed"),
        pytest.param(
            {"tamper": with_header("X-Amz-Target", model.target_header("DescribeHandshake"))},
            INVALID_SIGNATURE,
            id="target-changed",
        ),
        pytest.param({"tamper": with_header("X-Amz-Date", "20200101T000000Z")}, INVALID_SIGNATURE, id="day-changed"),
        pytest.param({"tamper": with_another_day}, INVALID_SIGNATURE, id="day-of-the-scope-changed"),
        pytest.param({"tamper": with_header("X-Amz-Date", "today")}, "IncompleteSignatureException", id="no-date"),
        pytest.param({"signing": date_in_another_header}, "IncompleteSignatureException", id="date-in-another-header"),
        pytest.param(
            {"tamper": with_header("Authorization", "AWS4-HMAC-SHA256 Credential=me")},
            "IncompleteSignatureException",
            id="garbled",
        ),
        pytest.param(
            {"tamper": with_header("Authorization", "Bearer me")}, "IncompleteSignatureException", id="another-scheme"
        ),
    ],
)
def test_a_wrong_signature_is_refused(reference: Reference, ways: dict[str, Any], code: str) -> None:
    handshake = invite(reference)
    ways = {name: value.encode().decode("latin-1") if name == "key" else value for name, value in ways.items()}
    answer = post(reference, "CancelHandshake", json.dumps({"HandshakeId": handshake}).encode(), **ways)
    assert answer.outcome == (400, code)
    assert answer.document["Message"]
    assert answer.headers["content-type"] == model.content_type()
    assert reference.log[-1].account is None
    assert describe(reference, handshake).handshake["State"] == "OPEN"


@pytest.mark.parametrize("age", [timedelta(minutes=14), timedelta(minutes=-14)])
def test_a_slightly_wrong_clock_is_forgiven(reference: Reference, age: timedelta) -> None:
    assert post(reference, "DescribeOrganization", b"", age=age).status == 200


def test_a_registered_key_stands_for_its_account(reference: Reference) -> None:
    reference.keys["AKIDEXAMPLE"] = Key(SENDER, "another secret")
    answer = post(reference, "ListAccounts", b"", key="AKIDEXAMPLE", secret="another secret")
    assert answer.status == 200
    assert (reference.log[-1].operation, reference.log[-1].account) == ("ListAccounts", SENDER)
    assert reference.log[-1].request_id == answer.headers["x-amzn-requestid"]


def test_another_region_has_another_partition() -> None:
    with Reference.start(region="cn-northwest-1") as reference:
        organization = post(reference, "CreateOrganization", b"", region="cn-northwest-1").document["Organization"]
    assert organization["Arn"] == f"arn:aws-cn:organizations::{SENDER}:organization/{organization['Id']}"


# Requests


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        (b"", "InvalidInputException", "INPUT_REQUIRED:HANDSHAKE_ID"),
        (b'{"HandshakeId": null}', "InvalidInputException", "INPUT_REQUIRED:HANDSHAKE_ID"),
        (b'{"HandshakeId": 12345678}', "InvalidInputException", "INVALID_PATTERN:HANDSHAKE_ID"),
        (b'{"HandshakeId": 1.5}', "InvalidInputException", "INVALID_PATTERN:HANDSHAKE_ID"),
        (b'{"HandshakeId": "h-00000000", "Unknown": [{}]}', "HandshakeNotFoundException", None),
        (b'{"HandshakeId": true}', "SerializationException", None),
        (b'{"HandshakeId": ["h-00000000"]}', "SerializationException", None),
        (b'{"HandshakeId": {"HandshakeId": "h-00000000"}}', "SerializationException", None),
        (b'{"HandshakeId": NaN}', "SerializationException", None),
        (b'{"HandshakeId": "\\ud800"}', "SerializationException", None),
        (b'{"HandshakeId": "h-00000000"', "SerializationException", None),
        (b'["h-00000000"]', "SerializationException", None),
        (b"null", "SerializationException", None),
        (b" ", "SerializationException", None),
        (b"[" * 100_000, "SerializationException", None),
        (b'\xef\xbb\xbf{"HandshakeId": "h-00000000"}', "SerializationException", None),
        (b'{"HandshakeId": "h-\xff0000000"}', "SerializationException", None),
        (json.dumps({"HandshakeId": "h-00000000"}).encode("utf-16"), "SerializationException", None),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else "",
)
def test_an_unusual_body_is_read_as_the_protocol_says(
    reference: Reference, body: bytes, code: str, reason: str | None
) -> None:
    answer = post(reference, "CancelHandshake", body)
    assert (*answer.outcome, answer.reason) == (400, code, reason)


def test_even_an_operation_without_input_takes_an_object(reference: Reference) -> None:
    assert post(reference, "DescribeOrganization", b"[]").outcome == (400, "SerializationException")


@pytest.mark.parametrize(
    ("handshake", "reason"),
    [
        ("h-" + "0" * 8, None),
        ("h-" + "z" * 32, None),
        ("h-" + "0" * 7, "INVALID_PATTERN"),
        ("h-" + "0" * 33, "MAX_LENGTH_EXCEEDED"),
        ("x" * 10_000, "MAX_LENGTH_EXCEEDED"),
        ("h-12345678\n", "INVALID_PATTERN"),
        (" h-12345678", "INVALID_PATTERN"),
        ("h-\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "INVALID_PATTERN"),
        ("h-1234567A", "INVALID_PATTERN"),
        ("H-12345678", "INVALID_PATTERN"),
    ],
)
def test_an_id_is_checked_against_the_model(reference: Reference, handshake: str, reason: str | None) -> None:
    for operation in ("CancelHandshake", "AcceptHandshake", "DeclineHandshake", "DescribeHandshake"):
        answer = call(reference, SENDER, operation, HandshakeId=handshake)
        if reason:
            assert (*answer.outcome, answer.reason) == (400, "InvalidInputException", f"{reason}:HANDSHAKE_ID")
        else:
            assert answer.outcome == (400, "HandshakeNotFoundException")


@pytest.mark.parametrize(
    ("operation", "document", "reason"),
    [
        ("InviteAccountToOrganization", {}, "INPUT_REQUIRED:TARGET"),
        ("InviteAccountToOrganization", {"Target": {"Type": "ACCOUNT"}}, "INPUT_REQUIRED:ID"),
        ("InviteAccountToOrganization", {"Target": {"Type": "X", "Id": "x"}}, "INVALID_ENUM:TYPE"),
        ("InviteAccountToOrganization", {"Target": {"Type": "EMAIL", "Id": ""}}, "MIN_LENGTH_EXCEEDED:ID"),
        ("InviteAccountToOrganization", {"Target": {"Type": "EMAIL", "Id": "x"}}, "INVALID_EMAIL_ADDRESS_TARGET"),
        ("InviteAccountToOrganization", {"Target": {"Type": "ACCOUNT", "Id": "x"}}, "INVALID_PATTERN_TARGET_ID"),
        ("InviteAccountToOrganization", {"Target": {"Type": "ORGANIZATION", "Id": "x"}}, "INVALID_PARTY_TYPE_TARGET"),
        (
            "InviteAccountToOrganization",
            {"Target": {"Type": "ACCOUNT", "Id": STRANGER}, "Tags": [{"Key": "a", "Value": "b"}, {"Key": "a"}]},
            "INPUT_REQUIRED:VALUE",
        ),
        ("CreateOrganization", {"FeatureSet": "SOME"}, "INVALID_ENUM:FEATURE_SET"),
        ("ListAccounts", {"MaxResults": 0}, "MIN_VALUE_EXCEEDED:MAX_RESULTS"),
        ("ListAccounts", {"MaxResults": 21}, "MAX_VALUE_EXCEEDED:MAX_RESULTS"),
        ("ListHandshakesForAccount", {"Filter": {"ActionType": "X"}}, "INVALID_ENUM:ACTION_TYPE"),
        ("ListHandshakesForAccount", {"Filter": {"ParentHandshakeId": "X"}}, "INVALID_PATTERN:PARENT_HANDSHAKE_ID"),
    ],
)
def test_every_input_is_checked_against_the_model(
    reference: Reference, operation: str, document: dict[str, Any], reason: str
) -> None:
    answer = call(reference, SENDER, operation, **document)
    assert (*answer.outcome, answer.reason) == (400, "InvalidInputException", reason)
    kind = reason.partition(":")[0]
    assert kind in model.shape("InvalidInputExceptionReason").metadata["enum"]


@pytest.mark.parametrize("value", ["5", 1.5, True])
def test_only_a_json_integer_is_an_integer(reference: Reference, value: object) -> None:
    assert call(reference, SENDER, "ListAccounts", MaxResults=value).outcome == (400, "SerializationException")


@pytest.mark.parametrize(
    ("content_type", "outcome"),
    [
        (f"{model.content_type()}; charset=utf-8", (200, None)),
        (model.content_type().upper(), (200, None)),
        ("application/json", (400, "UnknownOperationException")),
        (None, (400, "UnknownOperationException")),
    ],
)
def test_only_the_media_type_of_a_content_type_counts(
    reference: Reference, content_type: str | None, outcome: tuple[int, str | None]
) -> None:
    assert post(reference, "DescribeOrganization", b"{}", content_type=content_type).outcome == outcome


@pytest.mark.parametrize(
    ("operation", "ways"),
    [("CancelHandshakes", {}), ("CreateAccount", {}), ("CancelHandshake", {"path": "/x"})]
    + [("CancelHandshake", {"method": method}) for method in ("GET", "PUT", "DELETE")],
)
def test_what_is_no_operation_is_unknown(reference: Reference, operation: str, ways: dict[str, Any]) -> None:
    answer = post(reference, operation, b"{}", **ways)
    assert answer.outcome == (400, "UnknownOperationException")


# Who and when


def outsiders() -> Iterator[tuple[str, str]]:
    """Yield each account and operation that is denied on an invitation of the recipient."""
    for operation in ("CancelHandshake", "AcceptHandshake", "DeclineHandshake", "DescribeHandshake"):
        for account in (MEMBER, STRANGER, RIVAL):
            yield operation, account
    yield "CancelHandshake", RECIPIENT
    yield "AcceptHandshake", SENDER
    yield "DeclineHandshake", SENDER


ENDINGS = {
    "OPEN": None,
    "CANCELED": (SENDER, "CancelHandshake"),
    "ACCEPTED": (RECIPIENT, "AcceptHandshake"),
    "DECLINED": (RECIPIENT, "DeclineHandshake"),
    "EXPIRED": None,
}


def bring_to(reference: Reference, state: str, handshake: str) -> None:
    """Bring the handshake into this state."""
    ending = ENDINGS[state]
    if ending:
        assert call(reference, *ending, HandshakeId=handshake).status == 200
    if state == "EXPIRED":
        reference.clock.advance(15 * DAY)
    assert describe(reference, handshake).handshake["State"] == state


@pytest.mark.parametrize("state", ENDINGS)
def test_who_may_not_is_denied_whatever_the_state_and_nothing_changes(reference: Reference, state: str) -> None:
    handshake = invite(reference)
    bring_to(reference, state, handshake)
    before = describe(reference, handshake).handshake
    for operation, account in outsiders():
        answer = call(reference, account, operation, HandshakeId=handshake)
        assert answer.outcome == DENIED, (operation, account)
        assert describe(reference, handshake).handshake == before, (operation, account)
    if state == "OPEN":
        assert call(reference, SENDER, "CancelHandshake", HandshakeId=handshake).status == 200


@pytest.mark.parametrize("state", ENDINGS)
@pytest.mark.parametrize(
    ("operation", "account", "end"),
    [
        ("CancelHandshake", SENDER, "CANCELED"),
        ("AcceptHandshake", RECIPIENT, "ACCEPTED"),
        ("DeclineHandshake", RECIPIENT, "DECLINED"),
    ],
)
def test_only_an_open_handshake_can_be_ended(
    reference: Reference, state: str, operation: str, account: str, end: str
) -> None:
    handshake = invite(reference, Notes="please")
    bring_to(reference, state, handshake)
    before = describe(reference, handshake).handshake
    answer = call(reference, account, operation, HandshakeId=handshake)
    if state == "OPEN":
        assert answer.handshake == before | {"State": end}
    elif state == end:
        assert answer.outcome == (400, "HandshakeAlreadyInStateException")
    else:
        assert answer.outcome == (400, "InvalidHandshakeTransitionException")
    expected = answer.handshake if state == "OPEN" else before
    assert describe(reference, handshake).handshake == expected
    assert describe(reference, handshake, RECIPIENT).handshake == expected


def test_a_fresh_invitation_has_the_recorded_form(reference: Reference) -> None:
    handshake = describe(reference, invite(reference)).handshake
    organization = call(reference, SENDER, "DescribeOrganization").document["Organization"]["Id"]
    assert re.fullmatch(r"h-[0-9a-z]{32}", handshake["Id"])
    assert handshake["Arn"] == f"arn:aws:organizations::{SENDER}:handshake/{organization}/invite/{handshake['Id']}"
    assert handshake["Parties"] == [
        {"Id": RECIPIENT, "Type": "ACCOUNT"},
        {"Id": organization.removeprefix("o-"), "Type": "ORGANIZATION"},
    ]
    assert [resource["Type"] for resource in handshake["Resources"]] == ["ORGANIZATION", "ACCOUNT"]
    assert handshake["ExpirationTimestamp"] - handshake["RequestedTimestamp"] == 15 * DAY
    assert handshake["RequestedTimestamp"] == EPOCH + 31 * DAY


def test_an_address_reaches_its_account_and_reads_as_the_account_once_accepted(reference: Reference) -> None:
    email = f"account-{RECIPIENT}@example.test"
    invited = call(reference, SENDER, "InviteAccountToOrganization", Target={"Type": "EMAIL", "Id": email}).handshake
    accepted = call(reference, RECIPIENT, "AcceptHandshake", HandshakeId=invited["Id"]).handshake
    assert {"Id": email, "Type": "EMAIL"} in invited["Parties"]
    assert {"Id": RECIPIENT, "Type": "ACCOUNT"} in accepted["Parties"]
    unchanged = {"Id", "Arn", "Action", "RequestedTimestamp", "ExpirationTimestamp", "Resources"}
    assert {name: accepted[name] for name in unchanged} == {name: invited[name] for name in unchanged}


def test_an_address_that_was_given_up_reaches_nobody(reference: Reference) -> None:
    reference.name(RECIPIENT, email="elsewhere@example.test", name="Moved")
    email = f"account-{RECIPIENT}@example.test"
    invited = call(reference, SENDER, "InviteAccountToOrganization", Target={"Type": "EMAIL", "Id": email}).handshake
    assert describe(reference, invited["Id"], RECIPIENT).outcome == DENIED
    assert call(reference, RECIPIENT, "ListHandshakesForAccount").document["Handshakes"] == []


def members(reference: Reference) -> list[str]:
    """Return the accounts of the sender's organization."""
    return [account["Id"] for account in call(reference, SENDER, "ListAccounts").document["Accounts"]]


def test_who_accepts_becomes_a_member(reference: Reference) -> None:
    assert call(reference, RECIPIENT, "DescribeOrganization").outcome == (400, "AWSOrganizationsNotInUseException")
    assert call(reference, RECIPIENT, "AcceptHandshake", HandshakeId=invite(reference)).status == 200
    assert members(reference) == [SENDER, MEMBER, RECIPIENT]
    assert (
        call(reference, RECIPIENT, "DescribeOrganization").document
        == call(reference, SENDER, "DescribeOrganization").document
    )


@pytest.mark.parametrize("state", ["CANCELED", "DECLINED", "EXPIRED"])
def test_who_accepts_too_late_does_not_join(reference: Reference, state: str) -> None:
    handshake = invite(reference)
    bring_to(reference, state, handshake)
    answer = call(reference, RECIPIENT, "AcceptHandshake", HandshakeId=handshake)
    assert answer.outcome == (400, "InvalidHandshakeTransitionException")
    assert members(reference) == [SENDER, MEMBER]


def test_a_member_who_accepts_another_invitation_stays_where_it_is(reference: Reference) -> None:
    elsewhere = invite(reference, sender=RIVAL)
    assert call(reference, RECIPIENT, "AcceptHandshake", HandshakeId=invite(reference)).status == 200
    answer = call(reference, RECIPIENT, "AcceptHandshake", HandshakeId=elsewhere)
    assert (*answer.outcome, answer.reason) == (
        400,
        "HandshakeConstraintViolationException",
        "ALREADY_IN_AN_ORGANIZATION",
    )
    assert describe(reference, elsewhere, RIVAL).handshake["State"] == "ACCEPTED"
    assert RECIPIENT in members(reference)


@pytest.mark.parametrize(
    ("account", "operation", "code"),
    [
        (SENDER, "CreateOrganization", "AlreadyInOrganizationException"),
        (MEMBER, "CreateOrganization", "AlreadyInOrganizationException"),
        (MEMBER, "InviteAccountToOrganization", "AccessDeniedException"),
        (MEMBER, "ListHandshakesForOrganization", "AccessDeniedException"),
        (MEMBER, "ListAccounts", "AccessDeniedException"),
        (STRANGER, "InviteAccountToOrganization", "AWSOrganizationsNotInUseException"),
        (STRANGER, "ListHandshakesForOrganization", "AWSOrganizationsNotInUseException"),
        (STRANGER, "ListAccounts", "AWSOrganizationsNotInUseException"),
    ],
)
def test_only_a_manager_acts_for_an_organization(reference: Reference, account: str, operation: str, code: str) -> None:
    document = {"Target": {"Type": "ACCOUNT", "Id": RECIPIENT}} if operation.startswith("Invite") else {}
    assert call(reference, account, operation, **document).outcome == (400, code)
    assert code in model.error_shapes(operation)


def test_an_organization_has_one_open_invitation_of_an_account(reference: Reference) -> None:
    by_id = {"Type": "ACCOUNT", "Id": RECIPIENT}
    by_email = {"Type": "EMAIL", "Id": f"account-{RECIPIENT}@example.test"}
    first = invite(reference)
    for target in (by_id, by_email):
        again = call(reference, SENDER, "InviteAccountToOrganization", Target=target)
        assert again.outcome == (400, "DuplicateHandshakeException")
    assert call(reference, RIVAL, "InviteAccountToOrganization", Target=by_id).status == 200
    assert call(reference, SENDER, "CancelHandshake", HandshakeId=first).status == 200
    second = call(reference, SENDER, "InviteAccountToOrganization", Target=by_email)
    assert second.status == 200
    assert second.handshake["Id"] != first


# Lists


def walk(reference: Reference, account: str, operation: str, size: int, **more: Any) -> list[list[str]]:
    """Return the ids on each page."""
    (member,) = model.output_shape(operation).members.keys() - {"NextToken"}
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while not pages or token:
        page = call(reference, account, operation, MaxResults=size, **token, **more).document
        pages.append([item["Id"] for item in page[member]])
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else {}
    return pages


def test_lists_come_in_pages(reference: Reference) -> None:
    guests = [f"{number:012}" for number in range(5)]
    sent = [invite(reference, guest) for guest in guests]
    assert walk(reference, SENDER, "ListHandshakesForOrganization", 2) == [sent[:2], sent[2:4], sent[4:]]
    assert walk(reference, SENDER, "ListHandshakesForOrganization", 5) == [sent]
    assert walk(reference, SENDER, "ListAccounts", 1) == [[SENDER], [MEMBER]]
    received = [sent[0], invite(reference, guests[0], RIVAL)]
    assert walk(reference, RIVAL, "ListHandshakesForOrganization", 20) == [received[1:]]
    assert walk(reference, guests[0], "ListHandshakesForAccount", 1) == [received[:1], received[1:]]
    assert walk(reference, guests[0], "ListHandshakesForAccount", 20) == [received]


def test_a_page_is_no_longer_than_the_model_allows(reference: Reference) -> None:
    sent = [invite(reference, f"{number:012}") for number in range(21)]
    document = call(reference, SENDER, "ListHandshakesForOrganization").document
    assert [handshake["Id"] for handshake in document["Handshakes"]] == sent[:20]
    assert document["NextToken"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"ActionType": "INVITE"}, 1),
        ({"ActionType": "ENABLE_ALL_FEATURES"}, 0),
        ({"ParentHandshakeId": "h-00000000"}, 0),
        ({}, 1),
    ],
)
def test_lists_can_be_filtered(reference: Reference, wanted: dict[str, str], found: int) -> None:
    invite(reference)
    for account, operation in lists():
        assert len(call(reference, account, operation, Filter=wanted).document["Handshakes"]) == found


def lists() -> tuple[tuple[str, str], ...]:
    """Return the accounts and operations that list an invitation of the recipient."""
    return (SENDER, "ListHandshakesForOrganization"), (RECIPIENT, "ListHandshakesForAccount")


def test_a_token_is_good_for_its_own_list_only(reference: Reference) -> None:
    token = call(reference, SENDER, "ListAccounts", MaxResults=1).document["NextToken"]
    assert call(reference, SENDER, "ListAccounts", NextToken=token).status == 200
    forged = [base64.urlsafe_b64encode(text.encode()).decode() for text in ("1", f"ListAccounts/{SENDER}/99")]
    for wrong in (token[:-4], "x", "", "ünknown", *forged):
        answer = call(reference, SENDER, "ListAccounts", NextToken=wrong)
        assert (*answer.outcome, answer.reason) == (400, "InvalidInputException", "INVALID_NEXT_TOKEN")
    assert call(reference, SENDER, "ListHandshakesForOrganization", NextToken=token).reason == "INVALID_NEXT_TOKEN"


# Time


def seen(reference: Reference, handshake: str) -> list[bool]:
    """Return whether each party can describe the handshake, and whether each has it in its list."""
    described = [describe(reference, handshake, account) for account in (SENDER, RECIPIENT)]
    assert all(answer.outcome in ((200, None), (400, "HandshakeNotFoundException")) for answer in described)
    listed = [call(reference, *each).document["Handshakes"] for each in lists()]
    return [answer.status == 200 for answer in described] + [
        handshake in [item["Id"] for item in items] for items in listed
    ]


def test_an_invitation_expires_after_exactly_15_days(reference: Reference) -> None:
    handshake = invite(reference)
    reference.clock.advance(15 * DAY - 0.001)
    assert describe(reference, handshake).handshake["State"] == "OPEN"
    reference.clock.advance(0.001)
    assert describe(reference, handshake).handshake["State"] == "EXPIRED"
    states = [call(reference, *each).document["Handshakes"][0]["State"] for each in lists()]
    assert states == ["EXPIRED", "EXPIRED"]
    assert invite(reference) != handshake


@pytest.mark.parametrize("state", ["CANCELED", "ACCEPTED", "DECLINED", "EXPIRED"])
def test_an_ended_handshake_is_remembered_for_30_days(reference: Reference, state: str) -> None:
    handshake = invite(reference)
    reference.clock.advance(DAY if state != "EXPIRED" else 0)
    bring_to(reference, state, handshake)
    reference.clock.advance(30 * DAY - 0.001)
    assert seen(reference, handshake) == [True] * 4
    reference.clock.advance(0.001)
    assert seen(reference, handshake) == [False] * 4
    canceled = call(reference, SENDER, "CancelHandshake", HandshakeId=handshake)
    assert canceled.outcome == (400, "HandshakeNotFoundException")


def test_a_clock_runs_from_where_it_was_set() -> None:
    moments = iter([1000.0, 1000.0, 1002.5, 1002.5, 1003.0])
    clock = Clock(source=lambda: next(moments))
    assert clock.now() == 1_000_000
    clock.set(5000)
    assert clock.now() == 5_002_500
    clock.advance(0.25)
    assert clock.now() == 5_002_750
    assert clock.now() == 5_003_250


def test_a_clock_rounds_to_milliseconds() -> None:
    assert Clock(source=lambda: 1_800_000_000.0019999).now() == 1_800_000_000_002


def test_a_clock_shows_real_time_unless_it_is_set() -> None:
    before = datetime.now(UTC).timestamp() * 1000
    assert before - 1 <= Clock().now() <= datetime.now(UTC).timestamp() * 1000 + 1


# The endpoint


class Hesitating(Lifecycle):
    """Leaves time between the decision about a handshake and its storing."""

    def apply(self, operation: str, handshake: Handshake, now: int) -> Handshake:
        decided = super().apply(operation, handshake, now)
        time.sleep(0.01)
        return decided


def test_of_many_cancels_at_once_one_succeeds() -> None:
    with Reference.start(parts=Parts(lifecycle=Hesitating)) as reference, ThreadPoolExecutor(12) as pool:
        call(reference, SENDER, "CreateOrganization")
        handshake = invite(reference)
        answers = pool.map(lambda _: call(reference, SENDER, "CancelHandshake", HandshakeId=handshake), range(24))
        outcomes = Counter(answer.outcome for answer in answers)
    assert outcomes == {(200, None): 1, (400, "HandshakeAlreadyInStateException"): 23}


def chunked(request: AWSRequest) -> None:
    """Send the body in chunks."""
    request.headers["Transfer-Encoding"] = "chunked"
    request.data = b"%x\r\n%s\r\n0\r\n\r\n" % (len(request.data), request.data)


def test_a_connection_serves_many_requests(reference: Reference) -> None:
    connection = http.client.HTTPConnection(reference.url.removeprefix("http://"), timeout=10)
    used = set()
    for ways, status in (
        ({}, 200),
        ({"secret": "x"}, 400),
        ({"tamper": chunked}, 200),
        ({"method": "HEAD"}, 400),
        ({}, 200),
    ):
        sender = Sender(**ways)
        answer = sender.send(connection, sender.request(reference, model.target_header("ListAccounts"), b"{}"))
        assert answer.status == status
        assert connection.sock is not None
        used.add(connection.sock.getsockname())
    assert len(used) == 1
    connection.close()


def raw(reference: Reference, request: bytes) -> bytes:
    """Return what comes back for bytes that no HTTP client would send."""
    with socket.create_connection(("127.0.0.1", int(reference.url.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("request_bytes", "start"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{", b""),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", b""),
        (b"POST http://[ HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        (b"no HTTP\r\n\r\n", b""),
        (b"POST / HTTP/1.1\r\nno header\r\n\r\n", b"HTTP/1.1 400 "),
        (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 400 "),
    ],
)
def test_nothing_is_printed_whatever_is_received(
    reference: Reference, capfd: pytest.CaptureFixture[str], request_bytes: bytes, start: bytes
) -> None:
    answer = raw(reference, request_bytes)
    assert answer.startswith(start)
    if request_bytes.startswith(b"HEAD"):
        assert answer.endswith(b"\r\n\r\n")
    assert call(reference, SENDER, "DescribeOrganization").status == 200
    assert capfd.readouterr() == ("", "")


def test_a_stop_ends_open_connections_and_frees_the_port() -> None:
    reference = Reference.start()
    connection = http.client.HTTPConnection(reference.url.removeprefix("http://"), timeout=10)
    sender = Sender()
    request = sender.request(reference, model.target_header("CreateOrganization"), b"{}")
    assert sender.send(connection, request).status == 200
    reference.stop()
    reference.stop()
    assert connection.sock.recv(1) == b""
    connection.close()
    with Reference.start(port=int(reference.url.rpartition(":")[2])) as another:
        assert another.url == reference.url


def test_a_reference_listens_where_nobody_else_can_reach_it() -> None:
    for host in (EVERYWHERE, "192.0.2.1", "example.test"):
        with pytest.raises(NotLoopback, match=re.escape(host)):
            Reference.start(host)


def test_a_taken_port_is_an_error(empty: Reference) -> None:
    with pytest.raises(OSError, match="in use"):
        Reference.start(port=int(empty.url.rpartition(":")[2]))


def test_a_reset_forgets_what_happened_and_repeats_no_id(reference: Reference) -> None:
    first = invite(reference)
    reference.name(SENDER, email="management@example.test", name="Management")
    reference.reset()
    assert not reference.log
    assert call(reference, SENDER, "DescribeOrganization").outcome == (400, "AWSOrganizationsNotInUseException")
    organization = call(reference, SENDER, "CreateOrganization").document["Organization"]
    assert organization["MasterAccountEmail"] == f"account-{SENDER}@example.test"
    assert describe(reference, first).outcome == (400, "HandshakeNotFoundException")
    assert invite(reference) != first


def test_the_same_seed_gives_the_same_ids() -> None:
    ids = []
    for seed in (1, 1, 2):
        with Reference.start(seed=seed) as reference:
            call(reference, SENDER, "CreateOrganization")
            ids.append(invite(reference))
    assert ids[0] == ids[1] != ids[2]


class Failing(Operations):
    """Fails in the middle of an operation."""

    def perform(self, *_: object, **__: object) -> Document:
        raise ZeroDivisionError


def test_its_own_failure_is_a_service_exception_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with Reference.start(parts=Parts(operations=Failing)) as reference:
        answer = call(reference, SENDER, "ListAccounts")
    assert answer.outcome == (500, "ServiceException")
    assert mismatches(answer.document, error_schema(model.error_shapes()["ServiceException"])) == ()
    assert "ZeroDivisionError" in caplog.text
    assert answer.headers["x-amzn-requestid"] in caplog.text


def test_every_operation_is_one_of_the_models() -> None:
    assert {*SUPPORTED} <= {*model.service_model().operation_names}


# By itself


def run(*arguments: str) -> subprocess.Popen[str]:
    """Start the reference as a process with these arguments."""
    return subprocess.Popen(
        [sys.executable, "-m", "fixtures.reference", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_runs_until_it_is_stopped(number: signal.Signals) -> None:
    with run("--clock-start", "2030-01-01T00:00:00", "--seed", "3") as process:
        assert process.stdout is not None
        printed = process.stdout.readline() + process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", printed)
        assert address
        reference = mock.Mock(url=address[0])
        assert call(reference, SENDER, "CreateOrganization").status == 200
        requested = describe(reference, invite(reference)).handshake["RequestedTimestamp"]
        process.send_signal(number)
        _, complaints = process.communicate(timeout=10)
    assert (process.returncode, complaints) == (0, "")
    assert f"AWS_ACCESS_KEY_ID={SENDER} AWS_SECRET_ACCESS_KEY={FIXED_SECRET}" in printed
    assert datetime.fromtimestamp(requested, UTC).date().isoformat() == "2030-01-01"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--host", EVERYWHERE], EVERYWHERE),
        (["--clock-start", "tomorrow"], "tomorrow"),
        (["--region", "nowhere"], "nowhere"),
        (["--port", "70000"], "70000"),
        (["--colour"], "--colour"),
    ],
)
def test_a_wrong_call_ends_with_one_line_that_gives_the_reason(arguments: list[str], named: str) -> None:
    with run(*arguments) as process:
        printed, complaint = process.communicate(timeout=10)
    assert (process.returncode, printed, complaint.count("\n")) == (4, "", 1)
    assert named in complaint
