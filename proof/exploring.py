"""Which faults are found by randomly generated call sequences: no clause and no scenario is asked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixtures.exploration.explorer import Explorer
from fixtures.exploration.lending import LendingRunner
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Reference
from fixtures.reference.faults import FAULTS
from fixtures.reference.realism import WITH_EXPIRED
from fixtures.target.accounts import Identities, Strategy
from proof.parallel import in_parallel

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.judging.exploring.exploration import Exploration
    from fixtures.reference.faults import Fault

SEQUENCES = 250
SEED = 1
LEAST = 70
"""How many faults have to be found at least."""
THEMES = ("transitions", "callers", "aftermath", "views", "time")
"""The themes of faults of states, callers, views and aftermath. Those of races show only when two calls meet."""
_HEALTHY = "none: the sound reference"
_HEAD = """\
# Faults that randomly generated call sequences find

`python -m proof --explore` has each of these faults explored: up to {sequences} sequences of calls, with the seed
{seed}, compared with the sound reference as [docs/explore.md](../docs/explore.md) says. No scenario is driven, and no
clause is asked. "calls" is how many calls it took to find a difference, with those that set up and clean up;
"shortened" is how many are left in the shortest sequence that was found to show one.

{found} of {all} faults were found, {least} have to be. In {sound} sequences the sound reference shows no difference.

| fault | found | sequence | calls | shortened | the last call | what differs |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """What exploring one fault came to. ``shortened`` is 0 where nothing was found, ``sequence`` how many were made."""

    name: str
    sequence: int
    calls: int
    shortened: int
    last: str = ""
    about: str = ""

    @property
    def found(self) -> bool:
        """Whether a difference was found."""
        return self.shortened > 0

    def line(self) -> str:
        """Return the row of the table."""
        found = "yes" if self.found else "-"
        cells = (
            self.name,
            found,
            self.sequence,
            self.calls,
            self.shortened or "-",
            self.last or "-",
            self.about or "-",
        )
        return f"| {' | '.join(map(str, cells))} |\n"


def faults() -> tuple[Fault, ...]:
    """Return the faults of the themes."""
    return tuple(fault for theme in THEMES for fault in FAULTS.values() if theme in fault.module.split("."))


def explore(fault: Fault | None, sequences: int = SEQUENCES, seed: int = SEED) -> Exploration:
    """Explore a reference that makes the mistake, or the sound one, until one difference is found."""
    parts, realism = (fault.parts, fault.realism) if fault else (None, WITH_EXPIRED)
    with Reference.start(parts=parts, realism=realism) as reference:
        target = embedded_target(reference)
        explorer = Explorer(target, lambda: LendingRunner(target, Identities(Strategy.KEY, {}, None)))
        return explorer.explore(sequences, seed, most=1)


def row(name: str) -> Row:
    """Explore the fault of this name, or the sound reference where it is empty."""
    exploration = explore(FAULTS[name] if name else None)
    if not exploration.findings:
        return Row(f"`{name}`" if name else _HEALTHY, exploration.sequences, exploration.calls, 0)
    found = exploration.findings[0]
    about = ", ".join(dict.fromkeys(each.about for each in found.differences))
    return Row(f"`{name}`" if name else _HEALTHY, found.number, found.calls, found.length, found.moves[-1], about)


def publish(folder: Path) -> int:
    """Explore, write explore.md into the folder, and return the exit status: 0 if enough faults were found, else 1."""
    started, told = time.monotonic(), list[Row]()
    for each in in_parallel(row, ["", *(fault.name for fault in faults())]):
        told.append(each)
        print(each.line(), end="", flush=True)
    sound, *others = told
    found = sum(each.found for each in others)
    head = _HEAD.format(sequences=SEQUENCES, seed=SEED, found=found, all=len(others), least=LEAST, sound=sound.sequence)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "explore.md").write_text(head + "".join(each.line() for each in told), encoding="utf-8")
    seconds = time.monotonic() - started
    print(f"{found} of {len(others)} faults were found in {seconds:.0f} s; the table is in {folder}/explore.md")
    return int(sound.found or found < LEAST)
