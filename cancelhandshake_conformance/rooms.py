"""Where the rooms of the project lie: in this package of a wheel, beside it in a checkout."""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
INSTALLED = (PACKAGE / "contracts").is_dir()
"""Whether the rooms lie in this package, as they do in a wheel, and not beside it, as in a checkout."""
ROOT = PACKAGE if INSTALLED else PACKAGE.parent
"""The folder of the rooms."""

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # the rooms import each other by their own names, wherever they lie
