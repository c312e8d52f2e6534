"""Hostile servers, and a harness that runs the suite against each of them: ``python -m tests.hostile``."""

from tests.hostile import conduct, contents, framing, sizes, slowness
from tests.hostile.table import TABLE

__all__ = ["TABLE", "conduct", "contents", "framing", "sizes", "slowness"]
