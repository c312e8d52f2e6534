"""The suite's options, and which plugins are loaded; nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.transitions import Actor
from fixtures.actors import Strategy
from fixtures.stage import repetitions
from fixtures.target import DEFAULT_REGION

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["fixtures.plugin", "reports.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the suite's options to pytest's own; ``--strict`` is pytest's, and makes recommended clauses count here."""
    group = parser.getgroup("conformance", "CancelHandshake conformance (see README.md)")
    group.addoption(
        "--endpoint-url",
        metavar="URL",
        help="the endpoint under test; else AWS_ENDPOINT_URL_ORGANIZATIONS, else AWS_ENDPOINT_URL, else the embedded "
        "reference",
    )
    group.addoption("--region", default=DEFAULT_REGION, help="the region to sign for (default: %(default)s)")
    group.addoption("--ca-bundle", metavar="PEM", help="the file of certificates to trust for the target's TLS")
    group.addoption(
        "--profile",
        action="append",
        default=[],
        metavar="[ACTOR=]NAME",
        help=f"the AWS profile of an actor ({', '.join(Actor)}), the sender's if none is named; may be repeated",
    )
    group.addoption(
        "--account-strategy",
        choices=[str(strategy) for strategy in Strategy if strategy is not Strategy.PROFILES],
        default=str(Strategy.AUTO),
        help="how an account is told to the target: auto (ask the target, the default), key (an access key id of 12 "
        "digits is the account, its secret is 'test'), header (X-Moto-Account-Id), one (there is only the sender)",
    )
    group.addoption(
        "--repeat",
        type=repetitions,
        default=1,
        metavar="N",
        help="drive every scenario N times; a clause that doesn't come to the same every time is unstable, and not met",
    )
    group.addoption(
        "--report-dir",
        metavar="DIR",
        help="write report.jsonl (described by reports/stream.schema.json) and junit.xml into this folder",
    )
    group.addoption(
        "--replay",
        metavar="FILE",
        help="judge what is on file, without a target: the report.jsonl of an earlier run, or a recording",
    )
    group.addoption("--fault", metavar="NAME", help="let the embedded reference make this one mistake")
    group.addoption("--list-faults", action="store_true", help="print the mistakes it can make and send nothing")
    group.addoption("--list-clauses", action="store_true", help="print the contract and send nothing")
