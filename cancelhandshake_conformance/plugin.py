"""The suite's options, and which plugins are loaded: what the checkout's conftest.py loads, and a wheel's command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixtures.target.options import OPTIONS

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["fixtures.plugin", "reports.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options to pytest's own; ``--strict`` is pytest's, and makes recommended clauses count here."""
    for option in OPTIONS:
        parser.getgroup(option.group).addoption(option.flag, **option.keywords())
