"""The result of the proof as Markdown, as JSON and as a summary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts import __version__
from contracts.model.operation import model_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.vocabulary import Level


@dataclass(frozen=True)
class FaultRow:
    """One fault: what it does wrong, the real endpoints that do so, the clauses that fail.

    ``checks`` are the failed checks, each with the digest of what it came to see, and ``by_chance`` the clauses that
    fail in some runs only.
    """

    name: str
    does: str
    seen_in: str
    failed: tuple[str, ...]
    checks: Mapping[str, str]
    by_chance: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proven:
    """The whole proof: every fault, every clause with its level, and whether each weakening was noticed."""

    faults: tuple[FaultRow, ...]
    clauses: tuple[tuple[str, Level], ...]
    weighty: frozenset[Level]
    weakenings: Mapping[str, bool]

    def killers(self, clause: str) -> list[str]:
        """Return the faults that fail the clause."""
        return [fault.name for fault in self.faults if clause in fault.failed]

    def killed_faults(self) -> int:
        """Return the number of faults that fail a clause."""
        return sum(bool(fault.failed) for fault in self.faults)

    def clauses_of_weight(self) -> list[str]:
        """Return the clauses that must be shown to fail."""
        return [clause for clause, level in self.clauses if level in self.weighty]


def summary(proven: Proven) -> str:
    """Return the numbers of the proof in three lines."""
    weighty = proven.clauses_of_weight()
    killed = sum(bool(proven.killers(clause)) for clause in weighty)
    return "\n".join(
        (
            f"faults killed        {proven.killed_faults()} / {len(proven.faults)}",
            f"clauses killed       {killed} / {len(weighty)} (required and recommended)",
            f"weakenings noticed   {sum(proven.weakenings.values())} / {len(proven.weakenings)}",
        )
    )


def markdown(proven: Proven) -> str:
    """Return the proof as a Markdown page."""
    return "\n".join(_markdown(proven)) + "\n"


def _markdown(proven: Proven) -> Iterator[str]:
    yield "# What fails what\n\nEvery clause is shown to fail, and every mistake to be caught. Made by `make proof`.\n"
    yield f"```\n{summary(proven)}\n```\n"
    yield "## Faults\n\n| fault | what it does wrong | seen in | clauses that fail |\n|---|---|---|---|"
    for fault in proven.faults:
        failed = ", ".join(fault.failed) or "none"
        yield f"| `{fault.name}` | {_cell(fault.does)} | {fault.seen_in} | {failed} |"
    yield "\n## Clauses\n\n| clause | level | faults that it catches |\n|---|---|---|"
    for clause, level in proven.clauses:
        yield f"| `{clause}` | {level} | {', '.join(proven.killers(clause)) or 'none'} |"
    yield "\n## Weakened guards\n\n| weakening | noticed |\n|---|---|"
    for name, noticed in proven.weakenings.items():
        yield f"| {name} | {'yes' if noticed else 'NO'} |"


def to_json(proven: Proven) -> str:
    """Return the proof as a JSON document."""
    value = {
        "suite": __version__,
        "model": model_version(),
        "faults": [
            {
                "name": each.name,
                "does": each.does,
                "seen_in": each.seen_in,
                "fails": [*each.failed],
                "checks": dict(each.checks),
                "by_chance": [*each.by_chance],
            }
            for each in proven.faults
        ],
        "clauses": [
            {"id": clause, "level": str(level), "killed_by": proven.killers(clause)} for clause, level in proven.clauses
        ],
        "weakenings": [{"name": name, "noticed": noticed} for name, noticed in proven.weakenings.items()],
    }
    return json.dumps(value, indent=1) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
