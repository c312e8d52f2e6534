"""The options of a run that says nothing, for what chooses a target in this process."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from contracts.values import MOST_INVITATIONS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOBODY = "http://127.0.0.1:1"
_DEFAULTS: dict[str, Any] = {
    "endpoint_url": None,
    "region": None,
    "ca_bundle": None,
    "profile": [],
    "account_strategy": None,
    "fault": None,
    "target": None,
    "settle": None,
    "organization": None,
    "allow_account": None,
    "plan": False,
    "reset": False,
    "max_invitations": MOST_INVITATIONS,
    "ledger": None,
}


def options(**given: Any) -> Namespace:
    return Namespace(**_DEFAULTS | given)


def empty(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Takes AWS's variables, and the user's files, out of the environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
