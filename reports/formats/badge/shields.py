"""The badge as the JSON that an endpoint badge of shields.io reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reports.formats.badge.message import badge

if TYPE_CHECKING:
    from reports.run import Run


def render(run: Run) -> str:
    """Return the badge as JSON. Source: https://shields.io/badges/endpoint-badge."""
    made = badge(run)
    value: dict[str, Any] = {
        "schemaVersion": 1,
        "label": made.label,
        "message": made.message,
        "color": made.color,
        "isError": made.broken,
    }
    return json.dumps(value, indent=1) + "\n"
