"""What the user chose is followed to the letter or refused in one line, and nothing leaves this machine."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from contracts.vocabulary import Actor
from fixtures import connection_errors, credential_errors, errors
from fixtures.endpoints.urls import checked_url
from fixtures.errors import ConfigurationError
from fixtures.preflight.credentials import CallerCredentials, find_credentials
from fixtures.reference import NotLoopback, Reference
from fixtures.target.accounts import Strategy
from fixtures.target.choice import choose
from fixtures.target.model import Target
from fixtures.target.options import OPTIONS
from fixtures.transport.client import proxies_for
from tests.endpoints import always
from tests.options import NOBODY, empty, options
from tests.suite import suite

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType


def target(**given: Any) -> Target:
    return choose(options(**given), {}).target


def callers(environment: Mapping[str, str], **given: Any) -> CallerCredentials:
    return find_credentials(choose(options(**given), {}), environment)


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty(monkeypatch, tmp_path)


@pytest.fixture
def strayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address off this machine that somebody tried to connect to. Nobody gets there."""
    addresses: list[Any] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        if not ipaddress.ip_address(address[0]).is_loopback:
            addresses.append(address)
            raise ConnectionRefusedError
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    return addresses


class TestEndpoint:
    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:5000",
            "http://127.8.9.10",
            "https://[::1]:443/",
            "http://localhost:4566/path",
            "HTTP://LocalHost:1",
        ],
    )
    def test_this_machine_is_accepted(self, url: str) -> None:
        assert checked_url(url, "--endpoint-url", named=False) == url.rstrip("/")

    @pytest.mark.parametrize(
        "url",
        [
            "http://emulator:4566",
            "https://an_emulator.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://foo.localhost:5000",
            "http://10.0.0.1",
            "http://[::ffff:10.0.0.1]",
            "http://notamazonaws.com",
        ],
    )
    def test_another_machine_is_accepted_if_the_user_named_it_and_not_only_a_variable(self, url: str) -> None:
        assert checked_url(url, "--endpoint-url") == url
        with pytest.raises(ConfigurationError, match=r"^AWS_ENDPOINT_URL: .* is not this machine.*--endpoint-url"):
            checked_url(url, "AWS_ENDPOINT_URL", named=False)

    @pytest.mark.parametrize(
        "host",
        [
            "organizations.us-east-1.amazonaws.com",
            "Organizations.US-East-1.AmazonAWS.com.",
            "organizations.us-east-1.api.aws",
            "organizations.cn-northwest-1.amazonaws.com.cn",
            "organizations.cn-northwest-1.api.amazonwebservices.com.cn",
            "organizations.us-iso-east-1.c2s.ic.gov",
            "organizations.us-iso-east-1.api.aws.ic.gov",
            "organizations.us-isob-east-1.sc2s.sgov.gov",
            "organizations.eusc-de-east-1.amazonaws.eu",
            "vpce-1.organizations.us-east-1.vpce.amazonaws.com",
        ],
    )
    def test_the_real_service_is_refused_unless_it_is_meant(self, host: str) -> None:
        for named in (True, False):
            with pytest.raises(ConfigurationError, match=r"^x: .* is the real service.*--target=aws"):
                checked_url(f"https://{host}", "x", named=named)
        assert checked_url(f"https://{host}", "x", real=True) == f"https://{host}"
        with pytest.raises(ConfigurationError, match=r"^x: .* is not encrypted"):
            checked_url(f"http://{host}", "x", real=True)

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com\\.localhost:5000",
            "http://example.com%5c.localhost:5000",
            "http://example.com%2f.localhost:5000",
            "http://127.1:5000",
            "http://0x7f000001",
            "http://2130706433",
            "http://[fe80::1%25lo]",
            "http://127.0.0.1:5000@example.com",
            "http://example.com@127.0.0.1",
            "http://example.com\\@127.0.0.1",
            "http://:password@127.0.0.1",
            "http://user:password@127.0.0.1:none",
            "ftp://user:password@127.0.0.1",
            "http://127.0.0.1:5000?",
            "http://127.0.0.1:5000/#",
            "http://127.0.0.1:0",
            "http://127.0.0.1:5000\n",
            "http://127.0.0.1\t.example.com",
            " http://127.0.0.1",
            "http://127.0.0.1 .example.com",
            "http://127.0.0.1\x00.example.com",
            "http://１２７.0.0.1",
            "http://127。0。0。1",
            "http://ｌocalhost",
            "http://[::1",
            "http:///",
            "//127.0.0.1",
            "",
        ],
    )
    def test_everything_else_is_refused_in_one_line_without_a_password(self, url: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            checked_url(url, "--endpoint-url")
        line = str(caught.value)
        assert line.startswith("--endpoint-url: ")
        assert line.isprintable()
        assert "password" not in line

    def test_localhost_is_refused_where_it_is_another_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def elsewhere(*_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("127.0.0.1", "10.0.0.1")]

        monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
        with pytest.raises(ConfigurationError, match=r"^--endpoint-url: localhost .*10\.0\.0\.1.*127\.0\.0\.1"):
            checked_url("http://localhost", "--endpoint-url")
        checked_url("http://127.0.0.1", "--endpoint-url")

    def test_localhost_is_refused_where_it_is_no_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: Any, **__: Any) -> list[Any]:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(ConfigurationError, match=r"^--endpoint-url: localhost .*Name or service not known"):
            checked_url("http://localhost", "--endpoint-url")

    @pytest.mark.parametrize("host", ["0.0.0.0", "localhost", "10.0.0.1", "", "::"])  # noqa: S104  # refused
    def test_the_reference_listens_nowhere_else(self, host: str) -> None:
        with pytest.raises(NotLoopback):
            Reference.start(host)


