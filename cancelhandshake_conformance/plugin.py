"""The suite's options, and which plugins are loaded: what the checkout's conftest.py loads, and a wheel's command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cancelhandshake_conformance import ROOT
from cancelhandshake_conformance.output import keep_open
from fixtures.target.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Generator

pytest_plugins = ["fixtures.plugin", "fixtures.endings", "reports.plugin"]


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main() -> Generator[None, object, object]:
    """Have standard output be there, or lost for good, before Python or pytest flush it for the last time."""
    try:
        return (yield)
    finally:
        keep_open()
        sys.stdout.flush()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Run the suites where nothing was named, or the folder of the project: not its own tests, and not nothing."""
    keep_open()
    named = [Path(config.invocation_params.dir, argument).resolve() for argument in config.args]
    unnamed = config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR
    if named == [ROOT] or (unnamed and named[0].is_relative_to(ROOT) and not named[0].is_relative_to(ROOT / "tests")):
        config.args = [str(ROOT / "suites")]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options to pytest's own; ``--strict`` is pytest's, and makes recommended clauses count here."""
    for option in OPTIONS:
        parser.getgroup(option.group).addoption(option.flag, **option.keywords())
