"""Measure what a run costs, against what its exchanges cost by themselves: ``python -m bench``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bench import recording
from bench.far import far_reference
from bench.processes import Cost, Unmeasurable, measure, median_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_DESCRIPTION = """\
Measure what a run of the suite costs, in rounds. In each round these processes
run one after the other, and the medians are compared:
  floor        only the imports of a run, and the calls of the run before it,
               sent by botocore's HTTP session to a reference in the same process
  run          python -m pytest -c pyproject.toml suites, on the embedded reference
  collection   the same with --collect-only
  repeat N     the same with --repeat=N
  far          a run on a reference whose every answer takes --latency
  far, 2       the same with -n 2

Nothing is compared with a bound: how long something takes is the machine's
matter. Run it on an idle one.
"""
REPEAT = 10
SUITES = ("-m", "pytest", "-c", "pyproject.toml", "suites", "-q")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n")


def _rounds(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} rounds measure nothing; give 1 or more")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m bench", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=_rounds, default=5, metavar="N", help="how often to measure (%(default)s)")
    parser.add_argument(
        "--latency", type=float, default=50.0, metavar="MS", help="of the far reference, in milliseconds (%(default)g)"
    )
    return parser


def main(arguments: list[str]) -> int:
    """Measure, print, and return the exit status: 0 if all could be measured, 1 if not."""
    options = _parser().parse_args(arguments)
    costs: dict[str, list[Cost]] = defaultdict(list)
    calls = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        try:
            measure(folder, *SUITES)  # so that everything is compiled, and in the machine's memory
            for number in range(1, options.rounds + 1):
                calls = _record(folder)
                for name, cost in _round(folder, options.latency / 1000).items():
                    costs[name].append(cost)
                shown = "  ".join(f"{name} {each[-1].wall:.2f}/{each[-1].cpu:.2f}" for name, each in costs.items())
                print(f"round {number} of {options.rounds} (s of wall/CPU):  {shown}", flush=True)
        except Unmeasurable as error:
            print(error, file=sys.stderr)
            return 1
    print(_summary({name: median_of(each) for name, each in costs.items()}, calls))
    return 0


def _record(folder: Path) -> int:
    """Record what a run sends, and return the number of its calls. Signatures expire: each round needs new ones."""
    measure(folder, "-m", "bench.recording", str(folder / "asked.json"))
    return len(recording.read(folder / "asked.json"))


def _round(folder: Path, latency: float) -> dict[str, Cost]:
    """Return what each of the processes took."""
    costs = {
        "floor": measure(folder, "-m", "bench.floor", str(folder / "asked.json")),
        "run": measure(folder, *SUITES),
        "collection": measure(folder, *SUITES, "--collect-only"),
        f"repeat {REPEAT}": measure(folder, *SUITES, f"--repeat={REPEAT}"),
    }
    with far_reference(latency) as url:
        costs["far"] = measure(folder, *SUITES, f"--endpoint-url={url}")
        costs["far, 2"] = measure(folder, *SUITES, f"--endpoint-url={url}", "-n2")
    return costs


def _summary(costs: Mapping[str, Cost], calls: int) -> str:
    """Return the medians, and the ratios that matter."""
    floor, run, repeated, far = (costs[name] for name in ("floor", "run", f"repeat {REPEAT}", "far"))
    rows = [f"{name:<11} {each.wall:>8.2f} {each.cpu:>8.2f} {each.peak:>8.0f}" for name, each in costs.items()]
    return "\n".join(
        [
            f"\n{'median':<11} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}",
            *rows,
            "",
            f"calls of a run                 {calls}",
            f"run / floor                    {run.wall / floor.wall:.2f} of wall, {run.cpu / floor.cpu:.2f} of CPU",
            f"collection / floor             {costs['collection'].cpu / floor.cpu:.2f} of CPU",
            f"--repeat={REPEAT} / --repeat=1       {repeated.wall / run.wall:.2f} of wall",
            f"{'':<30} {repeated.cpu / run.cpu:.2f} of CPU, {repeated.peak / run.peak:.2f} of memory",
            f"far: one process / -n 2        {far.wall / costs['far, 2'].wall:.2f} of wall",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
