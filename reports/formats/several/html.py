"""A matrix, the page of a target and histories as pages of HTML: without scripts, and with nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from contracts.vocabulary import NOT_COUNTED
from reports.formats.badge.message import badge
from reports.formats.content.brief import brief
from reports.formats.content.facts import facts
from reports.formats.content.names import SIGNS
from reports.formats.content.pages import escaping, policy
from reports.several.history import KINDS

if TYPE_CHECKING:
    from jinja2 import Environment

    from reports.several.history import History
    from reports.several.matrix import Column, Matrix

_TEMPLATES = Path(__file__).with_name("templates")
_LONGEST = 400
_WIDTH, _HEIGHT = 240, 48


def matrix_page(made: Matrix) -> str:
    """Return the matrix: the targets with their verdicts, then what each clause came to on each of them."""
    return _page("matrix.html", matrix=made)


def target_page(column: Column) -> str:
    """Return the page of one target: how it was run, what it can do, and what it came to."""
    return _page("target.html", column=column, entry=column.entry, run=column.entry.run)


def history_page(made: tuple[History, ...], unread: tuple[str, ...] = ()) -> str:
    """Return the history of each target. ``unread`` says which files could not be read, and why."""
    return _page("history.html", histories=made, kinds=KINDS, unread=unread)


def trend(made: History) -> dict[str, str]:
    """Return the points of two lines over the runs, as SVG has them: clauses that passed, and those that failed."""
    counts = {name: [entry.counted(name) for entry in made.entries] for name in ("passed", "failed")}
    most = max(1, *(number for numbers in counts.values() for number in numbers))
    step = _WIDTH / max(1, len(made.entries) - 1)
    return {
        name: " ".join(
            f"{place * step:.1f},{_HEIGHT - number / most * _HEIGHT:.1f}" for place, number in enumerate(numbers)
        )
        for name, numbers in counts.items()
    }


def _page(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    style = (_TEMPLATES / "pages.css").read_text(encoding="utf-8")
    made = escaping(_TEMPLATES, finalize=_shown, keep_trailing_newline=True)
    made.globals |= {
        "style": Markup(style),  # noqa: S704  # the project's own file
        "policy": policy(style),
        "badge": badge,
        "facts": facts,
        "signs": SIGNS,
        "trend": trend,
        "size": (_WIDTH, _HEIGHT),
    }
    made.filters["kind"] = _kind
    return made


def _kind(name: str) -> str:
    """Return the class of an outcome's name in the style sheet."""
    return "not-counted" if name == NOT_COUNTED else name.replace(" ", "-") if name in SIGNS else "other"


def _shown(value: Any) -> Any:
    """Return what a template shows of a value: texts bounded and made visible, unless they are markup of ours."""
    return brief(value, _LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value
