"""The suite's options, and which plugins are loaded: what the checkout's conftest.py loads, and a wheel's command."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from cancelhandshake_conformance.output import keep_open
from cancelhandshake_conformance.rooms import ROOT
from contracts.commands import usage_line
from fixtures.target.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Generator

gc.disable()  # until all is imported and collected: nothing of that is garbage
pytest_plugins = [
    "fixtures.plugin",
    "fixtures.exploration.plugin",  # before the one that says, when all is done, that a signal ends nothing any more
    "fixtures.endings",
    "reports.plugin",
    "reports.exploring.plugin",
]


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Have standard output be there, or lost for good, before Python or pytest flush it for the last time."""
    try:
        return (yield)
    finally:
        if (capturing := config.pluginmanager.getplugin("capturemanager")) is not None:
            capturing.stop_global_capturing()  # later, it would put back that there is no standard output
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
    if hasattr(parser, "optparser"):  # pytest has it since 9.1
        parser.optparser.error = _refuse  # type: ignore[method-assign]


def _refuse(message: str) -> NoReturn:
    """Refuse bad usage in one line, where pytest's parser would print its whole usage before it."""
    raise pytest.UsageError(usage_line(message, ["--strict", *(option.flag for option in OPTIONS)]))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Leave what is loaded by now out of each search for garbage, and unload a plugin that no test needs."""
    gc.freeze()
    gc.enable()
    manager = session.config.pluginmanager
    if "hypothesis" not in sys.modules and manager.has_plugin("hypothesispytest"):
        manager.unregister(name="hypothesispytest")  # it would import all of hypothesis to say that nothing used it
