"""The suite's options, and which plugins are loaded; nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.values import MOST_INVITATIONS
from contracts.vocabulary import Actor
from fixtures.target.accounts import Strategy
from fixtures.target.model import DEFAULT_REGION
from fixtures.target.options import count, seconds

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["fixtures.plugin", "reports.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the suite's options to pytest's own; ``--strict`` is pytest's, and makes recommended clauses count here."""
    group = parser.getgroup("conformance", "CancelHandshake conformance (see README.md)")
    group.addoption(
        "--target",
        metavar="NAME|PATH",
        help="the profile of the endpoint under test: a ready one's name, or the path of a file that ends in .toml",
    )
    group.addoption("--list-targets", action="store_true", help="print the ready profiles and send nothing")
    group.addoption("--show-target", action="store_true", help="print what the options come to and send nothing")
    group.addoption(
        "--endpoint-url",
        metavar="URL",
        help="the endpoint under test; else the profile's, or without --target AWS_ENDPOINT_URL_ORGANIZATIONS, else "
        "AWS_ENDPOINT_URL, else the embedded reference",
    )
    group.addoption(
        "--region",
        metavar="NAME",
        help="the region to sign for; else AWS_REGION or AWS_DEFAULT_REGION, else the profile's, else "
        f"{DEFAULT_REGION}",
    )
    group.addoption(
        "--ca-bundle",
        metavar="PEM",
        help="the file of certificates to trust for the target's TLS; else AWS_CA_BUNDLE, else the profile's",
    )
    group.addoption("--settle", type=seconds, metavar="SECONDS", help="for how long a read may lag behind a write")
    group.addoption("--reset", action="store_true", help="have the target forget everything first, as its profile says")
    group.addoption(
        "--profile",
        action="append",
        default=[],
        metavar="[ACTOR=]NAME",
        help=f"the AWS profile of an actor ({', '.join(Actor)}), the sender's if none is named; may be repeated",
    )
    group.addoption(
        "--account-strategy",
        choices=[str(strategy) for strategy in Strategy if not strategy.named],
        help="how an account is told to the target: auto (ask the target, the default without a profile), key (an "
        "access key id of 12 digits is the account, its secret is 'test'), header (X-Moto-Account-Id), one (there is "
        "only the sender), admin and files (as its profile says)",
    )
    _add_real(group)
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
    group.addoption("--fault", metavar="NAME", help="let the embedded reference make this one mistake")
    group.addoption("--list-faults", action="store_true", help="print the mistakes it can make and send nothing")
    group.addoption("--list-clauses", action="store_true", help="print the contract and send nothing")


def _add_real(group: Any) -> None:
    """Adds what concerns the real service, where everything that is done is done to somebody's accounts."""
    group.addoption(
        "--allow-account",
        metavar="ID",
        help="the account that may send invitations on the real service; nothing is sent there unless it is the sender",
    )
    group.addoption(
        "--plan",
        action="store_true",
        help="print who calls, where the accounts stand, each kind of call and how many, the invitations and e-mails "
        "that a run would take; then stop. Only reads are sent",
    )
    group.addoption(
        "--max-invitations",
        type=count,
        default=MOST_INVITATIONS,
        metavar="N",
        help="how many invitations a run may make on the real service (default: %(default)s)",
    )
    group.addoption(
        "--organization",
        metavar="ID",
        help="the organization that the sender has to manage; a run on the real service ends if it is another",
    )
    group.addoption(
        "--ledger",
        metavar="FILE",
        help="where the run notes what it is about to make, for the next one to end what a killed one left open "
        "(default: on the real service, with the state of your programs; elsewhere none)",
    )
