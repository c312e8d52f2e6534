"""A target is what its profile says, a wrong profile is refused in one line, and every caller is who it should be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs

import pytest
import trustme
from botocore.exceptions import EndpointConnectionError, ProxyConnectionError
from botocore.httpsession import URLLib3Session
from jsonschema import Draft202012Validator

from contracts.judging.absence import absence_in
from contracts.judging.exchange import Exchange, Request, Response, header
from contracts.vocabulary import IMMEDIATE, Actor
from fixtures.connection_errors import Unreachable
from fixtures.endpoints.urls import is_real
from fixtures.errors import AccountError, ConfigurationError
from fixtures.preflight.credential_chain import load_from_chain
from fixtures.preflight.credentials import CallerCredentials, files_folder, find_credentials, remedy
from fixtures.preflight.probes import ProbedTarget, probe
from fixtures.reference import Key, Reference
from fixtures.target.accounts import Strategy, by_key, mint_account
from fixtures.target.choice import Choice, choose
from fixtures.target.describe import describe_choice, describe_ready
from fixtures.target.model import Setup
from fixtures.target.profile import load, ready_profiles
from fixtures.target.profile_schema import FOLDER
from fixtures.target.rules import check_permission
from fixtures.transport.administration.requests import send_admin_request
from fixtures.transport.client import Call, Wire, user_agent
from fixtures.transport.diagnosis import diagnose
from tests.endpoints import always, free_port, ministack, moto
from tests.options import NOBODY, empty, options
from tests.suite import suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = [profile.name for profile in ready_profiles()]
REAL = 'extends = "aws"\nendpoint = "{0}"\n'
KEYS = "[accounts]\nstrategy = 'keys'\n"
ACTOR = "[accounts.{0}]\naccess_key = '{1}'\nsecret_key = 'test'\n"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty(monkeypatch, tmp_path)


def chosen(environment: dict[str, str] | None = None, **given: Any) -> Choice:
    return choose(options(**given), environment or {})


@dataclass(frozen=True)
class File:
    """A profile of the user's, written anew for each text."""

    path: Path

    def says(self, text: str) -> str:
        self.path.write_text(text, encoding="utf-8")
        return str(self.path)


@pytest.fixture
def mine(tmp_path: Path) -> File:
    return File(tmp_path / "mine.toml")


class TestReadyProfiles:
    def test_the_schema_is_one(self) -> None:
        Draft202012Validator.check_schema(json.loads((FOLDER / "profile.schema.json").read_text(encoding="utf-8")))

    @pytest.mark.parametrize("name", NAMES)
    def test_each_is_valid_says_what_it_is_and_is_shown(self, name: str) -> None:
        profile = load(name)
        assert profile.get("about")
        assert f"{name} " in describe_ready()
        text = describe_choice(chosen(target=name, endpoint_url=NOBODY))
        assert text.startswith(f"{name}: {profile.get('about')}")
        assert text.count("\n  clock ") == bool(profile.get("clock"))
        for known in profile.get("known") or ():
            assert known in " ".join(text.split())

    def test_there_is_one_for_every_endpoint_that_is_known(self) -> None:
        assert set(NAMES) >= {
            *("aws", "aws-emulator", "moto", "ministack", "fakecloud", "floci", "gopherstack", "stackd", "robotocore"),
            *("local-web-services", "localstack", "overcast", "reference"),
        }

    def test_only_one_is_real(self) -> None:
        assert [profile.name for profile in ready_profiles() if profile.get("real")] == ["aws"]

    @pytest.mark.parametrize(
        ("region", "signed_for", "host"),
        [
            ("us-east-1", "us-east-1", "organizations.us-east-1.amazonaws.com"),
            ("eu-west-1", "us-east-1", "organizations.us-east-1.amazonaws.com"),
            ("cn-north-1", "cn-northwest-1", "organizations.cn-northwest-1.amazonaws.com.cn"),
            ("us-gov-east-1", "us-gov-west-1", "organizations.us-gov-west-1.amazonaws.com"),
        ],
    )
    def test_the_real_service_is_where_botocore_says(self, region: str, signed_for: str, host: str) -> None:
        target = chosen(target="aws", region=region).target
        assert (target.url, target.region) == (f"https://{host}", signed_for)
        assert target.sts_url == f"https://{host.replace('organizations', 'sts')}"
        assert (target.real, target.throttles, target.rate_factor, target.may_join) == (True, True, 1.0, False)
        assert (target.setup, target.settle, target.quota) == (Setup.EXISTS, 30.0, 20)


