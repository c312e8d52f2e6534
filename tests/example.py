"""The published example: one matrix of the reference, of three faulty ones, of moto and of ministack.

``python -m tests.example DIR`` runs the suite on each of them and writes the matrix, a page and a badge for each
target, and the summary of the first faulty run.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from reports.rendering import FORMATS
from reports.several.commands import write_matrix
from reports.several.entries import Entry
from reports.several.matrix import matrix
from tests.endpoints import ministack, moto
from tests.suite import suite

FAULTS = ("denied-is-403", "reason-missing", "timestamps-in-milliseconds")
SUMMARY = "summary.md"


def make(folder: Path) -> None:
    """Run the suite on every target and write the example."""
    with ExitStack() as stack:
        servers = {"moto": stack.enter_context(moto()), "ministack": stack.enter_context(ministack())}
        runs = {"reference": list[str]()} | {name: [f"--fault={name}"] for name in FAULTS}
        runs |= {name: [f"--target={name}", f"--endpoint-url={url}"] for name, url in servers.items()}
        kept = Path(stack.enter_context(TemporaryDirectory()))
        entries = {}
        for name, options in runs.items():
            (kept / name).mkdir()
            done = suite(kept / name, *options)
            assert done.code in {0, 1, 7}, done.output
            entries[name] = Entry(name, done.run)
        write_matrix(matrix(entries.values()), folder)
        (folder / SUMMARY).write_text(FORMATS["markdown"].render(entries[FAULTS[0]].run), encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
