"""The suite's options, and which plugins are loaded; nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.transitions import Actor
from fixtures.actors import Strategy
from fixtures.arguments import account, count, seconds
from fixtures.target import DEFAULT_REGION

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["fixtures.plugin", "reports.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the suite's options to pytest's own; ``--strict`` is pytest's, and makes recommended clauses count here."""
    group = parser.getgroup("conformance", "CancelHandshake conformance (see README.md)")
    group.addoption(
        "--target",
        metavar="NAME|FILE",
        help="the target by the name of its profile (see --list-targets), or by a profile of your own, a TOML file",
    )
    group.addoption(
        "--endpoint-url",
        metavar="URL",
        help="the endpoint under test; else AWS_ENDPOINT_URL_ORGANIZATIONS, else AWS_ENDPOINT_URL, else the embedded "
        "reference",
    )
    group.addoption("--region", metavar="NAME", help=f"the region to sign for (default: {DEFAULT_REGION})")
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
        choices=[str(strategy) for strategy in (Strategy.AUTO, Strategy.KEY, Strategy.HEADER, Strategy.ONE)],
        help="how an account is told to the target: auto (ask the target, the default), key (an access key id of 12 "
        "digits is the account, its secret is 'test'), header (X-Moto-Account-Id), one (there is only the sender)",
    )
    group.addoption(
        "--repeat",
        type=count,
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
    group.addoption("--settle", type=seconds, metavar="SECONDS", help="how long a read may lag behind a write")
    group.addoption("--reset", action="store_true", help="first have the target forget everything, as its profile says")
    group.addoption("--show-target", action="store_true", help="print what the choice comes to and send nothing")
    group.addoption("--list-targets", action="store_true", help="print the ready profiles and send nothing")
    _add_safety(parser)
    group.addoption("--fault", metavar="NAME", help="let the embedded reference make this one mistake")
    group.addoption("--list-faults", action="store_true", help="print the mistakes it can make and send nothing")
    group.addoption("--list-clauses", action="store_true", help="print the contract and send nothing")


def _add_safety(parser: pytest.Parser) -> None:
    group = parser.getgroup("real service", "the real service, which is asked only with --target=aws")
    group.addoption(
        "--allow-account",
        type=account,
        metavar="ID",
        help="the 12 digits of the sender's account: said once more, so that no other is used by mistake",
    )
    group.addoption("--organization", metavar="ID", help="the organization that the sender has to manage (o-...)")
    group.addoption(
        "--plan",
        action="store_true",
        help="print who calls, where the accounts stand, each kind of call and how many, the invitations and e-mails "
        "that it takes; then stop. Only reads are sent",
    )
    group.addoption(
        "--max-invitations",
        type=count,
        default=12,
        metavar="N",
        help="how many invitations a run on the real service may make (default: %(default)s)",
    )
    group.addoption(
        "--ledger",
        metavar="FILE",
        help="where the run notes what it is about to make, for the next one to end what a killed one left open "
        "(default: on the real service, with the state of your programs; elsewhere none)",
    )
