"""The reference throttles, lags and limits its callers like the real service, if asked to, with any fault."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
import trustme
from botocore.config import Config

from contracts.model import operation as model
from contracts.model.quotas import RATES
from contracts.model.shapes import error_schema, mismatches
from fixtures.reference import AS_AWS, FIXED_SECRET, BadCertificate, Clock, Realism, Reference
from fixtures.reference.__main__ import main
from fixtures.reference.faults import fault
from tests.test_reference import (
    DAY,
    MEMBER,
    RECIPIENT,
    RIVAL,
    ROOT,
    SENDER,
    STRANGER,
    Answer,
    call,
    client,
    describe,
    invite,
    post,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THROTTLED = (400, "TooManyRequestsException")
NOT_FOUND = (400, "HandshakeNotFoundException")
HOUR = 60 * 60
UNKNOWN = {"HandshakeId": "h-00000000"}


@contextmanager
def like(**realism: Any) -> Iterator[Reference]:
    """Start a reference with this realism, where the sender has an organization."""
    with Reference.start(seed=5, realism=Realism(**realism)) as reference:
        for _ in range(2 if realism.get("throttle_first") else 1):
            created = call(reference, SENDER, "CreateOrganization")
        assert created.status == 200
        yield reference


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic time that rates and lag go by, for a test to set."""
    now = [1000.0]
    for module in ("organizations.read_lag", "protocol.rate_limits"):
        monkeypatch.setattr(f"fixtures.reference.{module}.monotonic", lambda: now[0])
    return now


def cancel(reference: Reference, handshake: str = UNKNOWN["HandshakeId"], account: str = SENDER) -> Answer:
    return call(reference, account, "CancelHandshake", HandshakeId=handshake)


def ids(reference: Reference, account: str = SENDER) -> list[str]:
    operation = "ListHandshakesForOrganization" if account == SENDER else "ListHandshakesForAccount"
    return [each["Id"] for each in call(reference, account, operation).document["Handshakes"]]


# Rates


def test_calls_beyond_the_burst_are_refused_until_the_bucket_has_a_token_again(watch: list[float]) -> None:
    with like(rates=1) as reference:
        outcomes = [cancel(reference).outcome for _ in range(5)]
        assert outcomes == [NOT_FOUND] * 3 + [THROTTLED] * 2
        assert cancel(reference, account=STRANGER).outcome == NOT_FOUND
        assert describe(reference, "h-00000000").outcome == NOT_FOUND
        watch[0] += 0.5
        assert [cancel(reference).outcome for _ in range(2)] == [NOT_FOUND, THROTTLED]
        watch[0] += HOUR
        assert [cancel(reference).outcome for _ in range(4)] == [NOT_FOUND] * 3 + [THROTTLED]


def test_a_factor_makes_the_bucket_fill_faster(watch: list[float]) -> None:
    with like(rates=10) as reference:
        assert [cancel(reference).outcome for _ in range(4)][-1] == THROTTLED
        watch[0] += 0.0625
        assert [cancel(reference).outcome for _ in range(2)] == [NOT_FOUND, THROTTLED]


def test_every_operation_has_a_limit_that_is_a_rate_and_a_burst() -> None:
    assert RATES.keys() <= {*model.service_model().operation_names}
    assert RATES["CancelHandshake"] == (2, 3)
    assert RATES["DescribeHandshake"] == RATES["AcceptHandshake"] == (1, 2)
    assert RATES["DeclineHandshake"] == (1, 1)
    assert RATES["InviteAccountToOrganization"] == (3, 5)
    assert RATES["ListHandshakesForOrganization"] == RATES["ListHandshakesForAccount"] == (5, 8)


# Refused at random, and on the first call


def test_a_throttled_call_changes_nothing_and_answers_by_the_model() -> None:
    with Reference.start(realism=Realism(throttled=1)) as reference:
        refused = call(reference, SENDER, "CreateOrganization")
        assert refused.outcome == THROTTLED
        shape = model.error_shapes()["TooManyRequestsException"]
        assert mismatches(refused.document, error_schema(shape, closed=True)) == ()
        assert refused.document["Message"]
        assert reference.store.organization_of(SENDER) is None
        assert (reference.log[-1].account, reference.log[-1].code) == (SENDER, "TooManyRequestsException")


