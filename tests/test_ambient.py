"""What stands in the environment and in the user's files changes no verdict: it is not read, or refused in one line."""

from __future__ import annotations

import os
import re
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.session
import pytest
from botocore import configprovider
from botocore.loaders import create_loader

from contracts.vocabulary import ExitCode
from fixtures.errors import ConfigurationError
from fixtures.preflight.examination import examine
from fixtures.preflight.preparation import prepare
from fixtures.reference import Reference
from fixtures.transport import botocore_session
from tests.options import empty, options
from tests.suite import suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RUBBISH = "rubbish \x1b[31m\n\u2603"
KEYS = {"AWS_ACCESS_KEY_ID": "612345678901", "AWS_SECRET_ACCESS_KEY": "test"}
LOADER = cache(create_loader)
USED = {
    "AWS_ACCESS_KEY_ID",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
}
"""The variables that a run on a named endpoint reads, so that rubbish in them is refused."""
OTHERS = {"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_BEARER_TOKEN_ORGANIZATIONS"} | {
    f"AWS_ENDPOINT_URL_{service}" for service in ("ORGANIZATIONS", "STS", "IAM")
}
PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"}


def read_by_botocore() -> set[str]:
    """Return the variables of botocore's tables, and those that its code names."""
    tables = ("BOTOCORE_DEFAUT_SESSION_VARIABLES", "DEFAULT_S3_CONFIG_VARS", "DEFAULT_PROXIES_CONFIG_VARS")
    rows = [row for table in tables for row in getattr(configprovider, table).values()]
    names = {name for _, names, *_ in rows for name in ([names] if isinstance(names, str) else names or ())}
    for path in Path(botocore.__file__).parent.glob("*.py"):
        names |= set(re.findall(r"""['"]((?:AWS|BOTO|BOTOCORE|_X_AMZN)_[A-Z0-9_]+)['"]""", path.read_text("utf-8")))
    return names


VARIABLES = sorted(read_by_botocore() | OTHERS | PROXIES)
CONFIG_KEYS = sorted(
    row[0] for row in configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES.values() if isinstance(row[0], str)
)


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty(monkeypatch, tmp_path)
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(botocore.session, "create_loader", LOADER)  # else each test reads all data anew
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Reference.start() as reference:
        yield reference.url


@pytest.fixture
def driven(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return what examines a target, and drives a scenario there that calls by a boto3 client of its own."""

    def drive(**given: str) -> None:
        botocore_session.session.cache_clear()
        chosen = options(**given)
        examined = examine(chosen, os.environ, request.addfinalizer)
        prepared = prepare(examined, chosen, os.environ, print_line=str, add_cleanup=request.addfinalizer)
        (transcript,) = prepared.runner(1).runs("sdk")
        assert "returned" in {exchange.client for exchange in transcript.exchanges}

    return drive


def test_botocore_reads_what_is_tried_here() -> None:
    assert set(VARIABLES) >= USED | {"AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "AWS_S3_USE_ARN_REGION", "BOTO_CONFIG"}
    assert "retry_mode" in CONFIG_KEYS


@pytest.mark.parametrize("name", VARIABLES)
def test_rubbish_in_a_variable_is_not_read_or_refused_in_one_line(
    name: str, monkeypatch: pytest.MonkeyPatch, driven: Callable[..., None], url: str
) -> None:
    monkeypatch.setenv(name, RUBBISH)
    given = {} if name in {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ORGANIZATIONS"} else {"endpoint_url": url}
    with pytest.raises(ConfigurationError, match=name) if name in USED else nullcontext():
        driven(**given)


@pytest.mark.parametrize("names", [VARIABLES], ids=["all"])
def test_rubbish_in_all_of_them_that_are_not_used_changes_nothing(
    names: list[str], monkeypatch: pytest.MonkeyPatch, driven: Callable[..., None], url: str
) -> None:
    for name in set(names) - USED:
        monkeypatch.setenv(name, RUBBISH)
    driven(endpoint_url=url)


def test_rubbish_in_every_key_of_the_configuration_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, driven: Callable[..., None], tmp_path: Path, url: str
) -> None:
    keys = [*CONFIG_KEYS, "endpoint_url", "services", "cli_pager", "output", "s3_us_east_1_regional_endpoint"]
    lines = ["[default]", *(f"{key} = rubbish" for key in keys), "s3 =", "  addressing_style = rubbish"]
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        path = tmp_path / variable
        path.write_text("\n".join(lines), encoding="utf-8")
        monkeypatch.setenv(variable, str(path))
    driven(endpoint_url=url)


@pytest.mark.parametrize(
    "named", [pytest.param(True, marks=pytest.mark.long), False], ids=["an endpoint", "the reference"]
)
def test_a_whole_run_passes_with_rubbish_in_every_variable(named: bool, tmp_path: Path, url: str) -> None:
    unread = set(VARIABLES) - (USED if named else set())
    others = {"PYTHONWARNINGS": "rubbish", "PYTEST_THEME_MODE": "dark", "TZ": "rubbish", "LANG": "rubbish"}
    rubbish = dict.fromkeys(unread, "rubbish") | others | (KEYS if named else {})
    if not named:
        del rubbish["AWS_ENDPOINT_URL"], rubbish["AWS_ENDPOINT_URL_ORGANIZATIONS"]
    finished = suite(tmp_path, *([f"--endpoint-url={url}"] if named else []), "-q", **rubbish)
    assert finished.code == ExitCode.CONFORMANT, finished.output
