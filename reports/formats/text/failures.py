"""The blocks on what a target got wrong: failed clauses in full, unstable and advisory ones in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.model.shapes import shorten
from contracts.printing.visible import visible
from contracts.vocabulary import NOT_COUNTED, Level, Outcome
from reports.formats.excerpt import basis, fields, runs_summary
from reports.formats.tally import abridged
from reports.formats.text.layout import count_of, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.diagnosis import Diagnosis
    from reports.formats.tally import Result
    from reports.formats.text.layout import Style
    from reports.run import Judgement, Run

_MOST_DIFFERENCES = 8
_MOST_CASES = 4
_BRIEF = 120  # characters of what was seen, in a line


def failures(run: Run, results: tuple[Result, ...], style: Style, found: Diagnosis) -> Iterator[list[str]]:
    """Yield a block for each error of the suite's own, then for each failed required and recommended clause.

    Of one level, those that the diagnosis explains by the same fault stand together. An exchange is printed with the
    first clause that it fails; later blocks refer to it by its id.
    """
    wanted = [(Outcome.ERROR, level) for level in Level]
    wanted += [(Outcome.FAILED, level) for level in (Level.REQUIRED, Level.RECOMMENDED)]
    printed: set[str] = set()
    explained = [clause for each in found.explanations for clause in each.clauses]
    place = {clause: number for number, clause in reversed([*enumerate(explained)])}
    grouped = sorted(results, key=lambda result: place.get(result.clause, len(place)))
    for outcome, level in wanted:
        for result in grouped:
            if result.level is level and (concerned := result.cases(outcome)):
                yield _failure(run, result, concerned, printed, style)
                printed.update(concerned[0].verdict.exchanges[:1])


def failures_in_brief(run: Run, results: tuple[Result, ...], style: Style) -> list[str]:
    """Say in a line for each clause that failed, or broke the suite, what was seen of it; leave advisory ones out."""
    lines: list[str] = []
    for result in results:
        if result.outcome in {Outcome.ERROR, Outcome.FAILED} and result.level is not Level.ADVISORY:
            cases = result.cases(result.outcome)
            first, name = cases[0].verdict, run.name_of(result.outcome, result.level)
            share = f" ({len(cases)} of {len(result.judgements)} checks)" if len(result.judgements) > 1 else ""
            seen = one_line(first.actual or first.because)
            title = style.title(name.replace("failed", "FAILED").replace("error", "ERROR"), result.outcome)
            lines.append(f"{title} {result.clause}{share}: {shorten(visible(seen), _BRIEF)}")
    return lines


def _failure(run: Run, result: Result, concerned: tuple[Judgement, ...], printed: set[str], style: Style) -> list[str]:
    first, further = concerned[0], concerned[1:]
    verdict = first.verdict
    named = run.name_of(verdict.outcome, verdict.level)
    weight = "; fails the run under --strict only" if named == NOT_COUNTED else ""
    word = named.replace("failed", "FAILED").replace("error", "ERROR")
    lines = [style.title(f"{word} {verdict.name}", verdict.outcome) + f" ({basis(first)}{weight})"]
    lines += style.wrap(first.sentence, "  ", "  ")
    for name, content in fields(run, first, printed=frozenset(printed)):
        lines += style.field(name, content)
    if further:
        heading = f"{verdict.outcome.capitalize()} in {len(concerned)} of {count_of(len(result.judgements), 'check')}"
        lines += [f"  {heading}, also", *_further(further, style)]
    return lines


def _further(judgements: tuple[Judgement, ...], style: Style) -> Iterator[str]:
    """Say what the other cases came to, those that came to the same together."""
    by_difference: dict[str, list[str]] = {}
    for each in judgements:
        by_difference.setdefault(one_line(each.verdict.actual or each.verdict.because), []).append(each.verdict.case)
    differences = [*by_difference.items()]
    for difference, cases in differences[:_MOST_DIFFERENCES]:
        yield from style.wrap(f"{abridged(cases, _MOST_CASES)}: {difference}", "    ", "      ")
    if left_out := sum(len(cases) for _, cases in differences[_MOST_DIFFERENCES:]):
        yield f"    and {left_out} more"


def unstable(results: tuple[Result, ...], style: Style) -> list[str]:
    """Name every clause whose outcome wasn't the same in every run, whatever its level."""
    concerned = [result for result in results if result.unstable]
    if not concerned:
        return []
    count = count_of(len(concerned), "clause")
    lines = [style.title(f"UNSTABLE (not the same outcome in every run): {count}", Outcome.FAILED)]
    for result in concerned:
        first, *further = result.unstable
        text = f"{first.verdict.name} ({first.verdict.level}): {runs_summary(first.verdict.runs)}{_and_more(further)}"
        lines += style.wrap(text, "  ", "    ")
    return lines


def advisory(results: tuple[Result, ...], style: Style) -> list[str]:
    """Say in a line for each failed advisory clause how the target differs from it."""
    concerned = [each for each in results if each.level is Level.ADVISORY and each.cases(Outcome.FAILED)]
    if not concerned:
        return []
    count = count_of(len(concerned), "clause")
    lines = [
        style.paint(f"FAILED (not counted): {count} that {'is' if len(concerned) == 1 else 'are'} advisory", "1;36")
    ]
    for result in concerned:
        for judgement in result.cases(Outcome.FAILED):
            verdict = judgement.verdict
            difference = f"expected {verdict.expected}; actual {verdict.actual}"
            lines += style.wrap(one_line(f"{verdict.name}: {difference}"), "  ", "    ")
    return lines


def _and_more(further: list[Judgement]) -> str:
    return f" (and {len(further)} more check{'s' * (len(further) > 1)})" if further else ""
