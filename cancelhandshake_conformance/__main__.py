"""Run the command as ``python -m cancelhandshake_conformance``."""

from __future__ import annotations

import sys

from cancelhandshake_conformance.command import main

sys.exit(main())
