"""The checks as comma-separated values (RFC 4180), a row for each."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from reports.formats.content.brief import brief

if TYPE_CHECKING:
    from reports.run import Judgement, Run

COLUMNS = (
    *("clause", "case", "theme", "level", "authority", "observed", "outcome", "because", "expected", "actual"),
    *("exchanges", "sources", "sentence"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 3_000
"""The number of characters of a cell: made visible, they still fit the 32,767 that spreadsheets hold."""


def render(run: Run) -> str:
    """Return a row for each check of the run, below the names of the columns."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows([cell(text) for text in _texts(each)] for each in run.judgements)
    return written.getvalue()


def _texts(judgement: Judgement) -> tuple[str, ...]:
    verdict = judgement.verdict
    return (
        verdict.clause,
        verdict.case,
        judgement.theme,
        verdict.level,
        judgement.authority,
        judgement.observed,
        verdict.outcome,
        verdict.because,
        verdict.expected,
        verdict.actual,
        " ".join(verdict.exchanges),
        " ".join(judgement.sources),
        judgement.sentence,
    )


def cell(text: str) -> str:
    """Return the text as a spreadsheet shows it: what it would take for a formula begins with an apostrophe.

    Source: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    shown = brief(text, _LONGEST)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
