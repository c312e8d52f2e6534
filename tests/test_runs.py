"""A run tells the truth about the endpoint that it is pointed at, in its exit code first of all."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import trustme

from contracts.clauses import LAST_SCENARIO, contract
from contracts.model.operation import INVITE
from contracts.values import MOST_INVITATIONS
from contracts.vocabulary import ALL_FEATURES, IMMEDIATE, NEIGHBOR, TRANSFERS, Level
from fixtures.reference import Reference
from fixtures.scenarios.catalogue import scenarios
from fixtures.target.model import Target
from reports.rendering import FILES
from tests.endpoints import always, free_port, ministack, moto, process
from tests.suite import ROOT, Finished, once, suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMELY = {clause.id for clause in contract().clauses if clause.theme == "time"}
BILLED = {clause.id for clause in contract().clauses if any(each.startswith("all-features/") for each in clause.judges)}
"""They need an organization with consolidated billing, which is made only where the suite can make up accounts."""
UNPROVOKED = {"errors.throttled", "errors.throttled-code", "errors.conflict", "errors.unavailable"}
"""No target is busy unless it is so by itself."""


@pytest.fixture(scope="module")
def on_reference() -> Finished:
    return once()


def test_the_reference_conforms_with_every_clause_judged(on_reference: Finished) -> None:
    assert on_reference.code == 0, on_reference.output
    assert on_reference.counts().keys() == {"passed", "not-applicable"}
    assert on_reference.clauses("not-applicable") == UNPROVOKED
    assert on_reference.clauses("passed") == {clause.id for clause in contract().clauses} - UNPROVOKED


def test_a_run_needs_no_more_invitations_than_a_real_account_can_spare(on_reference: Finished) -> None:
    by_races = Target.races * sum(each.invitations for each in scenarios().values() if each.races)
    by_time = sum(each.operation == INVITE and each.scenario == LAST_SCENARIO for each in on_reference.run.exchanges)
    elsewhere = by_races + by_time  # the real service allows one round at most, and its clock isn't moved
    assert 0 < on_reference.run.invitations - elsewhere <= MOST_INVITATIONS
    last = f"{on_reference.run.calls} calls to the target, {on_reference.run.invitations} of them invitations"
    assert last in on_reference.output


def test_a_run_leaves_no_invitation_open_and_asks_every_scenario_once(on_reference: Finished) -> None:
    names = [transcript.scenario for transcript in on_reference.run.transcripts]
    assert len(names) == len(set(names))
    states: dict[str, str] = {}
    for exchange in on_reference.run.exchanges:
        if exchange.handshake:
            states[exchange.handshake["Id"]] = exchange.handshake["State"]
    assert states
    assert set(states.values()) <= {"CANCELED", "ACCEPTED", "DECLINED", "EXPIRED"}


def test_the_last_line_is_the_verdict(on_reference: Finished) -> None:
    assert on_reference.output.rstrip().splitlines()[-1].startswith("CONFORMANT (exit 0)")


def test_junit_tells_the_same(on_reference: Finished) -> None:
    root = ET.parse(on_reference.folder / "junit.xml").getroot()
    assert root.get("tests") == str(len(on_reference.run.judgements))
    unthrottled = str(len(UNPROVOKED) * sum(not scenarios()[name].races for name in contract().scenarios))
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", unthrottled)


def test_two_workers_come_to_the_same_verdicts_and_the_same_report(on_reference: Finished, tmp_path: Path) -> None:
    parallel = suite(tmp_path, "-n", "2")
    assert parallel.code == 0, parallel.output
    assert parallel.verdicts() == on_reference.verdicts()
    assert [each.verdict for each in parallel.run.judgements] == [each.verdict for each in on_reference.run.judgements]
    assert steps(parallel) == steps(on_reference)
    assert parallel.run.invitations == on_reference.run.invitations


def steps(finished: Finished) -> list[str]:
    """Each worker has an organization of its own; but for their set-up and pages of lists exchanges are the same."""
    names = [exchange.id for exchange in finished.run.exchanges if not exchange.id.startswith("setup")]
    return [name for name in names if "-page-" not in name]


@pytest.fixture(scope="module", params=[moto, ministack], ids=["moto", "ministack"])
def unimplemented(request: pytest.FixtureRequest) -> Iterator[str]:
    with request.param() as url:
        yield url


@pytest.mark.parametrize(
    "workers", [(), pytest.param(("-n", "2"), marks=pytest.mark.long)], ids=["alone", "two workers"]
)
def test_an_endpoint_without_the_operation_is_told_from_a_broken_one(
    unimplemented: str, workers: tuple[str, ...], tmp_path: Path
) -> None:
    finished = suite(tmp_path, f"--endpoint-url={unimplemented}", *workers)
    assert finished.code == 7, finished.output
    assert finished.counts().keys() == {"blocked", "not-implemented", "not-applicable"}
    signs = {
        reason
        for each in finished.clauses("not-implemented")
        for reason in finished.fields_of(each)["because"]
        if reason
    }
    assert any("CancelHandshake is not implemented: HTTP " in sign for sign in signs)
    assert "NOT IMPLEMENTED (exit 7)" in finished.output.rstrip().splitlines()[-1]
    assert len(finished.output.partition("\nCancelHandshake on ")[2].splitlines()) <= 20


@pytest.mark.long
def test_the_reference_as_a_process_of_its_own_under_tls(tmp_path: Path) -> None:
    authority, port = trustme.CA(), free_port()
    certificate, key, bundle = (tmp_path / name for name in ("server.pem", "server.key", "ca.pem"))
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(bundle)
    command = ["python", "-m", "fixtures.reference", f"--port={port}"]
    with process([*command, f"--tls-certificate={certificate}", f"--tls-key={key}"], port, PYTHONPATH=str(ROOT)):
        url = f"--endpoint-url=https://127.0.0.1:{port}"
        finished = suite(tmp_path, url, f"--ca-bundle={bundle}", "--account-strategy=key")
        untrusted = suite(tmp_path / "untrusted", url, "--account-strategy=key")
        unencrypted = suite(tmp_path / "unencrypted", url.replace("https", "http"), "--account-strategy=key")
    assert finished.code == 0, finished.output
    assert finished.clauses("not-applicable") == UNPROVOKED | TIMELY | {
        "transitions.sender-expired",
        "callers.principal",
        "actions.transfer-principal",
    }
    assert untrusted.code == 6, untrusted.output
    assert "is not trusted" in untrusted.output
    assert unencrypted.code == 6, unencrypted.output
    assert "speaks TLS" in unencrypted.output


def test_an_endpoint_that_says_yes_to_everything_passes_nothing(tmp_path: Path) -> None:
    with always(200, "application/x-amz-json-1.1", b"{}") as url:
        finished = suite(tmp_path, f"--endpoint-url={url}")
    assert finished.code == 8, finished.output
    assert finished.counts().keys() <= {"blocked", "not-applicable"}


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (501, "application/x-amz-json-1.1", b'{"__type":"NotImplemented"}'),
        (500, "text/html", b"<html>"),
        (404, "text/plain", b"404 page not found"),
        (400, "application/x-amz-json-1.0", b'{"__type":"com.amazon.coral.service#UnknownOperationException"}'),
        (400, "application/json", b'{"__type":"InvalidAction","message":"CancelHandshake is not yet implemented"}'),
        (400, "application/json", b'{"message":"Operation not supported"}'),
    ],
    ids=["501", "500-html", "404", "unknown-operation", "invalid-action", "message"],
)
def test_every_way_to_say_that_nothing_is_there_is_understood(
    status: int, content_type: str, body: bytes, tmp_path: Path
) -> None:
    with always(status, content_type, body) as url:
        finished = suite(tmp_path, f"--endpoint-url={url}", "--account-strategy=key")
    assert finished.code == 7, finished.output
    assert not finished.clauses("passed") | finished.clauses("failed")


def test_an_endpoint_that_refuses_everything_conforms_in_nothing_that_matters(tmp_path: Path) -> None:
    body = b'{"__type":"AccessDeniedException","Message":"You don\'t have permissions to access this resource."}'
    with always(400, "application/x-amz-json-1.1", body) as url:
        finished = suite(tmp_path, f"--endpoint-url={url}")
    assert finished.code == 8, finished.output
    assert not finished.clauses("passed")


def test_a_certificate_is_trusted_only_if_its_authority_is_given(tmp_path: Path) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with always(501, "application/json", b"{}", tls=context) as url:
        distrusted = suite(tmp_path, f"--endpoint-url={url}")
        trusted = suite(tmp_path, f"--endpoint-url={url}", f"--ca-bundle={bundle}")
    assert distrusted.code == 6, distrusted.output
    assert "is not trusted" in distrusted.output
    assert "--ca-bundle" in distrusted.output
    assert trusted.code == 7, trusted.output


def test_no_credential_reaches_what_is_printed_or_written(tmp_path: Path) -> None:
    keys = {
        "AWS_ACCESS_KEY_ID": "AKIAVERYMUCHASECRET0",
        "AWS_SECRET_ACCESS_KEY": "the-secret-of-it-all",
        "AWS_SESSION_TOKEN": "a-token-that-nobody-may-see",
    }
    echoed = b'{"__type":"AccessDeniedException","Message":"AKIAVERYMUCHASECRET0 a-token-that-nobody-may-see"}'
    with always(400, "application/x-amz-json-1.1", echoed) as url:
        finished = suite(tmp_path, f"--endpoint-url={url}", "--account-strategy=one", "-rA", "--tb=long", **keys)
    assert finished.code == 8, finished.output
    written = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path.is_file()]
    assert len(written) == len(FILES)
    for text in (finished.output, *written):
        for secret in keys.values():
            assert secret not in text


UNREACHABLE = {
    "closed port": ("http://127.0.0.1:{port}", (), r"does not answer.*is it running"),
    "not HTTP's TLS": ("https://127.0.0.1:{port}", (), r"does not answer.*is it running"),
}


@pytest.mark.parametrize("case", UNREACHABLE)
def test_an_endpoint_that_does_not_answer(case: str, tmp_path: Path) -> None:
    url, options, line = UNREACHABLE[case]
    finished = suite(tmp_path, f"--endpoint-url={url.format(port=free_port())}", *options)
    assert finished.code == 6, finished.output
    assert re.search(line, finished.output)


def test_keys_that_are_rejected(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIANOBODYKNOWSTHIS0", "AWS_SECRET_ACCESS_KEY": "neither-this"}
    with Reference.start() as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}", "--account-strategy=one", **keys)
    assert finished.code == 6, finished.output
    assert "rejects the sender's keys" in finished.output
    assert keys["AWS_SECRET_ACCESS_KEY"] not in finished.output


BAD_USAGE = {
    "misspelt option": (("--endpoint-ur=x",), {}, "there is no option --endpoint-ur; did you mean --endpoint-url?"),
    "misspelt profile": (
        ("--endpoint-url=http://127.0.0.1:1", "--profile=nobody"),
        {},
        "there is no AWS profile 'nobody'",
    ),
    "misspelt actor": (("--profile=boss=x",), {}, "there is no actor 'boss'"),
    "unknown strategy": (("--account-strategy=magic",), {}, "invalid choice"),
    "no URL": (("--endpoint-url=localhost:4566",), {}, "expected http://HOST:PORT"),
    "bad port": (("--endpoint-url=http://127.0.0.1:none",), {}, "--endpoint-url: 'http://127.0.0.1:none' is not a URL"),
    "another host": ((), {"AWS_ENDPOINT_URL": "http://example.com"}, "example.com is not this machine"),
    "the real service": (
        (),
        {"AWS_ENDPOINT_URL": "https://organizations.us-east-1.amazonaws.com"},
        "AWS_ENDPOINT_URL: organizations.us-east-1.amazonaws.com is the real service",
    ),
    "no bundle": (
        ("--endpoint-url=https://127.0.0.1:1", "--ca-bundle=none.pem"),
        {},
        "--ca-bundle: there is no file none.pem",
    ),
    "report in a file": (("--report-dir=README.md",), {}, "--report-dir: README.md can't be made a folder"),
}


@pytest.mark.parametrize("case", BAD_USAGE)
def test_bad_usage_is_one_clear_line(case: str, tmp_path: Path) -> None:
    options, environment, line = BAD_USAGE[case]
    finished = suite(tmp_path, *options, **environment)
    assert finished.code == 4, finished.output
    assert line in finished.output
    assert "Traceback" not in finished.output


def test_the_endpoint_of_the_environment_is_taken_and_the_more_special_one_wins(tmp_path: Path) -> None:
    with Reference.start() as reference:
        nowhere = f"http://127.0.0.1:{free_port()}"
        environment = {"AWS_ENDPOINT_URL": nowhere, "AWS_ENDPOINT_URL_ORGANIZATIONS": reference.url}
        finished = suite(tmp_path, "-k", "transitions", **environment)
        assert finished.run.header.target.url == reference.url
        assert len(reference.log) == finished.run.calls


def test_ignored_endpoint_variables_leave_nothing_that_is_meant(tmp_path: Path) -> None:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    assert suite(tmp_path, "-k", "transitions", **environment).code == 4


def test_proxies_are_not_asked_for_loopback(tmp_path: Path) -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    with Reference.start() as reference:
        options = (f"--endpoint-url={reference.url}", "--only=transitions.sender-open")
        finished = suite(tmp_path, *options, HTTP_PROXY=proxy, HTTPS_PROXY=proxy, http_proxy=proxy)
    assert finished.code == 0, finished.output


def test_a_part_of_the_contract_is_no_verdict_on_the_whole(tmp_path: Path) -> None:
    finished = suite(tmp_path, "-k", "transitions")
    assert finished.code == 8
    assert "checks were not run" in finished.output.rstrip().splitlines()[-1]


def test_nothing_selected_is_nothing_judged(tmp_path: Path) -> None:
    assert suite(tmp_path, "-k", "no_such_clause").code == 5


def test_listing_the_clauses_sends_nothing(tmp_path: Path) -> None:
    finished = suite(tmp_path, "--list-clauses", f"--endpoint-url=http://127.0.0.1:{free_port()}")
    assert finished.code == 0
    for clause in contract().clauses:
        assert clause.id in finished.output
    assert not (tmp_path / "report.jsonl").exists()


ONE_ACCOUNT = {"AWS_ACCESS_KEY_ID": "210987654321", "AWS_SECRET_ACCESS_KEY": "test"}


def test_with_one_account_what_needs_another_does_not_apply_and_says_so(tmp_path: Path) -> None:
    with Reference.start() as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}", "--account-strategy=one", **ONE_ACCOUNT)
    assert finished.code == 0, finished.output
    assert finished.counts().keys() == {"passed", "not-applicable"}
    had = {"signatures", NEIGHBOR, IMMEDIATE}
    begun = {ALL_FEATURES, TRANSFERS}  # which takes another organization
    needy = {clause.id for clause in contract().clauses if clause.needs - had}
    needy |= {
        clause.id
        for clause in contract().clauses
        if all(scenarios()[case.partition("/")[0]].needs in begun for case in clause.judges)
    }
    assert needy == {
        clause for clause in finished.clauses("not-applicable") if clause not in finished.clauses("passed")
    }
    assert "--profile recipient=NAME" in finished.output


@pytest.mark.long
@pytest.mark.parametrize("strategy", ["auto", "key"])
def test_accounts_by_key_are_found_out_or_declared(strategy: str, tmp_path: Path) -> None:
    with Reference.start() as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}", f"--account-strategy={strategy}")
    assert finished.code == 0, finished.output
    assert finished.run.header.target.strategy == "key"


@pytest.mark.long
def test_profiles_of_further_actors(tmp_path: Path) -> None:
    names = {
        "sender": "301111111111",
        "recipient": "302222222222",
        "member": "303333333333",
        "stranger": "304444444444",
    }
    config = tmp_path / "credentials"
    config.write_text(
        "".join(f"[{name}]\naws_access_key_id={key}\naws_secret_access_key=test\n" for name, key in names.items()),
        encoding="utf-8",
    )
    options = [f"--profile={actor}={actor}" for actor in names]
    with Reference.start() as reference:
        given = (f"--endpoint-url={reference.url}", *options)
        finished = suite(tmp_path, *given, AWS_SHARED_CREDENTIALS_FILE=str(config))
        again = suite(tmp_path / "again", *given, AWS_SHARED_CREDENTIALS_FILE=str(config))
    assert finished.code == 0, finished.output
    assert again.verdicts() == finished.verdicts()  # by now the member is one, and is invited by its address
    assert finished.clauses("not-applicable") == UNPROVOKED | TIMELY | BILLED | {
        "transitions.sender-expired",
        "callers.principal",
        "actions.transfer-principal",
        "races.member-if-accepted",  # the account is a member by the time of the race
    }
    assert finished.clauses("failed") | finished.clauses("blocked") == set()
    assert finished.run.header.target.strategy == "profiles"


def test_recommended_clauses_count_under_strict_only(on_reference: Finished, tmp_path: Path) -> None:
    levels = {each.verdict.level for each in on_reference.run.judgements}
    assert levels == set(Level)
    strict = suite(tmp_path, "--strict")
    assert strict.code == 0, strict.output
    assert strict.run.header.strict