def test_an_unknown_caller_and_an_unknown_operation_are_refused_before_the_rate() -> None:
    with Reference.start(realism=Realism(throttled=1)) as reference:
        assert post(reference, "ListAccounts", b"", secret="x").outcome == (400, "InvalidSignatureException")
        assert call(reference, SENDER, "LeaveOrganization").outcome == (400, "UnknownOperationException")
        assert client(reference, SENDER, "sts").get_caller_identity()["Account"] == SENDER


def test_a_seed_refuses_the_same_calls_and_gives_the_ids_that_it_gives_without() -> None:
    runs = []
    for throttled in (0.5, 0.5, 0):
        with Reference.start(seed=9, realism=Realism(throttled=throttled)) as reference:
            calls = 20 if throttled else 0
            codes = [call(reference, SENDER, "DescribeOrganization").outcome[1] for _ in range(calls)]
            while call(reference, SENDER, "CreateOrganization").outcome == THROTTLED:
                pass
            runs.append((codes, reference.store.organization_of(SENDER)))
    assert runs[0] == runs[1]
    assert {*runs[0][0]} == {"TooManyRequestsException", "AWSOrganizationsNotInUseException"}
    assert runs[0][1] == runs[2][1]


def test_the_first_call_of_each_account_and_operation_is_refused_and_no_later_one() -> None:
    with Reference.start(realism=Realism(throttle_first=True)) as reference:
        for account in (SENDER, STRANGER):
            for operation in ("CancelHandshake", "DescribeHandshake"):
                outcomes = [call(reference, account, operation, **UNKNOWN).outcome for _ in range(3)]
                assert outcomes == [THROTTLED, NOT_FOUND, NOT_FOUND]
        reference.reset()
        assert cancel(reference).outcome == THROTTLED


def test_the_sdk_raises_a_throttled_call_as_its_exception() -> None:
    with Reference.start(realism=Realism(throttled=1)) as reference:
        sender = client(reference, SENDER)
        with pytest.raises(sender.exceptions.TooManyRequestsException) as refused:
            sender.cancel_handshake(**UNKNOWN)
    assert refused.value.response["Type"]


# Reads that lag


def test_reads_lag_behind_and_writes_do_not(watch: list[float]) -> None:
    with like(lag=2) as reference:
        handshake = invite(reference)
        assert describe(reference, handshake).outcome == NOT_FOUND
        assert ids(reference) == ids(reference, RECIPIENT) == []
        again = call(reference, SENDER, "InviteAccountToOrganization", Target={"Type": "ACCOUNT", "Id": RECIPIENT})
        assert again.outcome == (400, "DuplicateHandshakeException")
        watch[0] += 1
        assert cancel(reference, handshake).handshake["State"] == "CANCELED"
        assert cancel(reference, handshake).outcome == (400, "HandshakeAlreadyInStateException")
        assert describe(reference, handshake).outcome == NOT_FOUND
        watch[0] += 1
        for account in (SENDER, RECIPIENT):
            assert describe(reference, handshake, account).handshake["State"] == "OPEN"
            assert ids(reference, account) == [handshake]
        watch[0] += 1
        assert describe(reference, handshake).handshake["State"] == "CANCELED"


def test_hidden_changes_appear_in_the_order_in_which_they_were_made(watch: list[float]) -> None:
    with like(lag=2) as reference:
        made = []
        for account in (RECIPIENT, STRANGER, RIVAL):
            made.append(invite(reference, account))
            cancel(reference, made[-1])
            watch[0] += 1
        assert ids(reference) == made[:2]
        assert ids(reference) == made[:2]
        watch[0] += 9
        assert ids(reference) == made


def test_a_new_member_is_listed_late_and_the_founder_at_once(watch: list[float]) -> None:
    def members() -> list[str]:
        return [each["Id"] for each in call(reference, SENDER, "ListAccounts").document["Accounts"]]

    with like(lag=2) as reference:
        assert call(reference, MEMBER, "AcceptHandshake", HandshakeId=invite(reference, MEMBER)).status == 200
        assert call(reference, MEMBER, "DescribeOrganization").status == 200
        assert members() == [SENDER]
        watch[0] += 2
        assert members() == [SENDER, MEMBER]


