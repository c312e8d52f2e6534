"""Findings, drift and coverage as text for people."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING

from contracts.clauses import contract
from contracts.evidence.coverage import Standing
from contracts.evidence.findings import Effect
from contracts.printing.visible import line
from contracts.recordings import Kind
from contracts.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.evidence.coverage import Cover
    from contracts.evidence.drift import Difference, Drift
    from contracts.evidence.findings import Finding
    from contracts.recordings import Recording

WIDTH = 120
REHEARSED = "A REHEARSAL: the target was not the real service. Nothing below is evidence."


def of_findings(findings: Sequence[Finding], written: str, *, rehearsal: bool) -> Iterator[str]:
    """Yield the lines of what a run does to the contract: contradictions of required clauses first of all."""
    for each in findings:
        if each.effect is Effect.CONTRADICTS and each.level is Level.REQUIRED:
            yield line(f"CONTRADICTS A REQUIRED CLAUSE: {each.clause} ({each.before}): {each.detail}")
    if rehearsal:
        yield REHEARSED
    yield f"written: {written}"
    for effect in Effect:
        rows = [each for each in findings if each.effect is effect]
        yield ""
        yield f"{effect} {_clauses(len(rows))}"
        yield from _reasons(rows) if effect is Effect.NOTHING else _rows(rows)


def of_drift(old: Recording, new: Recording, drift: Drift) -> Iterator[str]:
    """Yield the lines of what drifted from one recording to another."""
    yield f"old: {_named(old)}"
    yield f"new: {_named(new)}"
    drifted = len({each for found in drift.meaning.values() for each in found})
    reworded = len({each for found in drift.wording.values() for each in found})
    yield (
        f"{len(drift.shared)} calls in both: {drifted} differences of meaning, {reworded} of wording only; "
        f"{len(drift.gone)} calls in the old one only, {len(drift.added)} in the new one only"
    )
    yield from _differences("meaning", drift.meaning)
    yield from _differences("wording", drift.wording)
    if drift.unlike:
        yield ""
        yield "bodies not compared, as the calls asked for something else"
        yield from (line(f"  {scenario}: {because}") for scenario, because in drift.unlike.items())
    if drift.uncompared:
        yield ""
        why = "no call of theirs is in both, calls at once left out"
        yield f"not compared, as {why}: {_clauses(len(drift.uncompared))}"
        yield from _listed(drift.uncompared)


def of_coverage(covers: Sequence[Cover]) -> Iterator[str]:
    """Yield the lines of which clauses have an observation of the real service behind them."""
    counts = Counter(each.standing for each in covers)
    yield f"{_clauses(len(covers))}: {', '.join(f'{counts[standing]} {standing}' for standing in Standing)}"
    for standing in Standing:
        rows = [each for each in covers if each.standing is standing]
        yield ""
        yield f"{standing} ({len(rows)})"
        for each in rows:
            yield line(f"  {each.clause:<40} {each.level:<12} {each.authority:<11} {_age(each)}".rstrip())


def _rows(rows: Iterable[Finding]) -> Iterator[str]:
    for each in rows:
        note = f"  {each.detail}" if each.detail and each.effect is not Effect.CONTRADICTS else ""
        yield f"  {each.clause:<40} {each.level:<12} {each.before} -> {each.now}{note}"
        if each.effect is Effect.CONTRADICTS:
            yield from wrap(
                line(each.detail), WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False
            )


def _reasons(rows: Iterable[Finding]) -> Iterator[str]:
    """Yield each reason once, with its clauses."""
    reasons: dict[str, list[str]] = {}
    for each in rows:
        reasons.setdefault(each.detail, []).append(each.clause)
    for reason, clauses in reasons.items():
        yield line(f"  {reason}")
        yield from _listed(clauses, indent=4)


def _differences(kind: str, found: Mapping[str, tuple[Difference, ...]]) -> Iterator[str]:
    """Yield the differences of each clause. Clauses with the same differences stand together."""
    alike: dict[tuple[Difference, ...], list[str]] = {}
    for clause, differences in found.items():
        alike.setdefault(differences, []).append(clause)
    for differences, clauses in alike.items():
        yield ""
        levels = [f"{clause} ({contract()[clause].level})" for clause in clauses if clause]
        judged = f"in calls judged by {', '.join(levels)}" if levels else "in calls that no clause names"
        yield from wrap(f"{kind}, {judged}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)
        for each in differences:
            yield line(f"    {each.step}: {each.place}: {each.old} -> {each.new}")


def _listed(clauses: Iterable[str], indent: int = 2) -> list[str]:
    return wrap(
        ", ".join(clauses), WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent, break_on_hyphens=False
    )


def _named(recorded: Recording) -> str:
    kind = " (a rehearsal: no evidence of the real service)" if recorded.kind is Kind.REHEARSAL else ""
    kind = " (an example of the documentation)" if recorded.kind is Kind.EXAMPLE else kind
    return f"{recorded.name}, of {recorded.captured[:10]}{kind}"


def _age(each: Cover) -> str:
    if each.age is None:
        return ""
    elsewhere = contract()[each.clause].observed.partition(", ")[2]  # where it wasn't this operation
    where = "; ".join(filter(None, (", ".join(each.recordings) or "in its own sources", elsewhere)))
    return f"{each.day}, {each.age} day{'' if each.age == 1 else 's'} old: {where}"


def _clauses(count: int) -> str:
    return f"{count} clause{'' if count == 1 else 's'}"
