"""The report of an exploration on a terminal, as a page of Markdown and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contracts.judging.exploring.exploration import APART
from contracts.printing.visible import visible
from reports.formats.markdown.escape import code, fence, link, plain
from reports.formats.text.layout import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contracts.judging.exploring.exploration import Exploration
    from reports.exploring.findings import ToldFinding

_FORMAT = 1


def summary(exploration: Exploration) -> str:
    """Return in one line what was explored."""
    found = count_of(len(exploration.findings), "difference")
    counted = (
        (exploration.sequences, "sequence"),
        (exploration.calls, "call"),
        (exploration.invitations, "invitation"),
    )
    made = ", ".join(count_of(number, noun) for number, noun in counted)
    ended = f"; {exploration.ended}" if exploration.ended else ""
    asked = f"--explore={exploration.asked} --seed={exploration.seed}"
    return f"Exploration with {asked}: {found} in {made}, {exploration.seconds:.1f} s{ended}."


def text(exploration: Exploration, findings: Sequence[ToldFinding]) -> str:
    """Return the report as it is printed."""
    lines = ["", summary(exploration), APART]
    for number, finding in enumerate(findings, 1):
        lines += ["", *_text_of(number, finding)]
    return visible("\n".join(lines)) + "\n"


def _text_of(number: int, finding: ToldFinding) -> Iterator[str]:
    yield f"Difference {number}, found in sequence {finding.number} after {finding.calls} calls:"
    for place, move in enumerate(finding.moves, 1):
        yield f"  {place:>2}. {move}"
    for about, expected, actual, basis in finding.differences:
        yield f"  {about}: expected {expected}; actual {actual}"
        for each in basis:
            yield f"      by {each.told()}"
    yield f"  target     {finding.answers[0]}"
    yield f"  reference  {finding.answers[1]}"
    yield "  Reproduce (for another endpoint: python3 - URL <<'END'):"
    yield "python3 - <<'END'"
    yield from finding.program
    yield "END"


def markdown(exploration: Exploration, findings: Sequence[ToldFinding]) -> str:
    """Return the report as a page of Markdown."""
    lines = ["# Exploration", "", plain(summary(exploration)), "", APART]
    for number, finding in enumerate(findings, 1):
        lines += ["", f"## Difference {number}", "", f"Found in sequence {finding.number} after {finding.calls} calls."]
        lines += ["", *(f"{place}. {plain(move)}" for place, move in enumerate(finding.moves, 1)), ""]
        for about, expected, actual, basis in finding.differences:
            lines += [f"- {plain(about)}: expected {code(expected)}, actual {code(actual)}"]
            lines += [f"  - {link(each.source)} {plain(each.told().removeprefix(each.source))}" for each in basis]
        lines += ["", f"The target: {code(finding.answers[0])}", "", f"The reference: {code(finding.answers[1])}", ""]
        lines += fence(finding.program, "python")
    return "\n".join(lines) + "\n"


def document(exploration: Exploration, findings: Sequence[ToldFinding]) -> str:
    """Return the report as JSON."""
    told = {
        "format": _FORMAT,
        "note": APART,
        "asked": exploration.asked,
        "seed": exploration.seed,
        "sequences": exploration.sequences,
        "calls": exploration.calls,
        "invitations": exploration.invitations,
        "seconds": round(exploration.seconds, 3),
        "ended": exploration.ended,
        "findings": [each.to_json() for each in findings],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