def test_a_refused_read_changes_nothing() -> None:
    with like(lag=HOUR) as reference:
        handshake = invite(reference)
        assert describe(reference, handshake).outcome == NOT_FOUND
        assert call(reference, RECIPIENT, "AcceptHandshake", HandshakeId=handshake).status == 200


def test_a_reset_forgets_the_changes_that_lag() -> None:
    with like(lag=HOUR) as reference:
        handshake = invite(reference)
        reference.reset()
        assert describe(reference, handshake).outcome == NOT_FOUND
        assert cancel(reference, handshake).outcome == NOT_FOUND


# Invitations a day


def attempt(reference: Reference, account: str, sender: str = SENDER) -> Answer:
    return call(reference, sender, "InviteAccountToOrganization", Target={"Type": "ACCOUNT", "Id": account})


def test_an_organization_can_send_so_many_invitations_in_24_hours() -> None:
    clock = Clock(source=lambda: 0.0)
    with Reference.start(clock=clock, realism=Realism(invitations=2)) as reference:
        for account in (SENDER, RIVAL):
            call(reference, account, "CreateOrganization")
        cancel(reference, invite(reference))
        assert attempt(reference, SENDER).document["Reason"] == "ALREADY_IN_AN_ORGANIZATION"
        clock.advance(HOUR)
        open_one = invite(reference)
        assert attempt(reference, RECIPIENT).outcome == (400, "DuplicateHandshakeException")
        for _ in range(2):
            refused = attempt(reference, STRANGER)
            assert refused.outcome == (400, "HandshakeConstraintViolationException")
            assert refused.reason == "HANDSHAKE_RATE_LIMIT_EXCEEDED"
        assert attempt(reference, STRANGER, RIVAL).status == 200
        assert call(reference, RECIPIENT, "AcceptHandshake", HandshakeId=open_one).status == 200
        assert attempt(reference, STRANGER).status == 200
        assert attempt(reference, MEMBER).reason == "HANDSHAKE_RATE_LIMIT_EXCEEDED"
        clock.advance(DAY - HOUR)
        assert attempt(reference, MEMBER).status == 200
        assert attempt(reference, "6" * 12).reason == "HANDSHAKE_RATE_LIMIT_EXCEEDED"


# Handshakes that have expired


def test_an_organization_has_a_history_of_expired_handshakes_from_the_start() -> None:
    with like(expired=2, lag=HOUR, invitations=1) as reference:
        assert call(reference, RIVAL, "CreateOrganization").status == 200
        past = ids(reference)
        assert len({*past}) == 2
        for handshake in past:
            shown = describe(reference, handshake).handshake
            assert shown["State"] == "EXPIRED"
            assert shown["ExpirationTimestamp"] - shown["RequestedTimestamp"] == 15 * DAY
            assert re.fullmatch(r"expired-\d@example\.com", shown["Parties"][0]["Id"])
            assert cancel(reference, handshake).outcome == (400, "InvalidHandshakeTransitionException")
            assert describe(reference, handshake).handshake == shown
            assert cancel(reference, handshake, RIVAL).outcome == (400, "AccessDeniedException")
        assert attempt(reference, RECIPIENT).status == 200


# Realism and faults together


@pytest.mark.parametrize(
    "name",
    [
        "invited-is-listed-as-member",
        "recipient-may-cancel",
        "fresh-is-requested",
        "cancel-not-stored",
        "duplicate-allowed",
        "scope-unchecked",
        "missing-id-is-not-found",
        "content-type-is-json",
        "first-call-denied",
        "length-untold",
    ],
)
def test_realism_holds_with_a_fault_too(name: str) -> None:
    realism = Realism(throttle_first=True, lag=HOUR, invitations=1, expired=1)
    invitation = {"Target": {"Type": "ACCOUNT", "Id": RECIPIENT}}
    with Reference.start(parts=fault(name).parts, realism=realism) as reference:
        for operation, document in (
            ("CreateOrganization", {}),
            ("InviteAccountToOrganization", invitation),
            ("ListHandshakesForOrganization", {}),
        ):
            assert call(reference, SENDER, operation, **document).outcome == THROTTLED
            answer = call(reference, SENDER, operation, **document)
            assert answer.status == 200
        assert [each["State"] for each in answer.document["Handshakes"]] == ["EXPIRED"]
        assert attempt(reference, STRANGER).reason == "HANDSHAKE_RATE_LIMIT_EXCEEDED"


