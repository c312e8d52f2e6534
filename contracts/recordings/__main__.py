"""Keep the recordings: add one from a report, compare two, and show which clauses rest on them."""

from __future__ import annotations

import sys

from contracts.evidence.command import main

if __name__ == "__main__":
    sys.exit(main("python -m contracts.recordings", sys.argv[1:]))
