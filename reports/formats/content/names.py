"""The names of outcomes in the order in which reports show them, each with a sign."""

from __future__ import annotations

from contracts.vocabulary import NOT_COUNTED

SIGNS = {
    "passed": "✓",
    "known": "≈",
    "not applicable": "○",
    "not implemented": "∅",
    "blocked": "⊘",
    NOT_COUNTED: "△",
    "failed": "✗",
    "error": "‼",
}
"""The sign of each outcome by its name, for readers who don't tell colours apart."""


def signed(name: str) -> str:
    """Return the name of an outcome behind its sign."""
    return f"{SIGNS.get(name, '?')} {name}"
