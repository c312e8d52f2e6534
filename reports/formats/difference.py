"""What changed between two runs, as text for a terminal or a log, as Markdown, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from contracts.printing.visible import visible
from reports.difference import KINDS, Change, Difference
from reports.formats.text.layout import Style, count_of, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_MOST_CASES = 3


def as_text(difference: Difference, width: int = 100) -> str:
    """Return the changes as text; the last line says whether anything got worse."""
    style = Style(color=False, width=width)
    lines: list[str] = []
    for name, before, after in difference.setting:
        lines += style.wrap(visible(f"{name}: {before} -> {after}"), "", "  ")
    for kind in KINDS:
        changes = _by_clause(difference.of(kind))
        if changes:
            lines += ["", f"{kind.upper()}: {count_of(len(changes), 'clause')}"]
            lines += [line for each in changes.values() for line in _clause(each, style)]
    return "\n".join([*lines, "", summary(difference)]).lstrip("\n") + "\n"


def summary(difference: Difference) -> str:
    """Return in one line how many clauses changed in which way, and whether that is worse."""
    counts = [f"{len(_by_clause(each))} {kind}" for kind in KINDS if (each := difference.of(kind))]
    return f"{'WORSE' if difference.worse else 'NOT WORSE'}: {', '.join(counts) or 'no clause came to something else'}"


def as_markdown(difference: Difference, width: int = 0) -> str:  # noqa: ARG001  # every format is called alike
    """Return the changes as Markdown, with a table for each kind."""
    lines = [f"**{summary(difference)}**", ""]
    if difference.setting:
        lines += ["| | old | new |", "|---|---|---|"]
        lines += [f"| {_cell(name)} | {_cell(old)} | {_cell(new)} |" for name, old, new in difference.setting]
    for kind in KINDS:
        if changes := _by_clause(difference.of(kind)):
            lines += ["", f"### {kind.capitalize()}", "", "| clause | level | before | now |", "|---|---|---|---|"]
            lines += [_row(each) for each in changes.values()]
    return "\n".join(lines) + "\n"


def as_json(difference: Difference, width: int = 0) -> str:  # noqa: ARG001  # as above
    """Return the changes as a JSON object."""
    changes = [asdict(each) | {"level": str(each.level), "worse": each.worse} for each in difference.changes]
    setting = [{"name": name, "old": old, "new": new} for name, old, new in difference.setting]
    return json.dumps({"worse": difference.worse, "changes": changes, "setting": setting}, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Difference, int], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}


def _by_clause(changes: tuple[Change, ...]) -> dict[str, list[Change]]:
    by_clause: dict[str, list[Change]] = {}
    for each in changes:
        by_clause.setdefault(each.clause, []).append(each)
    return by_clause


def _clause(changes: list[Change], style: Style) -> Iterator[str]:
    first = changes[0]
    cases = [each.case for each in changes if each.case]
    others = f" and {len(cases) - _MOST_CASES} more" if len(cases) > _MOST_CASES else ""
    where = f": {', '.join(cases[:_MOST_CASES])}{others}" if cases else ""
    yield from style.wrap(visible(f"{first.clause} ({first.level}){where}"), "  ", "    ")
    for name, text in (("was", first.before), ("now", first.after)):
        yield from style.wrap(one_line(f"{name} {text}"), "    ", "      ") if text else []


def _row(changes: list[Change]) -> str:
    first = changes[0]
    checks = f" ({len(changes)} checks)" if len(changes) > 1 else ""
    return f"| `{first.clause}`{checks} | {first.level} | {_cell(first.before)} | {_cell(first.after)} |"


def _cell(text: str) -> str:
    """Return the text as it is shown in a cell: on one line, and without anything that Markdown or HTML would obey."""
    escaped = one_line(visible(text)).replace("&", "&amp;").replace("<", "&lt;").replace("\\", "\\\\")
    for character in "|`*_[]":
        escaped = escaped.replace(character, f"\\{character}")
    return escaped
