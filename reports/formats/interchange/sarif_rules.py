"""The clauses of a run as the rules of a SARIF log."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from contracts.clauses import CLAUSES
from contracts.vocabulary import Level
from reports.formats.content.brief import brief
from reports.formats.text.layout import one_line

if TYPE_CHECKING:
    from reports.run import Judgement, Run

LEVELS = {Level.REQUIRED: "error", Level.RECOMMENDED: "warning", Level.ADVISORY: "note"}
"""The level of a result by that of its clause."""
_ID = re.compile(r'^id = "(?P<id>[^"]+)"')
_LONGEST = 1_000


def rules(run: Run) -> list[dict[str, Any]]:
    """Return a rule for each clause of the run, in the order of the stream."""
    first = {each.verdict.clause: each for each in reversed(run.judgements)}
    return [_rule(first[clause]) for clause in dict.fromkeys(each.verdict.clause for each in run.judgements)]


def _rule(judgement: Judgement) -> dict[str, Any]:
    verdict = judgement.verdict
    sources = [one_line(brief(each, _LONGEST)) for each in judgement.sources]
    sentence = one_line(brief(judgement.sentence, _LONGEST)) or verdict.clause
    since = f", {judgement.observed}" if judgement.observed else ""
    listed = [f"Level: {verdict.level}. Authority: {judgement.authority}{since}.", "Sources:", *sources]
    address = next((each for each in sources if re.fullmatch(r"https://[\w.~:/?#@!$&*+,;=%-]+", each)), "")
    return {
        "id": verdict.clause,
        "name": verdict.clause,
        "shortDescription": {"text": sentence},
        "fullDescription": {"text": sentence},
        "help": {"text": "\n".join([sentence, *listed])},
        "defaultConfiguration": {"level": LEVELS[verdict.level]},
        "properties": {
            "tags": ["conformance", judgement.theme, str(verdict.level), str(judgement.authority)],
            "precision": "very-high",
        },
    } | ({"helpUri": address} if address else {})


@cache
def lines_of_clauses() -> dict[str, int]:
    """Return the line of the contract's file in which each clause begins, by its id."""
    lines = CLAUSES.read_text(encoding="utf-8").splitlines()
    found = ((number, _ID.match(line)) for number, line in enumerate(lines, 1))
    return {match["id"]: number for number, match in found if match}
