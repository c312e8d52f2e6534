"""The suite's options, and which plugins are loaded: what the checkout's conftest.py loads, and a wheel's command."""

from __future__ import annotations

from pathlib import Path

import pytest

from cancelhandshake_conformance.rooms import ROOT
from fixtures.target.options import OPTIONS

pytest_plugins = ["fixtures.plugin", "reports.plugin"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Run the suites where nothing was named, or the folder of the project: not its own tests, and not nothing."""
    named = [Path(config.invocation_params.dir, argument).resolve() for argument in config.args]
    unnamed = config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR
    if named == [ROOT] or (unnamed and named[0].is_relative_to(ROOT) and not named[0].is_relative_to(ROOT / "tests")):
        config.args = [str(ROOT / "suites")]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options to pytest's own; ``--strict`` is pytest's, and makes recommended clauses count here."""
    for option in OPTIONS:
        parser.getgroup(option.group).addoption(option.flag, **option.keywords())