class TestNothingLeavesThisMachine:
    @pytest.fixture(autouse=True)
    def in_a_container(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials")

    @pytest.mark.parametrize("strategy", ["auto", "key", "header", "one"])
    def test_nobody_is_asked_for_credentials(self, strategy: str, strayed: list[Any]) -> None:
        with suppress(ConfigurationError):
            callers({}, endpoint_url=NOBODY, account_strategy=strategy)
        assert strayed == []

    def test_least_of_all_for_the_reference(self, strayed: list[Any]) -> None:
        credentials = callers({}).credentials
        assert strayed == []
        assert (credentials.access_key, credentials.secret_key) == ("test", "test")

    def test_the_chain_is_asked_where_it_matters_and_only_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFROMTHEVARIABLES")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        keys = {
            strategy: callers({}, endpoint_url=NOBODY, account_strategy=str(strategy)).credentials.access_key
            for strategy in (Strategy.AUTO, Strategy.HEADER, Strategy.ONE, Strategy.KEY)
        }
        assert keys.pop(Strategy.KEY) == "test"
        assert set(keys.values()) == {"AKIAFROMTHEVARIABLES"}

    @pytest.mark.parametrize("endpoint", [pytest.param(True, marks=pytest.mark.long), False])
    def test_a_whole_run_asks_no_metadata_service(self, endpoint: bool, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as metadata, Reference.start() as reference:
            metadata.settimeout(0)
            finished = suite(
                tmp_path,
                *([f"--endpoint-url={reference.url}"] if endpoint else []),
                AWS_EC2_METADATA_DISABLED="false",
                AWS_DEFAULTS_MODE="auto",
                AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{metadata.getsockname()[1]}",
            )
            assert finished.code == 0, finished.output
            with pytest.raises(BlockingIOError):
                metadata.accept()


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "two ways to name accounts": (
        (f"--endpoint-url={NOBODY}", "--profile=x", "--account-strategy=key"),
        {},
        "--account-strategy=key: .*--profile",
    ),
    "no region": (("--region=nowhere",), {}, "--region: 'nowhere' is not a region"),
    "no region of an endpoint": (
        (f"--endpoint-url={NOBODY}", "--region=nowhere"),
        {},
        "--region: 'nowhere' is not a region",
    ),
    "empty region": (("--region=",), {}, "--region: the value is empty"),
    "region in two lines": (("--region=us-east-1\n",), {}, r"--region: 'us-east-1\\n' is not a region"),
    "no bundle": (
        ("--endpoint-url=https://127.0.0.1:1", "--ca-bundle=none.pem"),
        {},
        "--ca-bundle: there is no file none.pem",
    ),
    "no certificates": (
        ("--endpoint-url=https://127.0.0.1:1", "--ca-bundle=README.md"),
        {},
        "--ca-bundle: README.md holds no certificates",
    ),
    "no such profile in the environment": (
        (f"--endpoint-url={NOBODY}",),
        {"AWS_PROFILE": "nope"},
        "AWS_PROFILE: there is no AWS profile 'nope'",
    ),
    "no such profile in the older variable": (
        (f"--endpoint-url={NOBODY}",),
        {"AWS_DEFAULT_PROFILE": "nope"},
        "AWS_DEFAULT_PROFILE: there is no AWS profile 'nope'",
    ),
    "no such profile": (
        (f"--endpoint-url={NOBODY}", "--profile=nope"),
        {"AWS_PROFILE": "neither"},
        "--profile: there is no AWS profile 'nope'",
    ),
    "a profile of the reference": (("--profile=x",), {}, "--profile: .*embedded reference"),
    "a strategy of the reference": (("--account-strategy=one",), {}, "--account-strategy: .*embedded reference"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_followed_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    given, environment, line = REFUSED[case]
    finished = suite(tmp_path, *given, **environment)
    assert finished.code == 4, finished.output
    assert re.search(f"^ERROR: {line}", finished.output, re.MULTILINE), finished.output
    assert "Traceback" not in finished.output
    assert "INTERNALERROR" not in finished.output


@pytest.mark.parametrize("module", [errors, credential_errors, connection_errors], ids=lambda each: each.__name__)
def test_the_tree_of_errors_names_every_class(module: ModuleType) -> None:
    tree: list[str] = []
    path: list[str] = []
    for indent, name in re.findall(r"^    ( *)([A-Z]\w+)  ", module.__doc__ or "", re.MULTILINE):
        path = [*path[: len(indent) // 2], name]
        tree.append("/".join(path))
    ways = set()
    for each in vars(module).values():
        if isinstance(each, type) and each.__module__ == module.__name__:
            names = [one.__name__ for one in reversed(each.__mro__[:-3])]
            ways |= {"/".join(names[: length + 1]) for length in range(len(names))}
    assert sorted(tree) == sorted(ways)


def test_every_option_has_a_name_of_its_own_and_a_help() -> None:
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    assert all(option.help for option in OPTIONS)


def test_proxies_are_for_other_machines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    for here in ("http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/"):
        assert proxies_for(here) == {}
    assert proxies_for("http://emulator:4566/")["http"] == "http://proxy.example:3128"


def test_certificates_are_for_https_only(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(bundle)
    assert target(endpoint_url="https://127.0.0.1:1", ca_bundle=str(bundle)).ca_bundle == str(bundle)
    for given, line in (({"endpoint_url": NOBODY}, "--ca-bundle: .*https"), ({}, "--ca-bundle: .*embedded reference")):
        with pytest.raises(ConfigurationError, match=f"^{line}"):
            target(**given, ca_bundle=str(bundle))


def test_the_configuration_of_the_environment_is_nothing_to_the_reference(tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.write_text("no section", encoding="utf-8")
    finished = suite(tmp_path, AWS_PROFILE="nope", AWS_CONFIG_FILE=str(broken))
    assert finished.code == 0, finished.output


def test_a_configuration_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.write_text("no section", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    with pytest.raises(ConfigurationError, match=re.escape(str(broken))) as caught:
        callers(os.environ, endpoint_url=NOBODY)
    assert str(caught.value).isprintable()
    assert "--profile" not in str(caught.value)


def test_named_actors_keep_their_names_and_get_their_accounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shared = tmp_path / "credentials"
    shared.write_text("[a]\naws_access_key_id=KEY\naws_secret_access_key=secret\n[b]\n", encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(shared))
    given = {"endpoint_url": NOBODY, "profile": ["recipient=a"]}
    assert target(**given).strategy is Strategy.PROFILES
    found = callers({}, **given)
    assert found.named.keys() == {Actor.SENDER, Actor.RECIPIENT}
    assert found.named[Actor.RECIPIENT].credentials.access_key == "KEY"
    told = Target("t", NOBODY, "us-east-1", Strategy.PROFILES, answers={"recipient": "222222222222"})
    accounts = {actor: identity.account for actor, identity in found.with_accounts(told).items()}
    assert accounts == {Actor.SENDER: None, Actor.RECIPIENT: "222222222222"}
    with pytest.raises(ConfigurationError, match=r"^--profile sender=b: the profile has no credentials"):
        callers({}, endpoint_url=NOBODY, profile=["b"])


def test_the_libraries_log_no_credential(tmp_path: Path) -> None:
    keys = {
        "AWS_ACCESS_KEY_ID": "AKIAVERYMUCHASECRET0",
        "AWS_SECRET_ACCESS_KEY": "the-secret-of-it-all",
        "AWS_SESSION_TOKEN": "a-token-that-nobody-may-see",
    }
    logged = tmp_path / "log.txt"
    loud = ("-o", "log_cli=true", "--log-cli-level=DEBUG", "--log-level=DEBUG", f"--log-file={logged}")
    with always(400, "application/x-amz-json-1.1", b'{"__type":"AccessDeniedException"}') as url:
        finished = suite(tmp_path, f"--endpoint-url={url}", "--account-strategy=one", "-rA", *loud, **keys)
    assert finished.run.calls, finished.output
    for text in (finished.output, logged.read_text(encoding="utf-8")):
        for secret in (*keys.values(), "Signature="):
            assert secret not in text


def test_what_was_given_is_told_so_that_a_run_can_be_had_again(tmp_path: Path) -> None:
    bundle = tmp_path / "the authority.pem"
    trustme.CA().cert_pem.write_to_path(bundle)
    plain, url = options(endpoint_url="https://127.0.0.1:1/"), "--endpoint-url=https://127.0.0.1:1"
    given = [
        (plain, [url]),
        (
            options(endpoint_url="https://127.0.0.1:1", ca_bundle=str(bundle), account_strategy="header"),
            [url, f"--ca-bundle={bundle}", "--account-strategy=header"],
        ),
        (
            options(endpoint_url="https://127.0.0.1:1", profile=["a", "member=b"], region="eu-west-1"),
            [url, "--region=eu-west-1", "--profile=a", "--profile=member=b"],
        ),
    ]
    for each, told in given:
        chosen = choose(each, {}).target
        assert Target.from_json(json.loads(json.dumps(chosen.to_json()))).facts().options == tuple(told)
    assert choose(options(), {"AWS_ENDPOINT_URL": NOBODY}).target.options == (f"--endpoint-url={NOBODY}",)


def test_the_options_of_a_run_of_the_reference_are_told_too(tmp_path: Path) -> None:
    finished = suite(tmp_path, "--fault=canceled-vanishes", "--region=cn-north-1", "--strict", "-k", "wire", "-n", "2")
    assert finished.run.header.target.options == ("--region=cn-north-1", "--fault=canceled-vanishes")
    assert finished.run.header.strict
