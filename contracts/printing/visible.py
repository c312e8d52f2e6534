"""Text from outside, made safe for a terminal, for XML and for the log of a CI system."""

from __future__ import annotations

import re

# GitHub obeys a line that begins so, the other systems whatever place of a line such a command stands at.
_AT_START = re.compile(r"^([^\S\n]*)(?=::)", re.MULTILINE)
_COMMAND = re.compile(r"#(?=#(?:vso|teamcity)?\[)", re.IGNORECASE)
_PAINT = re.compile(r"(\x1b\[[0-9;]*m)")


def visible(text: str) -> str:
    """Return the text with all escaped but line breaks that a terminal would obey or XML can't hold."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else _escape(each) for each in text)


def line(text: object) -> str:
    """Return the text as one line, with line breaks escaped, too."""
    return harmless(visible(str(text)).replace("\n", "\\n"))


def harmless(text: str, *, at_start: bool = True) -> str:
    """Return the text with a backslash in whatever a CI system would take for a command.

    ``at_start`` says that the text begins a line.
    """
    if "::" in text:
        start = "" if at_start else "."
        text = _AT_START.sub(r"\1\\", start + text)[len(start) :]
    return _COMMAND.sub(r"#\\", text) if "##" in text else text


def shown(text: str, *, painted: bool) -> str:
    """Return the text as a terminal may have it, with the colours in it if it is ``painted``."""
    pieces = _PAINT.split(text) if painted else [text]
    return "".join(piece if number % 2 else visible(piece) for number, piece in enumerate(pieces))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
