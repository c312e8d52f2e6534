"""The templates, with everything that is put into them made visible and escaped."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from contracts.printing.visible import visible
from reports.formats.content.pages import escaping
from reports.formats.text.layout import count_of

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment() -> Environment:
    """Return the environment that the templates are loaded from."""
    made = escaping(TEMPLATES, finalize=_shown)
    made.filters["count_of"] = count_of
    made.filters["between_tags"] = _between_tags
    return made


@cache
def style() -> Markup:
    """Return the style sheet."""
    return _own("report.css")


@cache
def script() -> Markup:
    """Return the script."""
    return _own("report.js")


def _own(name: str) -> Markup:
    """Return one of the project's own files, which stands in the page as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704  # nothing in it comes from outside


def _between_tags(text: str) -> Markup:
    """Return a text as it stands between tags, where quotation marks mean nothing: JSON has thousands of them."""
    return Markup(escape(_shown(text), quote=False))  # noqa: S704  # escaped here


def _shown(value: Any) -> Any:
    """Return the value of any expression in a template as it may be shown. Autoescape escapes what is returned."""
    if isinstance(value, Markup):
        return value
    text = str(value)
    return text if text.isprintable() else visible(text)