WRONG = {
    "broken TOML": ("endpoint = \nx", r"is not a TOML file: .*line 1"),
    "unknown key": (
        'endpiont = "x"',
        r"'endpiont' is not a key; did you mean endpoint\? expected one of extends, about",
    ),
    "unknown key in a table": (
        '[accounts]\nstrateg = "key"',
        r"'accounts.strateg' is not a key; did you mean strategy\?",
    ),
    "no such actor": ("[accounts.boss]\nprofile = 'x'", r"'accounts.boss' is not a key; .*sender"),
    "a text for a number": ('timeout = "30"', r"timeout: expected a number of seconds .*, and not a string"),
    "a number for a text": ("endpoint = 5000", r"endpoint: expected a URL .*, and not a number"),
    "a text for a table": ('accounts = "key"', r"accounts: expected a table.*, and not a string"),
    "a number for a boolean": ("real = 1", r"real: expected true for the real service.*, and not a number"),
    "a text among numbers": ("known = [1]", r"known.0: expected a list of texts"),
    "no such strategy": ('[accounts]\nstrategy = "magic"', r"accounts.strategy: expected auto \(ask the target\)"),
    "no such set-up": ('[organization]\nsetup = "x"', r"organization.setup: expected create"),
    "no organization": ('[organization]\nid = "x"', r"organization.id: expected .*o- and 10 to 32"),
    "negative": ("settle = -1", r"settle: expected a number of seconds"),
    "reset without path": ("[reset]\nmethod = 'POST'", r"reset.path is missing; expected the path"),
    "admin without path": ('[accounts]\nstrategy = "admin"', r"accounts.path is missing; expected for admin"),
    "files without folder": ('[accounts]\nstrategy = "files"', r"accounts.folder is missing; expected for files"),
    "keys without sender": ('[accounts]\nstrategy = "keys"', r"accounts.sender is missing; expected a table: who"),
    "half a key": ("[accounts.sender]\naccess_key_variable = 'A'", r"accounts.sender.secret_key_variable is missing"),
    "nobody": ("[accounts.sender]", r"accounts.sender: expected a table: who plays"),
    "two ways": (
        "[accounts.sender]\nprofile='a'\nrole_arn='arn:aws:iam::111111111111:role/r'",
        r"accounts.sender: .*exactly one of",
    ),
    "no ARN": ("[accounts.sender]\nrole_arn='r'", r"accounts.sender.role_arn: expected a role's ARN"),
    "a date": ("settle = 2026-11-23", r"settle: expected anything but a date or time"),
    "a time in a body": ("[reset]\npath='/x'\nbody={a=[{b=10:00:00}]}", r"reset.body.a.0.b: .*date or time"),
    "no number": ("settle = nan", r"settle: expected a finite number"),
    "no end": ("timeout = inf", r"timeout: expected a finite number"),
    "no number in a body": ("[reset]\npath='/x'\nbody={a=nan}", r"reset.body.a: expected a finite number"),
    "no patience": ("timeout = 1e300", r"timeout: expected a number of seconds.*up to 3600"),
    "no settling": ("settle = 3601", r"settle: expected a number of seconds.*up to 3600"),
    "no pace": (f"paced = 1{'0' * 400}", r"paced: expected .*up to 1000"),
    "nothing to extend": ('extends = "mto"', r"extends: there is no ready profile 'mto'; did you mean moto\?"),
    "no name to extend": ("extends = 1", r"extends: expected the name of a ready profile"),
}


