"""The options of a run that gives none, for tests that choose a target in this process."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from fixtures.target.options import OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOBODY = "http://127.0.0.1:1"


def options(**given: Any) -> Namespace:
    """Return what pytest would parse, with these options given."""
    return Namespace(**{option.name: option.unset for option in OPTIONS} | given)


def empty(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Take AWS's variables, and the user's files, out of the environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