THROTTLED_WRONGLY = {
    "throttled-is-429": (429, {"__type", "Message", "Type"}, "TooManyRequestsException"),
    "throttled-is-throttling-exception": (400, {"__type", "Message", "Type"}, "ThrottlingException"),
    "throttled-without-message": (400, {"__type", "Type"}, "TooManyRequestsException"),
    "throttled-with-empty-message": (400, {"__type", "Message", "Type"}, "TooManyRequestsException"),
}


@pytest.mark.parametrize("name", THROTTLED_WRONGLY)
def test_a_fault_in_throttling_shows_in_throttled_answers_only(name: str) -> None:
    status, members, code = THROTTLED_WRONGLY[name]
    wrong = fault(name)
    with Reference.start(parts=wrong.parts, realism=wrong.realism) as reference:
        refused, other = cancel(reference), cancel(reference)
    assert (refused.status, {*refused.document}, refused.document["__type"]) == (status, members, code)
    assert bool(refused.document.get("Message")) is ("message" not in name)
    assert other.outcome == NOT_FOUND
    assert other.document["Message"]


def test_a_fault_about_expired_handshakes_shows_where_one_has_expired() -> None:
    wrong = fault("expired-is-canceled")
    with Reference.start(parts=wrong.parts, realism=wrong.realism) as reference:
        call(reference, SENDER, "CreateOrganization")
        (expired,) = ids(reference)
        assert cancel(reference, expired).handshake["State"] == "CANCELED"


# TLS


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A certificate for this host, its key, and the authority to trust."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    paths = tuple(folder / name for name in ("certificate.pem", "key.pem", "authority.pem"))
    issued.cert_chain_pems[0].write_to_path(paths[0])
    issued.private_key_pem.write_to_path(paths[1])
    authority.cert_pem.write_to_path(paths[2])
    return paths[0], paths[1], paths[2]


def trusting(url: str, authority: Path, service: str = model.SERVICE) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=SENDER,
        aws_secret_access_key=FIXED_SECRET,
        verify=str(authority),
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5),
    )


def test_it_speaks_https_with_the_certificate_given(files: tuple[Path, Path, Path]) -> None:
    with Reference.start(tls=files[:2]) as reference:
        assert reference.url.startswith("https://127.0.0.1:")
        sender = trusting(reference.url, files[2])
        assert sender.create_organization()["Organization"]["MasterAccountId"] == SENDER
        assert [each["Id"] for each in sender.list_accounts()["Accounts"]] == [SENDER]
        assert trusting(reference.url, files[2], "sts").get_caller_identity()["Account"] == SENDER
        assert not reference.complaints


