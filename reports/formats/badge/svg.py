"""The badge as an SVG image that needs nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from reports.formats.badge.message import badge

if TYPE_CHECKING:
    from reports.run import Run

_HEIGHT = 20
_PADDING = 6
_GREY = "#444c56"
_WIDTHS = {1: "ijl|.,:;' ", 2: "frtI()[]-1", 4: "mwMW%@"}
"""Characters by their width in thirds of that of an ordinary one, in the sans-serif of a badge."""
_THIRD = 2.4


def render(run: Run) -> str:
    """Return the image. Its text is fitted into the width that was estimated for it, whatever the font."""
    made = badge(run)
    parts = ((made.label, _GREY), (made.message, made.color))
    widths = [width(text) + 2 * _PADDING for text, _ in parts]
    name = f"{made.label}: {made.message}"
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(sum(widths)),
            "height": str(_HEIGHT),
            "role": "img",
            "aria-label": name,
        },
    )
    ET.SubElement(root, "title").text = name
    start = 0
    for (text, color), wide in zip(parts, widths, strict=True):
        box = {"x": str(start), "width": str(wide), "height": str(_HEIGHT), "fill": color}
        ET.SubElement(root, "rect", box)
        label = {"x": str(start + _PADDING), "y": "14", "textLength": str(wide - 2 * _PADDING)}
        font = {"fill": "#fff", "font-family": "Verdana,Geneva,DejaVu Sans,sans-serif", "font-size": "11"}
        ET.SubElement(root, "text", label | font).text = text
        start += wide
    return ET.tostring(root, encoding="unicode") + "\n"


def width(text: str) -> int:
    """Return the estimated width of the text in pixels, at a font size of 11."""
    thirds = {character: number for number, characters in _WIDTHS.items() for character in characters}
    return round(sum(thirds.get(character, 3) for character in text) * _THIRD)
