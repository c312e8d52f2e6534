"""A run as one page of HTML that needs no network and no script to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.formats.html.environment import environment, script, style
from reports.formats.html.page import page_of
from reports.formats.html.policy import policy

if TYPE_CHECKING:
    from reports.run import Run


def render(run: Run) -> str:
    """Return the page."""
    template = environment().get_template("page.html")
    return template.render(page=page_of(run), policy=policy(style(), script()), style=style(), script=script())
