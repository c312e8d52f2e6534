"""The hooks that report an exploration: beside the report of the run, and before its last line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.files import write_whole
from contracts.printing.visible import line
from contracts.stash import EXPLORED, SECRETS, TARGET
from contracts.values import EXPLORATION_FILES

if TYPE_CHECKING:
    from contracts.judging.exploring.exploration import Exploration


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Print what an exploration found, and write it into the folder for the reports."""
    config = session.config
    if EXPLORED not in config.stash or hasattr(config, "workerinput"):
        return
    from reports.exploring.findings import told_findings  # noqa: PLC0415  # most runs explore nothing
    from reports.exploring.rendering import document, markdown, text  # noqa: PLC0415

    explored: Exploration = config.stash[EXPLORED]
    secrets = config.stash[SECRETS]
    findings = told_findings(explored, config.stash[TARGET], secrets)
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    reporter.ensure_newline()
    reporter.write(secrets.conceal(text(explored, findings)), flush=True)
    if config.option.report_dir is None:
        return
    texts = (document(explored, findings), markdown(explored, findings))
    files = {
        Path(config.option.report_dir, name): [secrets.conceal(each)]
        for name, each in zip(EXPLORATION_FILES, texts, strict=True)
    }
    try:
        write_whole(files)
    except (OSError, UnicodeError) as error:
        reporter.write_line(
            line(f"ERROR: --report-dir: {' and '.join(EXPLORATION_FILES)} can't be written: {error}"), red=True
        )
