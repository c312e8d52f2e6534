"""The content security policy of a page that holds its own style and script, and asks for nothing else."""

from __future__ import annotations

import base64
from hashlib import sha256


def policy(style: str, script: str) -> str:
    """Return the policy that lets this style and this script be used, and nothing from outside."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
