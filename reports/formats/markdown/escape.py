"""Text for GitHub-flavoured Markdown: shown as it is, whatever it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contracts.printing.visible import visible
from reports.formats.content.brief import brief
from reports.formats.text.layout import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 500
_HARMLESS = re.compile(r"[^\W_]|[ ,;'\"()?%=+.-]|:(?= |$)|/(?!/)")
_BREAK = "<!-- -->"
"""An empty comment: it shows nothing, and parts what would be a mention, an address or a reference if it were one."""
_ADDRESS = re.compile(r"https://[A-Za-z0-9.~/?#&=%:+-][\w.~/?#&=%:+,;-]*", re.ASCII)
_WEB = re.compile(r"www\.", re.IGNORECASE)


def plain(text: str, most: int = _LONGEST) -> str:
    """Return the text in one line, without anything that Markdown, HTML or GitHub would obey."""
    line = one_line(brief(text, most))
    shown = "".join(each if _HARMLESS.match(line, place) else _escape(each) for place, each in enumerate(line))
    return _WEB.sub(lambda found: f"{found[0][:-1]}&#46;", shown)


def _escape(character: str) -> str:
    return f"&#{ord(character)};{_BREAK if character in '@#' else ''}"


def code(text: str, most: int = _LONGEST) -> str:
    """Return the text in one line as code, nothing for an empty one."""
    shown = plain(text, most)
    return f"<code>{shown}</code>" if shown else ""


def prose(text: str) -> str:
    """Return the text in one line, what stands between backticks as code."""
    parts = one_line(brief(text, _LONGEST)).split("`")
    if len(parts) % 2 == 0:  # one of them is alone
        return plain(text)
    return "".join(code(part) if place % 2 else _spaced(part) for place, part in enumerate(parts))


def _spaced(text: str) -> str:
    """Return the text with the blanks around it, which part it from code."""
    before, after = " " * text.startswith(" "), " " * text.endswith(" ")
    return f"{before}{plain(text)}{after}" if text.strip() else text


def link(source: str) -> str:
    """Return a link if the text is an address, and the text as code if it isn't."""
    return f"[{plain(source)}](<{source}>)" if _ADDRESS.fullmatch(source) else code(source)


def fence(lines: Iterable[str], language: str = "text") -> list[str]:
    """Return the lines as a block of code in the language, which none of them ends."""
    shown = [each for line in lines for each in visible(line).split("\n")]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    mark = "`" * max(3, longest + 1)
    return [f"{mark}{language}", *shown, mark]


def table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return a table. Its cells are Markdown already."""
    columns = [*heading]
    return [_row(columns), "|" + "---|" * len(columns), *map(_row, rows)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
