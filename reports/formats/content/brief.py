"""Texts from outside, bounded and made visible."""

from __future__ import annotations

from contracts.printing.visible import visible

EXPANSION = 10
"""The number of characters that one of a text may become by being made visible, at most."""


def brief(text: str, most: int) -> str:
    """Return the text made visible, or its first characters with the number of those left out."""
    left_out = len(text) - most
    shown = visible(text[:most])
    return f"{shown} ... ({left_out:,} characters left out)" if left_out > 0 else shown
