"""What a target got wrong: a table with a line for each failed clause, and the details of those that have weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.vocabulary import Level, Outcome
from reports.formats.content.brief import brief
from reports.formats.content.names import signed
from reports.formats.excerpt import basis, fields
from reports.formats.markdown.escape import code, fence, link, plain, prose, table
from reports.formats.text.layout import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.formats.tally import Result
    from reports.run import Judgement, Run

_WRONG = (Outcome.ERROR, Outcome.FAILED)
_MOST_ROWS = 200
_IN_ROW = 160
_IN_FIELD = 2_000
_MOST_CASES = 8
_SHOWN_APART = {"Expected", "Actual", "Reason", "Source"}


def _failed(results: tuple[Result, ...]) -> list[Result]:
    """Return the clauses that broke the suite or failed, the weightiest first."""
    wrong = [each for each in results if each.outcome in _WRONG]
    return sorted(wrong, key=lambda each: (_WRONG.index(each.outcome), [*Level].index(each.level)))


def overview(run: Run, results: tuple[Result, ...]) -> Iterator[str]:
    """Yield the table of failed clauses."""
    failed = _failed(results)
    if not failed:
        return
    yield from ("", f"## {count_of(len(failed), 'clause')} failed", "")
    yield from table(
        ("clause", "level", "outcome", "expected", "actual"), [_row(run, each) for each in failed[:_MOST_ROWS]]
    )
    if len(failed) > _MOST_ROWS:
        yield from ("", f"and {len(failed) - _MOST_ROWS} more")


def _row(run: Run, result: Result) -> tuple[str, ...]:
    cases = result.cases(result.outcome)
    verdict = cases[0].verdict
    share = f" ({len(cases)} of {len(result.judgements)} checks)" if len(result.judgements) > 1 else ""
    return (
        f"{code(result.clause)}{share}",
        result.level,
        signed(run.name_of(result.outcome, result.level)),
        code(verdict.expected, _IN_ROW),
        code(verdict.actual or verdict.because, _IN_ROW),
    )


def details(run: Run, results: tuple[Result, ...]) -> Iterator[list[str]]:
    """Yield the details of each failed clause, but for advisory ones: an exchange is shown with the first of them."""
    printed: set[str] = set()
    for result in _failed(results):
        if result.outcome is Outcome.ERROR or result.level is not Level.ADVISORY:
            first = result.cases(result.outcome)[0]
            yield _details(run, result, first, frozenset(printed))
            printed.update(first.verdict.exchanges[:1])


def _details(run: Run, result: Result, first: Judgement, printed: frozenset[str]) -> list[str]:
    verdict = first.verdict
    lines = [f"### {code(verdict.name)} ({plain(basis(first))})", "", prose(first.sentence), ""]
    folded: list[str] = []
    for name, content in fields(run, first, printed=printed):
        if not content:
            continue
        if name == "Source":
            lines += [f"{name}: {', '.join(map(link, content))}", ""]
        elif name in _SHOWN_APART:
            lines += [f"**{name}**", "", *fence([brief("\n".join(content), _IN_FIELD)]), ""]
        else:
            folded += [f"**{name}**", "", *fence(brief(line, _IN_FIELD) for line in content), ""]
    lines += _further(result, first)
    if folded:
        lines += ["<details><summary>Evidence</summary>", "", *folded, "</details>", ""]
    return lines


def _further(result: Result, first: Judgement) -> Iterator[str]:
    """Yield the other checks of the clause that came to the same outcome."""
    others = [each.verdict for each in result.cases(result.outcome) if each is not first]
    if not others:
        return
    yield from (f"{result.outcome.capitalize()} in {len(others) + 1} of {len(result.judgements)} checks, also", "")
    for each in others[:_MOST_CASES]:
        yield f"- {code(each.case)}: {code(each.actual or each.because, _IN_ROW)}"
    if left_out := max(0, len(others) - _MOST_CASES):
        yield f"- and {left_out} more"
    yield ""