class TestFiles:
    @pytest.mark.parametrize("case", WRONG)
    def test_a_wrong_one_is_refused_in_one_line(self, case: str, mine: File) -> None:
        text, line = WRONG[case]
        with pytest.raises(ConfigurationError) as caught:
            load(mine.says(text))
        said = str(caught.value)
        assert said.isprintable()
        assert re.search(rf"{re.escape(str(mine.path))}:? {line}", said), said

    def test_what_may_be_secret_is_not_quoted(self, mine: File) -> None:
        with pytest.raises(ConfigurationError) as caught:
            load(mine.says("[accounts.sender]\naccess_key = 'AKIA'\nsecret_key = ['the-secret']"))
        assert "the-secret" not in str(caught.value)

    def test_a_missing_one(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match=r"^--target: .*none\.toml can't be read: No such file"):
            load(str(tmp_path / "none.toml"))

    def test_it_extends_a_ready_one_table_by_table(self, mine: File) -> None:
        target = chosen(target=mine.says('extends = "aws"\nsettle = 5\n[organization]\nid = "o-abcdefghij"')).target
        assert (target.name, target.real, target.settle) == ("mine", True, 5.0)
        assert (target.setup, target.organization) == (Setup.EXISTS, "o-abcdefghij")
        table = load(mine.says('extends = "moto"\n[accounts]\nheader = "X-Mine"')).get("accounts")
        assert table == {"strategy": "header", "header": "X-Mine"}

    def test_writes_show_at_once_unless_somebody_said_that_reads_lag(self, mine: File) -> None:
        plain = chosen(endpoint_url=NOBODY).target
        assert (plain.settle > 0, plain.has(IMMEDIATE)) == (True, True)
        assert chosen(target=mine.says("settle = 0"), endpoint_url=NOBODY).target.has(IMMEDIATE)
        for late in (
            chosen(target=mine.says("settle = 1"), endpoint_url=NOBODY),
            chosen(settle=3.0, endpoint_url=NOBODY),
            chosen(target=mine.says('extends = "aws"\nsettle = 0')),
        ):
            assert not late.target.has(IMMEDIATE)
            assert "lag behind writes" in late.target.capabilities[IMMEDIATE].how

    def test_its_name_alone_makes_it_no_reference(self, tmp_path: Path) -> None:
        mine = tmp_path / "reference.toml"
        mine.write_text('endpoint = "http://127.0.0.1:1"', encoding="utf-8")
        choice = chosen(target=str(mine))
        assert (choice.embedded, choice.target.url) == (False, NOBODY)
        with pytest.raises(ConfigurationError, match="leave --endpoint-url and --target out"):
            chosen(target=str(mine), fault="x")

    def test_who_said_what_is_kept_where_one_extends_another(self, mine: File) -> None:
        text = describe_choice(
            chosen(target=mine.says('extends = "aws"\ntimeout = 9\n[organization]\nid = "o-abcdefghij"'))
        )
        for origin in (
            "profile aws: settle",
            "profile aws: organization.setup",
            "profile aws: capabilities.signatures",
            f"{mine.path}: timeout",
            f"{mine.path}: organization.id",
        ):
            assert f"({origin})" in text or f"(declared: {origin})" in text

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            (ACTOR.format("member", "AKIA"), "accounts.member: has no effect with the account strategy auto"),
            (
                "[accounts]\nstrategy = 'key'\n" + ACTOR.format("sender", "AKIA"),
                "accounts.sender: has no effect with the account strategy key",
            ),
            (
                "[accounts]\nstrategy = 'key'\n[organization]\nsetup = 'exists'",
                "organization.setup: with the account strategy key every account is new.*expected create or asking",
            ),
        ],
    )
    def test_what_would_have_no_effect_is_refused(self, text: str, line: str, mine: File) -> None:
        with pytest.raises(ConfigurationError, match=f"mine\\.toml: {line}"):
            chosen(target=mine.says(text), endpoint_url=NOBODY)

    def test_whom_an_option_leaves_out_may_stay_in_the_file(self, mine: File) -> None:
        text = mine.says(KEYS + ACTOR.format("sender", "AKIA") + ACTOR.format("member", "AKIB"))
        assert chosen(target=text, endpoint_url=NOBODY, account_strategy="one").target.strategy is Strategy.ONE
        sender = mine.says(ACTOR.format("sender", "AKIA"))
        assert chosen(target=sender, endpoint_url=NOBODY).target.strategy is Strategy.AUTO

    def test_its_certificates_lie_beside_it(self, mine: File, tmp_path: Path) -> None:
        trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
        text = 'endpoint = "https://127.0.0.1:1"\nca_bundle = "ca.pem"'
        assert chosen(target=mine.says(text)).target.ca_bundle == str(tmp_path / "ca.pem")
        with pytest.raises(ConfigurationError, match=r"mine\.toml: ca_bundle: there is no file .*none\.pem"):
            chosen(target=mine.says(text.replace("ca.pem", "none.pem")))


