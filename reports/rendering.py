"""The formats that a run is rendered in, each from its values and from nothing else."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.run import Run


@dataclass(frozen=True)
class Format:
    """One format: its name, the file of ``--report-dir`` (empty if it isn't written there), and the module."""

    name: str
    file: str
    module: str

    def render(self, run: Run) -> str:
        """Return the run in this format.

        Its module is only imported here: templates are of no use to a run that writes no report.
        """
        text: str = importlib.import_module(self.module).render(run)
        return text


FORMATS = {
    each.name: each
    for each in (
        Format("html", "report.html", "reports.formats.html.page"),
        Format("junit", "junit.xml", "reports.formats.junit"),
        Format("text", "", "reports.formats.terminal"),
    )
}
"""Every format by its name."""

WRITTEN = tuple(each for each in FORMATS.values() if each.file)
"""The formats that ``--report-dir`` writes beside the stream."""
