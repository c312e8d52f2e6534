"""The suite's options, and which plugins to load; nothing else."""

from __future__ import annotations

pytest_plugins = ["cancelhandshake_conformance.plugin"]
