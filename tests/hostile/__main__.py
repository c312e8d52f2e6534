"""Run the suite against every hostile server and print how each run ended: ``python -m tests.hostile``."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.hostile import TABLE
from tests.hostile.runs import HostileRun, run_by_name


def main() -> int:
    """Run them, and return 1 if one ended in a wrong way."""
    options = _arguments().parse_args()
    if unknown := [name for name in options.only or () if name not in TABLE]:
        sys.exit(f"there is no behaviour {unknown[0]}; --list prints them all")
    names = options.only or [*TABLE]
    if options.list:
        print("\n".join(f"{TABLE[name].family}: {name}: {TABLE[name].does}" for name in names))
        return 0
    started = time.monotonic()
    # A process for each run: no server disturbs another, and a run's memory is counted from a small parent.
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        runs = []
        for run in pool.map(run_by_name, names):
            print(_row(run), flush=True)
            runs.append(run)
    wrong = sum(bool(run.complaints) for run in runs)
    print(f"{len(runs)} behaviours in {time.monotonic() - started:.0f} s; {wrong} runs ended in a wrong way")
    if options.markdown is not None:
        options.markdown.write_text(_markdown(runs), encoding="utf-8")
    return 1 if wrong else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="this behaviour; may be given several times")
    parser.add_argument("--list", action="store_true", help="print the behaviours; run nothing")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="so many at a time (default: %(default)s)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to this file, too")
    return parser


def _row(run: HostileRun) -> str:
    wrong = "".join(f"\n    WRONG: {each}" for each in run.complaints)
    return f"{run.name:42} {run.code:3} {run.wall:6.1f} s {run.megabytes:5.0f} MB  {run.last_line[:160]}{wrong}"


def _markdown(runs: list[HostileRun]) -> str:
    rows = [
        "| behaviour | what the server does | exit | wall | peak | last line | wrong |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        cells = (run.name, TABLE[run.name].does, str(run.code), f"{run.wall:.1f} s", f"{run.megabytes:.0f} MB")
        texts = (*cells, run.last_line[:200], "; ".join(run.complaints))
        rows.append("| " + " | ".join(each.replace("|", "\\|").replace("\n", " ") for each in texts) + " |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