class TestPrecedence:
    def test_an_option_wins_over_a_variable_and_that_over_the_profile_and_that_over_the_default(
        self, mine: File
    ) -> None:
        target = mine.says(f'endpoint = "{NOBODY}"\nregion = "eu-west-1"')
        variable = {"AWS_REGION": "eu-west-2"}
        assert chosen(variable, target=target, region="eu-west-3").target.region == "eu-west-3"
        assert chosen(variable, target=target).target.region == "eu-west-2"
        assert chosen(target=target).target.region == "eu-west-1"
        assert chosen(endpoint_url=NOBODY).target.region == "us-east-1"

    def test_what_said_so_is_shown(self, mine: File) -> None:
        text = describe_choice(chosen({"AWS_REGION": "eu-west-2"}, target=mine.says("settle = 1"), endpoint_url=NOBODY))
        for key, value, origin in (
            ("region", "eu-west-2", "AWS_REGION"),
            ("settle", "1", f"{mine.path}: settle"),
            ("endpoint", NOBODY, "--endpoint-url"),
            ("timeout", "10.0", "default"),
        ):
            assert re.search(rf"^  {key} +{re.escape(value)}  \({re.escape(origin)}\)$", text, re.MULTILINE), text

    def test_no_variable_sends_the_calls_of_a_chosen_target_elsewhere(self) -> None:
        elsewhere = dict.fromkeys(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ORGANIZATIONS"), "http://127.0.0.1:9")
        assert chosen(elsewhere).target.url == "http://127.0.0.1:9"
        assert chosen(elsewhere, target="moto").target.url == "http://127.0.0.1:5000"
        assert chosen(elsewhere, target="reference").embedded
        with pytest.raises(ConfigurationError, match=r"^profile local-web-services: endpoint: .*--endpoint-url"):
            chosen(elsewhere, target="local-web-services")

    def test_the_options_that_are_told_choose_the_same_again(self, mine: File) -> None:
        given = {
            "target": mine.says('extends = "aws"'),
            "region": "cn-north-1",
            "settle": 3.0,
            "organization": "o-abcdefghij",
            "profile": ["a", "recipient=b"],
        }
        target = chosen(**given).target
        assert target.options == (
            f"--target={mine.path}",
            "--region=cn-north-1",
            "--settle=3.0",
            "--organization=o-abcdefghij",
            "--profile=a",
            "--profile=recipient=b",
        )
        assert chosen(target="moto", endpoint_url=NOBODY).target.options == (
            "--target=moto",
            f"--endpoint-url={NOBODY}",
        )

    def test_secrets_are_not_shown(self, mine: File) -> None:
        keys = "[accounts]\nstrategy='keys'\n[accounts.sender]\naccess_key='AKIAMINE'\nsecret_key='hush'"
        text = describe_choice(chosen(target=mine.says(keys), endpoint_url=NOBODY))
        assert "hush" not in text
        assert "AKIAMINE" not in text


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no such profile": ({"target": "mto"}, r"--target: there is no ready profile 'mto'; did you mean moto\?"),
    "a fault of another target": (
        {"target": "moto", "fault": "x"},
        "--fault: only the embedded reference can make a mistake",
    ),
    "the real service as an emulator": (
        {"target": "moto", "endpoint_url": "https://organizations.us-east-1.amazonaws.com"},
        "--endpoint-url: .* is the real service",
    ),
    "the real service without permission": ({"target": "aws"}, "aws: .*--allow-account=ID.*--plan"),
    "no account": ({"target": "aws", "allow_account": "12"}, "--allow-account: '12' is not an account id"),
    "no organization": ({"target": "aws", "organization": "o-1"}, "--organization: 'o-1' is not an organization id"),
    "a reset of the real service": (
        {"target": "aws", "allow_account": "1" * 12, "reset": True},
        "--reset: aws is the real service",
    ),
    "a reset that nobody knows": (
        {"target": "stackd", "endpoint_url": NOBODY, "reset": True},
        "--reset: profile stackd has no reset.path",
    ),
    "a reset of the reference": ({"reset": True}, "--reset: profile reference has no reset.path"),
    "accounts that the real service has not": (
        {"target": "aws", "account_strategy": "key", "plan": True},
        "--account-strategy: the real service doesn't support the account strategy key",
    ),
    "a fault of the real service": ({"target": "aws", "fault": "x"}, "--fault"),
    "a reset in a plan": ({"target": "moto", "reset": True, "plan": True}, "--reset: .*--plan"),
    "a plan that would make keys": (
        {"target": "fakecloud", "endpoint_url": NOBODY, "plan": True},
        "--plan: a plan changes nothing, and the account strategy admin makes accounts",
    ),
    "an account of the reference": ({"allow_account": "1" * 12}, "--allow-account: the embedded reference"),
    "an organization of the reference": ({"organization": "o-abcdefghij"}, "--organization: the embedded reference"),
    "a bound for the reference": ({"max_invitations": 11}, "--max-invitations: the embedded reference"),
    "a ledger of the reference": ({"ledger": "x"}, "--ledger: the embedded reference"),
    "no region in a variable": ({"endpoint_url": NOBODY}, "AWS_REGION: 'nowhere' is not a region"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_followed_is_refused_before_anything_is_sent(case: str) -> None:
    given, line = REFUSED[case]
    environment = {"AWS_REGION": "nowhere"} if "variable" in case else {}
    with pytest.raises(ConfigurationError, match=f"^{line}") as caught:
        check_permission(chosen(environment, **given), options(**given))
    assert str(caught.value).isprintable()


def test_the_real_service_is_known_by_its_name_alone() -> None:
    assert is_real("amazonaws.com")
    assert not is_real("amazonaws.com.example.org")
    assert not is_real("127.0.0.1")


class SideDoors(Reference):
    """A reference that makes keys, lends roles and forgets everything, as emulators do."""

    agents: ClassVar[list[str]] = []

    def answer(self, request: Request) -> Response:
        path = request.url.removeprefix(self.url)
        self.agents.append(header(request.headers, "User-Agent") or "")
        if path == "/_fakecloud/iam/create-admin":
            return self._created(json.loads(request.body))
        if path == "/_reset":
            self.reset()
            return _response(200, "text/plain", b"forgotten")
        form = parse_qs(request.body.decode("utf-8", "replace"))
        if form.get("Action") == ["AssumeRole"]:
            return self._lent(form)
        return super().answer(request)

    def _created(self, asked: dict[str, str]) -> Response:
        key = f"AKIA{asked['accountId']}AAAA"
        self.keys[key] = Key(asked["accountId"], "made")
        made = {"accessKeyId": key, "secretAccessKey": "made", "accountId": asked["accountId"]}
        return _response(200, "application/json", json.dumps(made).encode())

    def _lent(self, form: dict[str, list[str]]) -> Response:
        account = form["RoleArn"][0].split(":")[4]
        if form.get("ExternalId") != ["a-word"]:
            error = b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
            return _response(403, "text/xml", error)
        self.keys[f"ASIA{account}AAAA"] = Key(account, "lent")
        lent = (
            "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>ASIA{account}AAAA</AccessKeyId><SecretAccessKey>lent</SecretAccessKey>"
            "<SessionToken>a token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )
        return _response(200, "text/xml", lent.encode())


def _response(status: int, content_type: str, body: bytes) -> Response:
    return Response(status, (("Content-Type", content_type), ("Content-Length", str(len(body)))), body)


@pytest.fixture(scope="module")
def doors() -> Iterator[SideDoors]:
    with SideDoors.start() as reference:
        yield reference


@dataclass
class Called:
    """Who calls a target, and what asking it came to."""

    choice: Choice
    callers: CallerCredentials = field(init=False)
    asked: ProbedTarget = field(init=False)

    def __post_init__(self) -> None:
        self.callers = find_credentials(self.choice, {"KEY": "612345678901", "SECRET": "test"})
        self.asked = probe(self.choice.target, self.callers)

    @property
    def accounts(self) -> dict[str, str | None]:
        return {str(actor): each.account for actor, each in self.callers.with_accounts(self.asked.target).items()}

    def how(self, capability: str) -> str:
        return self.asked.target.capabilities[capability].how


class TestCallers:
    def test_keys_from_variables_and_in_the_profile(self, doors: SideDoors, mine: File) -> None:
        text = f"{KEYS}[accounts.sender]\naccess_key_variable='KEY'\nsecret_key_variable='SECRET'\n"
        called = Called(chosen(target=mine.says(text + ACTOR.format("member", "712345678901")), endpoint_url=doors.url))
        assert called.accounts == {"sender": "612345678901", "member": "712345678901"}
        assert called.asked.target.has("member")
        assert not called.asked.target.has("recipient")
        assert called.how("member") == f"declared: {mine.path}: accounts.member"
        assert "[accounts.recipient]" in called.how("recipient")

    def test_a_variable_that_is_not_set(self, mine: File) -> None:
        text = f"{KEYS}[accounts.sender]\naccess_key_variable='KEY'\nsecret_key_variable='SECRET'\n"
        with pytest.raises(ConfigurationError, match=r"mine\.toml: accounts\.sender: .* KEY is not set"):
            find_credentials(chosen(target=mine.says(text), endpoint_url=NOBODY), {})

    def test_keys_in_a_profile_are_for_this_machine_only(self, mine: File) -> None:
        text = KEYS + ACTOR.format("sender", "AKIA")
        with pytest.raises(ConfigurationError, match=r"accounts\.sender: .*access_key_variable"):
            find_credentials(chosen(target=mine.says(text), endpoint_url="http://emulator:1"), {})

    def test_roles(self, doors: SideDoors, mine: File, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "612345678901")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        role = "[accounts.{0}]\nrole_arn = 'arn:aws:iam::{1}:role/r'\nexternal_id = '{2}'\n"
        text = f"[accounts]\nstrategy='roles'\n{role.format('recipient', '812345678901', 'a-word')}"
        called = Called(chosen(target=mine.says(text), endpoint_url=doors.url))
        assert called.accounts["recipient"] == "812345678901"
        assert called.callers.named[Actor.RECIPIENT].credentials.token == "a token"
        assert any(agent.endswith(user_agent("preflight/keys-of-recipient")) for agent in doors.agents)
        wrong = chosen(target=mine.says(text.replace("a-word", "none")), endpoint_url=doors.url)
        with pytest.raises(ConfigurationError, match=r"the recipient can't assume arn:.*: AccessDenied$"):
            find_credentials(wrong, {})

    @pytest.mark.parametrize("answer", [(404, b""), (200, b"<html>"), (200, b""), (200, b"<a/>"), (500, b"{}")])
    def test_a_wrong_answer_to_a_role(self, answer: tuple[int, bytes], mine: File) -> None:
        role = "[accounts.recipient]\nrole_arn = 'arn:aws:iam::812345678901:role/r'\n"
        with always(answer[0], "text/html", answer[1]) as url:
            choice = chosen(target=mine.says(f"[accounts]\nstrategy='roles'\n{role}"), endpoint_url=url)
            with pytest.raises(
                ConfigurationError, match=r"mine\.toml: accounts\.recipient: .* can't assume arn:"
            ) as caught:
                find_credentials(choice, {})
        assert str(caught.value).isprintable()

    def test_keys_that_the_target_makes(self, doors: SideDoors) -> None:
        called = Called(chosen(target="fakecloud", endpoint_url=doors.url))
        assert user_agent("preflight/keys-of-stranger") in doors.agents
        assert len(set(called.accounts.values())) == 4
        assert "made by POST /_fakecloud/iam/create-admin" in called.how("stranger")

    def test_a_target_that_makes_none(self) -> None:
        refused = "HTTP 404; expected 2xx; check that fakecloud is at this address"
        for status, line in ((200, "answers no keys for the sender"), (404, refused)):
            with always(status, "application/json", b"{}") as url, pytest.raises(ConfigurationError, match=line):
                find_credentials(chosen(target="fakecloud", endpoint_url=url), {})

    def test_keys_that_the_target_leaves_in_a_folder(self, tmp_path: Path) -> None:
        choice = chosen({"AWS_CA_BUNDLE": "none.pem"}, target="aws-emulator")
        folder = tmp_path / ".aws" / "emulator" / "9297"
        lines = [r"there is no folder .*9297.*running", r"there is no file .*emulator_credentials.*--auth off"]
        with pytest.raises(ConfigurationError, match=lines[0]):
            find_credentials(choice, {})
        folder.mkdir(parents=True)
        with pytest.raises(ConfigurationError, match=lines[1]):
            find_credentials(choice, {})
        (folder / "emulator_credentials").write_text("[default]\n", encoding="utf-8")
        with pytest.raises(ConfigurationError, match="expected a section with aws_access_key_id"):
            find_credentials(choice, {})
        keys = "[default]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n"
        (folder / "emulator_credentials").write_text(keys, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"^profile aws-emulator: accounts\.folder: .*no file .*ca\.pem"):
            find_credentials(choice, {})
        trustme.CA().cert_pem.write_to_path(folder / "ca.pem")
        callers = find_credentials(choice, {})
        assert callers.ca_bundle == str(folder / "ca.pem")
        assert callers.credentials.access_key == "AKIAX"
        assert not callers.can["recipient"].present
        assert callers.can["recipient"].how.endswith("nothing would change that")

    def test_a_folder_of_keys_lies_beside_the_profile(self, mine: File) -> None:
        choice = chosen(target=mine.says("[accounts]\nstrategy='files'\nfolder='keys/{port}'"), endpoint_url=NOBODY)
        assert files_folder(choice) == mine.path.parent / "keys" / "1"

    def test_what_would_name_an_actor_can_be_followed(self, mine: File) -> None:
        given = chosen(endpoint_url=NOBODY, account_strategy="one")
        how = find_credentials(given, {}).can["recipient"].how
        assert how == f"declared: --account-strategy=one; leave --account-strategy out, then {remedy(Actor.RECIPIENT)}"
        told = find_credentials(chosen(target=mine.says("[accounts]\nstrategy='one'"), endpoint_url=NOBODY), {})
        assert "another strategy than one would change that" in told.can["recipient"].how

    def test_the_real_service_is_never_called_with_placeholders(self) -> None:
        choice = chosen(target="aws", plan=True)
        with pytest.raises(ConfigurationError, match=r"^aws: there are no credentials for the sender; give --profile"):
            find_credentials(choice, {})

    @pytest.mark.parametrize("twice", [("sender", "recipient"), ("sender", "stranger"), ("recipient", "stranger")])
    def test_nobody_plays_two_actors_who_are_apart(self, twice: tuple[str, str], doors: SideDoors, mine: File) -> None:
        accounts = {"sender": "901", "recipient": "902", "stranger": "903"} | dict.fromkeys(twice, "904")
        text = KEYS + "".join(ACTOR.format(actor, f"512345678{end}") for actor, end in accounts.items())
        with pytest.raises(ConfigurationError, match=f": {twice[0]} and {twice[1]} are the same account"):
            Called(chosen(target=mine.says(text), endpoint_url=doors.url))

    def test_the_recipient_may_be_the_member(self, doors: SideDoors, mine: File) -> None:
        accounts = {"sender": "901", "recipient": "902", "member": "902"}
        text = KEYS + "".join(ACTOR.format(actor, f"512345678{end}") for actor, end in accounts.items())
        assert Called(chosen(target=mine.says(text), endpoint_url=doors.url)).accounts["member"] == "512345678902"

    def test_the_principal_is_another_one_of_the_senders_account(self, doors: SideDoors, mine: File) -> None:
        text = KEYS + ACTOR.format("sender", "512345678901") + ACTOR.format("principal", "512345678901-2")
        called = Called(chosen(target=mine.says(text), endpoint_url=doors.url))
        assert called.accounts["principal"] == called.accounts["sender"]
        assert called.asked.target.has("principal")

    @pytest.mark.parametrize(
        ("key", "line"),
        [
            ("512345678901", "^principal: it has the sender's own keys; give another user or role"),
            ("512345678902", "^principal: its account is 512345678902, and the sender's is 512345678901; give another"),
        ],
    )
    def test_nobody_else_is_the_principal(self, key: str, line: str, doors: SideDoors, mine: File) -> None:
        text = KEYS + ACTOR.format("sender", "512345678901") + ACTOR.format("principal", key)
        with pytest.raises(AccountError, match=line):
            Called(chosen(target=mine.says(text), endpoint_url=doors.url))

    def test_they_are_the_same_in_another_process(self, doors: SideDoors) -> None:
        called = Called(chosen(target="fakecloud", endpoint_url=doors.url))
        told = CallerCredentials.from_json(json.loads(json.dumps(called.callers.to_json())))
        assert told.named.keys() == called.callers.named.keys()
        for actor, identity in told.named.items():
            keys = called.callers.named[actor].credentials.get_frozen_credentials()
            assert identity.credentials.get_frozen_credentials() == keys
            assert identity == called.callers.named[actor]


FAR = {
    "role": "role_arn = arn:aws:iam::111111111111:role/r\nsource_profile = base\n",
    "web identity": "role_arn = arn:aws:iam::111111111111:role/r\nweb_identity_token_file = {token}\n",
    "sso": "sso_start_url = https://a.example/\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n",
    "login": "login_session = arn:aws:iam::111111111111:user/u\n",
}


class TestProfilesOfTheRealService:
    @pytest.fixture
    def asked(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Every URL that botocore sends to. Nothing gets there."""
        urls: list[str] = []

        def send(_: Any, request: Any) -> Any:
            urls.append(request.url)
            raise EndpointConnectionError(endpoint_url=request.url)

        monkeypatch.setattr(URLLib3Session, "send", send)
        return urls

    @pytest.fixture(params=FAR)
    def configured(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        token = tmp_path / "token"
        token.write_text("t", encoding="utf-8")
        text = FAR[request.param].format(token=token)
        base = "[profile base]\naws_access_key_id = A\naws_secret_access_key = s\n"
        (tmp_path / "config").write_text(f"[profile far]\n{text}[default]\n{text}{base}", encoding="utf-8")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    def test_it_is_not_asked_for_another_target(self, configured: None, asked: list[str]) -> None:
        assert find_credentials(chosen(endpoint_url=NOBODY), {}).credentials.access_key == "test"
        with pytest.raises(
            ConfigurationError, match=r"^--profile: the AWS profile far .*real service \((role_|sso_|login)"
        ):
            find_credentials(chosen(endpoint_url=NOBODY, profile=["recipient=far"]), {})
        assert asked == []

    def test_it_is_asked_where_it_is_meant(
        self, monkeypatch: pytest.MonkeyPatch, asked: list[str], tmp_path: Path
    ) -> None:
        text = f"[profile far]\n{FAR['role']}[profile base]\naws_access_key_id = A\naws_secret_access_key = s\n"
        (tmp_path / "config").write_text(text, encoding="utf-8")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        with pytest.raises(ConfigurationError):
            load_from_chain("far", {}, target=replace(chosen(endpoint_url=NOBODY).target, real=True))
        assert "sts" in asked[0]


class TestPreflight:
    def test_a_header_of_the_profile_is_used(self, mine: File) -> None:
        text = "[accounts]\nstrategy = 'header'\nheader = 'X-Account'\n"
        with always(501, "application/json", b"{}") as url:
            called = Called(chosen(target=mine.says(text), endpoint_url=url))
        sent = called.asked.transcript.exchanges[0].request
        assert header(sent.headers, "X-Account")
        assert called.callers.identities(called.asked.target).sender.headers[0][0] == "X-Account"

    def test_what_is_probed_wins_over_what_is_declared_and_says_so(self, doors: SideDoors, mine: File) -> None:
        text = "[accounts]\nstrategy = 'header'\n[capabilities]\nsignatures = false\n"
        environment = {"AWS_ACCESS_KEY_ID": "612345678901", "AWS_SECRET_ACCESS_KEY": "test"}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            called = Called(chosen(target=mine.says(text), endpoint_url=doors.url))
        assert called.asked.target.strategy is Strategy.ONE
        assert re.search(r"names 612345678901, not .*header.*against what was declared", called.how("recipient"))
        assert called.asked.target.has("signatures")
        assert re.search(r"^probed: .*, against what was declared: ", called.how("signatures"))

    def test_the_real_service_gets_no_wrong_secret_and_nothing_that_changes_anything(
        self, doors: SideDoors, mine: File
    ) -> None:
        text = REAL.format(doors.url) + KEYS + ACTOR.format("sender", "612345678901")
        doors.log.clear()
        called = Called(chosen(target=mine.says(text), plan=True))
        assert called.how("signatures") == "declared: profile aws: capabilities.signatures"
        assert [entry.operation for entry in doors.log] == ["GetCallerIdentity", "DescribeOrganization"]
        assert not [entry for entry in doors.log if entry.code == "SignatureDoesNotMatch"]

    def test_rejected_keys_of_another_actor(self, doors: SideDoors, mine: File) -> None:
        text = KEYS + ACTOR.format("sender", "612345678901") + ACTOR.format("stranger", "AKIANOBODY")
        with pytest.raises(Unreachable, match=r"rejects the stranger's keys: HTTP 403 InvalidClientTokenId"):
            Called(chosen(target=mine.says(text), endpoint_url=doors.url))

    def test_where_organizations_is_not_there_it_is_said(self) -> None:
        with always(501, "application/json", b"{}") as url:
            sign = absence_in(Called(chosen(target="overcast", endpoint_url=url)).asked.transcript)
        assert sign is not None
        assert sign.text == "HTTP 501; DescribeOrganization isn't there either: the target has no Organizations"

    @pytest.mark.parametrize(
        ("url", "line"),
        [
            ("http://127.0.0.1:{port}", "does not answer: .*is it running"),
            ("http://nobody.invalid:{port}", "does not answer: there is no host nobody.invalid"),
        ],
    )
    def test_nobody_there(self, url: str, line: str) -> None:
        with pytest.raises(Unreachable, match=line):
            Called(chosen(endpoint_url=url.format(port=free_port()), account_strategy="key"))

    def test_a_word_in_the_url_is_no_proxy(self) -> None:
        url = f"http://127.0.0.1:{free_port()}/proxy"
        failures = (EndpointConnectionError(endpoint_url=url), ProxyConnectionError(proxy_url=url))
        remedies = [diagnose(url, str(failure)).remedy for failure in failures]
        assert remedies[0].startswith("is it running")
        assert remedies[1].startswith("is the proxy right")

    def test_tls_and_none(self, tmp_path: Path) -> None:
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1")
        chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
        issued.cert_chain_pems[0].write_to_path(chain)
        issued.private_key_pem.write_to_path(key)
        with Reference.start(tls=(chain, key)) as reference:
            for url, line in (
                (reference.url, r"is not trusted: .*--ca-bundle"),
                (reference.url.replace("https", "http"), r"speaks TLS, and was called without; give it as https://"),
            ):
                with pytest.raises(Unreachable, match=line):
                    Called(chosen(endpoint_url=url, account_strategy="key"))
        with Reference.start() as reference, pytest.raises(Unreachable, match=r"does not speak TLS: .*http://"):
            Called(chosen(endpoint_url=reference.url.replace("http", "https"), account_strategy="key"))


def test_a_reset_is_asked_for_as_the_profile_says(doors: SideDoors) -> None:
    choice = chosen(target="fakecloud", endpoint_url=doors.url)
    wire, caller = Wire(choice.target), by_key(mint_account())

    def called(operation: str, sent: dict[str, str]) -> Exchange:
        return wire.send(caller, Call(operation, sent), scenario="reset", step=operation, actor="sender")

    assert called("CreateOrganization", {"FeatureSet": "ALL"}).status == 200
    assert called("DescribeOrganization", {}).status == 200
    below = chosen(target="fakecloud", endpoint_url=f"{doors.url}/path")
    send_admin_request(below.target, below.profile.get("reset"), "--reset")
    assert doors.agents[-1] == user_agent("preflight/reset")
    assert called("DescribeOrganization", {}).code == "AWSOrganizationsNotInUseException"
    line = r"^--reset: POST .*/no is answered HTTP 400; expected 2xx; check that fakecloud is at this address "
    with pytest.raises(ConfigurationError, match=line):
        send_admin_request(choice.target, {"path": "/no"}, "--reset")


@pytest.mark.parametrize(
    ("name", "start"),
    [pytest.param("moto", moto, marks=pytest.mark.long), ("ministack", ministack)],
    ids=["moto", "ministack"],
)
def test_a_run_of_a_ready_profile(name: str, start: Any, tmp_path: Path) -> None:
    with start() as url:
        finished = suite(tmp_path, f"--target={name}", f"--endpoint-url={url}", "--reset")
    assert finished.code == 7, finished.output
    target = finished.run.header.target
    assert target.name == name
    assert target.options == (f"--target={name}", f"--endpoint-url={url}")


def test_callers_are_made_once_for_all_workers(doors: SideDoors, tmp_path: Path) -> None:
    before = len(doors.keys)
    finished = suite(tmp_path, "--target=fakecloud", f"--endpoint-url={doors.url}", "-n", "2", "-k", "transitions")
    assert not finished.clauses("failed") | finished.clauses("blocked"), finished.output
    assert finished.clauses("passed")
    assert len(doors.keys) - before == 4
    assert "made by POST" in finished.output


ONE_LINE = {
    "dead": (("--target=aws-emulator", "--account-strategy=one"), 6, "does not answer"),
    "unknown profile": (("--target=mto",), 4, "did you mean moto?"),
    "missing keys": (("--target=aws-emulator",), 4, "there is no folder"),
    "no permission": (("--target=aws",), 4, "--allow-account=ID"),
    "shown": (("--target=moto", "--show-target"), 0, "(profile moto: accounts.header)"),
    "listed": (("--list-targets",), 0, "gopherstack"),
    "not shown": (("--target=local-web-services", "--show-target"), 4, "--endpoint-url"),
}


@pytest.mark.parametrize("case", ONE_LINE)
def test_the_command_says_so(case: str, tmp_path: Path) -> None:
    options, code, line = ONE_LINE[case]
    finished = suite(tmp_path, *options, HOME=str(tmp_path))
    assert finished.code == code, finished.output
    assert line in finished.output
    assert "Traceback" not in finished.output
