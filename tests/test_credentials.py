"""Credentials that can't be had are told in one line that names where they were looked for, and quotes no key."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.files import MOST_TEXT, read_file
from fixtures.connection_errors import KeysRejected, WebPage
from fixtures.endpoints.certificates import check_bundle
from fixtures.errors import ConfigurationError
from fixtures.preflight import credential_chain
from fixtures.preflight.credential_chain import load_from_chain
from fixtures.preflight.credentials import find_credentials
from fixtures.preflight.examination import examine
from fixtures.reference import Reference
from fixtures.target.choice import choose
from fixtures.target.profile import load
from reports import replay, stream
from reports.replay import Unreplayable
from tests.endpoints import always
from tests.options import NOBODY, empty, options

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HALVES = {
    "no secret": ({"AWS_ACCESS_KEY_ID": "A"}, r"AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not set"),
    "an empty secret": (
        {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": ""},
        r"AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is empty",
    ),
    "no key": ({"AWS_SECRET_ACCESS_KEY": SECRET}, r"AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not set"),
    "a token alone": ({"AWS_SESSION_TOKEN": SECRET}, r"AWS_SESSION_TOKEN is set, and AWS_ACCESS_KEY_ID is not set"),
    "a line break": (
        {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": f"{SECRET}\n"},
        r"^AWS_SECRET_ACCESS_KEY: it holds a blank, a line break",
    ),
    "an empty profile": ({"AWS_PROFILE": ""}, r"^AWS_PROFILE: it is empty"),
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty(monkeypatch, tmp_path)


@pytest.mark.parametrize("case", HALVES)
def test_half_of_a_pair_is_refused_with_the_name_of_what_is_missing(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variables, line = HALVES[case]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=line) as caught:
        find_credentials(choose(options(endpoint_url=NOBODY), os.environ), os.environ)
    assert SECRET not in str(caught.value)
    assert str(caught.value).isprintable()


def python(code: str) -> str:
    return f"credential_process = {sys.executable} -c {json.dumps(code)}"


SETTINGS = {
    "fails": (
        python(f"import sys; sys.exit('no vault at AKIAIOSFODNN7EXAMPLE {SECRET}')"),
        r"^--profile it: its credential_process python\S* ended with exit code 1: no vault at \.\.\. \.\.\.; expected",
    ),
    "prints rubbish": (python(f"print('{SECRET}')"), "did not print JSON;"),
    "prints nothing": (python("pass"), "printed nothing;"),
    "prints a list": (python("print([])"), "did not print a JSON object;"),
    "prints another version": (python("print('{}')"), "Unsupported version"),
    "is not there": ("credential_process = /nowhere/vault", r"credential_process vault can't be started: No such file"),
    "is empty": ("credential_process =", "credential_process is empty"),
    "hangs": (python("import time; time.sleep(600)"), r"has not ended after 0\.5 seconds"),
    "a quote is not closed": ("credential_process = 'x", "^--profile it: botocore can't read them: No closing"),
    "no secret": ("aws_access_key_id = A", "missing: aws_secret_access_key$"),
    "no key": (f"aws_secret_access_key = {SECRET}", "aws_secret_access_key is set, and aws_access_key_id is not set"),
}
REAL = {
    "no token of SSO": (
        "sso_start_url = https://x.example\nsso_region = us-east-1\nsso_account_id = 111111111111\nsso_role_name = r",
        r"Token for https://x.example does not exist; run `aws sso login`",
    ),
    "no session of SSO": ("sso_session = x\nsso_account_id = 1\nsso_role_name = r", "sso-session does not exist"),
    "no source of a role": ("role_arn = x\nsource_profile = none", '"none" referenced in the profile "it"'),
    "no token of a role": ("role_arn = x\nweb_identity_token_file = /nowhere", "can't read them: .*'/nowhere'"),
}


@pytest.mark.parametrize("case", [*SETTINGS, *REAL])
def test_what_an_aws_profile_lacks_is_told_in_one_line(
    case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text, line = (SETTINGS | REAL)[case]
    (tmp_path / "config").write_text(f"[profile it]\n{text}\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr(credential_chain, "PROCESS_SECONDS", 0.5 if case == "hangs" else 60)
    target = replace(choose(options(endpoint_url=NOBODY), {}).target, real=case in REAL)
    with pytest.raises(ConfigurationError, match=line) as caught:
        load_from_chain("it", {}, target=target)
    assert SECRET not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_process_that_prints_keys_gives_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = json.dumps({"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s"})
    (tmp_path / "config").write_text(f"[profile it]\n{python(f'print({keys!r})')}\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    found = load_from_chain("it", {}, target=choose(options(endpoint_url=NOBODY), {}).target)
    assert found is not None
    assert (found.access_key, found.secret_key) == ("A", "s")


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_region_that_the_target_rejects_is_told_with_its_variable(name: str, request: pytest.FixtureRequest) -> None:
    given = {name: "eu-west-1"}
    with Reference.start() as target, pytest.raises(KeysRejected, match=rf"signed for eu-west-1 \({name}\)"):
        examine(options(endpoint_url=target.url), given, request.addfinalizer)


def test_a_web_page_is_told_with_its_title(request: pytest.FixtureRequest) -> None:
    page = b"<!DOCTYPE html><html><head><title>Welcome\n to nginx!</title></head></html>"
    with (
        always(200, "text/html", page) as url,
        pytest.raises(WebPage, match=r"a web page \(HTTP 200\) with the title 'Welcome to nginx!'; is the port"),
    ):
        examine(options(endpoint_url=url), {}, request.addfinalizer)


def test_a_path_at_which_nothing_is_is_named(request: pytest.FixtureRequest) -> None:
    with (
        Reference.start() as target,
        pytest.raises(ConfigurationError, match=r"no Organizations at the path /aws \(HTTP 400"),
    ):
        examine(options(endpoint_url=f"{target.url}/aws"), {}, request.addfinalizer)


@pytest.mark.parametrize(
    ("kind", "told"), [("folder", "Is a directory"), ("pipe", "a pipe or a device"), ("huge", "larger than")]
)
def test_what_is_no_file_is_refused_and_not_waited_for(kind: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "it.toml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.touch()
        os.truncate(path, 1024**3)
    with pytest.raises(OSError, match=told):
        read_file(path, MOST_TEXT)
    with pytest.raises(ConfigurationError, match=told):
        load(str(path))
    with pytest.raises(ConfigurationError, match=told):
        check_bundle(str(path), "--ca-bundle")
    with pytest.raises(Unreplayable, match=told):
        replay.load(path)


def test_a_file_with_a_null_in_its_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="null byte"):
        check_bundle("a\0b", "--ca-bundle")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<html></html>\n", "line 1: XML or HTML, and not JSON"),
        ('<?xml version="1.0"?>\n<testsuites/>\n', "line 1: XML or HTML, and not JSON"),
        (
            '{"type": "header", "format": 9, "suite": "7.1"}\n',
            "format 9, written by version '7.1' .* reads the formats",
        ),
        ("", "the first line is not a header"),
    ],
)
def test_a_replay_of_something_else_says_what_it_is(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreplayable, match=told):
        replay.load(path)
    with pytest.raises(stream.UnreadableReport, match=told):
        stream.read(path)
