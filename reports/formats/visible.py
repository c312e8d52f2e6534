"""Text from outside, made safe for a terminal and for XML."""

from __future__ import annotations


def visible(text: str) -> str:
    """Return the text with every character escaped that a terminal would obey or XML can't hold."""
    return "".join(each if each.isprintable() or each == "\n" else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
