"""What every page of HTML is made with: an environment that escapes, and a policy that lets nothing in from outside."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from pathlib import Path


def escaping(templates: Path, **settings: Any) -> Environment:
    """Return an environment of the templates in this folder, with these settings of jinja2 besides."""
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **settings,
    )


def policy(style: str, *further: str) -> str:
    """Return the content security policy that lets this style be used, what ``further`` says, and nothing else."""
    return "; ".join(
        ("default-src 'none'", f"style-src {digest(style)}", *further, "base-uri 'none'", "form-action 'none'")
    )


def digest(text: str) -> str:
    """Return the source expression of a style or a script that stands in the page itself."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