def test_a_client_without_tls_holds_up_nobody_else(
    files: tuple[Path, Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    with Reference.start(tls=files[:2]) as reference:
        address = ("127.0.0.1", int(reference.url.rpartition(":")[2]))
        with (
            socket.create_connection(address, timeout=5),
            socket.create_connection(address, timeout=5) as plain,
            socket.create_connection(address, timeout=5) as gone,
        ):
            plain.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n")
            gone.close()
            with suppress(ConnectionResetError):  # it depends on what the server has read by then
                assert plain.recv(100)[:4] != b"HTTP"
            assert trusting(reference.url, files[2]).create_organization()["Organization"]
    assert capfd.readouterr() == ("", "")


def test_a_silent_client_is_disconnected(files: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fixtures.reference.http.tls.HANDSHAKE_SECONDS", 0.05)
    with Reference.start(tls=files[:2]) as reference:
        address = ("127.0.0.1", int(reference.url.rpartition(":")[2]))
        with socket.create_connection(address, timeout=5) as silent:
            assert silent.recv(1) == b""


def test_a_stop_ends_https_connections_and_frees_the_port(
    files: tuple[Path, Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    reference = Reference.start(tls=files[:2])
    sender = trusting(reference.url, files[2])
    sender.create_organization()
    reference.stop()
    with Reference.start(port=int(reference.url.rpartition(":")[2]), tls=files[:2]) as another:
        assert another.url == reference.url
        assert sender.create_organization()["Organization"]
    assert capfd.readouterr() == ("", "")


def test_a_bad_certificate_is_an_error_that_names_it(files: tuple[Path, Path, Path]) -> None:
    certificate, key, _ = files
    for wrong in ((certificate, certificate), (key, key), (certificate, certificate.with_name("missing.pem"))):
        with pytest.raises(BadCertificate, match=re.escape(str(wrong[1]))):
            Reference.start(tls=wrong)


# The command


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "fixtures.reference", *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_the_command_takes_every_option_together(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    log.write_text('{"earlier": 1}\n', encoding="utf-8")
    options = ["--as-aws", "--throttled=0", "--expired=3", f"--log={log}"]
    options += [f"--tls-certificate={files[0]}", f"--tls-key={files[1]}"]
    with running(*options) as process:
        assert process.stdout is not None
        printed = process.stdout.readline() + process.stdout.readline()
        address = re.search(r"https://127\.0\.0\.1:\d+", printed)
        assert address
        sender = trusting(address[0], files[2])
        sender.create_organization()
        assert len(sender.list_handshakes_for_organization()["Handshakes"]) == 3
        with pytest.raises(sender.exceptions.TooManyRequestsException):
            sender.create_organization()
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        process.terminate()
        _, complaints = process.communicate(timeout=10)
    assert (process.returncode, complaints) == (0, "")
    assert "--ca-bundle" in printed
    assert lines[0] == {"earlier": 1}
    members = {"time", "request_id", "operation", "account", "status", "code", "agent"}
    assert [{*line} for line in lines[1:]] == [members] * 3
    throttled = lines[-1]
    assert (throttled["operation"], throttled["account"]) == ("CreateOrganization", SENDER)
    assert (throttled["status"], throttled["code"]) == THROTTLED
    assert throttled["agent"].startswith("Boto3/")
    assert lines[1]["code"] is None


def realism_of(*arguments: str) -> Realism:
    """Return the realism that the command starts a reference with."""
    with (
        mock.patch("fixtures.reference.__main__.Reference.start", side_effect=OSError("seen")) as start,
        mock.patch("signal.signal"),
        pytest.raises(SystemExit),
    ):
        main(arguments)
    realism = start.call_args.kwargs["realism"]
    assert isinstance(realism, Realism)
    return realism


def test_a_given_option_overrides_as_aws() -> None:
    assert realism_of() == Realism()
    assert realism_of("--as-aws") == AS_AWS == Realism(rates=1, throttled=0.05, lag=2, invitations=20, expired=2)
    assert realism_of("--as-aws", "--lag", "0", "--rates=2.5") == Realism(2.5, 0.05, lag=0, invitations=20, expired=2)
    assert realism_of("--invitations", "7") == Realism(invitations=7)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--rates", "-1"], "rates"),
        (["--lag", "nan"], "lag"),
        (["--lag", "inf"], "lag"),
        (["--throttled", "1.5"], "throttled"),
        (["--throttled", "-0.1"], "throttled"),
        (["--invitations", "-3"], "invitations"),
        (["--invitations", "1.5"], "--invitations"),
        (["--expired", "-1"], "expired"),
        (["--tls-key", "key.pem"], "--tls-certificate"),
        (["--tls-certificate", "certificate.pem"], "--tls-key"),
        (["--tls-certificate", "none.pem", "--tls-key", "none-either.pem"], "none-either.pem"),
        (["--log", "no/such/folder/log"], "no/such/folder/log"),
        (["--log", "."], "log"),
    ],
)
def test_a_wrong_option_ends_with_one_line_that_names_it(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        mock.patch("signal.signal"),
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SystemExit) as ended,
    ):
        # A port that is taken, so that an option that is accepted by mistake ends, too.
        main([*arguments, f"--port={taken.getsockname()[1]}"])
    printed, complaint = capsys.readouterr()
    assert (ended.value.code, printed, complaint.count("\n")) == (4, "", 1)
    assert named in complaint


def test_a_log_that_cannot_be_written_does_not_stop_the_answers(caplog: pytest.LogCaptureFixture) -> None:
    full = mock.Mock(write=mock.Mock(side_effect=OSError("no space left")))
    with Reference.start(log=full) as reference:
        assert call(reference, SENDER, "CreateOrganization").status == 200
    assert "no space left" in caplog.text
