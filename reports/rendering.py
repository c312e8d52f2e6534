"""The formats of a report, the file that each is written to, and how it is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from contracts.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reports.run import Run

STREAM_FILE = "report.jsonl"


@dataclass(frozen=True)
class Format:
    """One format: its name, the name of its file, what it is for, and the function that renders a run.

    ``renderer`` is ``module:function``. The module is imported when it is needed, so that a run that writes no report
    doesn't wait for it.
    """

    name: str
    file: str
    about: str
    renderer: str

    def render(self, run: Run) -> str:
        """Return the run in this format. Nothing is redacted here."""
        module, _, function = self.renderer.partition(":")
        render: Callable[[Run], str] = getattr(import_module(module), function)
        return render(run)

    def write(self, run: Run, path: Path) -> None:
        """Write the run in this format to the file, whole or not at all. Raises OSError."""
        write_whole({path: [self.render(run)]})


FORMATS = {
    each.name: each
    for each in (
        Format("text", "report.txt", "what a terminal shows", "reports.formats.terminal:render"),
        Format("html", "report.html", "a page for people, in one file", "reports.formats.html.page:render"),
        Format("markdown", "report.md", "a page or the summary of a CI", "reports.formats.markdown.report:render"),
        Format("junit", "junit.xml", "CI servers", "reports.formats.junit:render"),
        Format("sarif", "report.sarif", "code scanning, as SARIF 2.1.0", "reports.formats.interchange.sarif:render"),
        Format("har", "exchanges.har", "the exchanges, as HAR 1.2", "reports.formats.interchange.har:render"),
        Format("csv", "clauses.csv", "spreadsheets: a row for each check", "reports.formats.interchange.checks:render"),
        Format("badge", "badge.svg", "a README", "reports.formats.badge.svg:render"),
        Format("badge-json", "badge.json", "an endpoint badge of shields.io", "reports.formats.badge.shields:render"),
    )
}
"""Every format by its name."""

FILES = (STREAM_FILE, *(each.file for each in FORMATS.values()))
"""The names of all files that ``--report-dir`` writes."""
