"""The document as a Markdown page and as an HTML page that works from disk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from proof.document.content import document
from reports.formats.content.pages import escaping, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.document.content import Document, Entry, Source

HERE = Path(__file__).parent
MARKDOWN, HTML = "clauses.md", "clauses.html"
_MARKS = re.compile(r"([\\*_<>\[\]|#&])")


def publish(folder: Path) -> int:
    """Write both pages into the folder, and return 0."""
    shown = document()
    (folder / MARKDOWN).write_text(markdown(shown), encoding="utf-8")
    (folder / HTML).write_text(page(shown), encoding="utf-8")
    return 0


def markdown(shown: Document) -> str:
    """Return the document as Markdown."""
    return "\n".join(_markdown(shown)).rstrip() + "\n"


def page(shown: Document) -> str:
    """Return the document as one HTML page. It loads nothing, and runs nothing."""
    style = (HERE / "page.css").read_text(encoding="utf-8")
    allowed = Markup(policy(style))  # noqa: S704  # nothing in it comes from outside
    template = escaping(HERE).get_template("page.html.jinja")
    return template.render(shown=shown, style=style, policy=allowed) + "\n"


def _markdown(shown: Document) -> Iterator[str]:
    yield "# The clauses\n"
    yield (
        "Every clause of the contract, made from its tables by `make docs`. How they come about, and what their levels "
        "and authorities mean: [contract.md](contract.md). The same as [a page for a browser](clauses.html).\n"
    )
    counts = ", ".join(f"{count} {level}" for level, count in shown.counts.items())
    yield f"Suite {shown.version}: {counts}.\n"
    for theme in shown.themes:
        yield f"- [{theme.name}](#{theme.name}): {theme.about}"
    yield "- [States and callers](#states-and-callers)\n- [Open questions](#open-questions)\n"
    for theme in shown.themes:
        yield f"## {theme.name}\n\n{theme.about}\n"
        for entry in theme.entries:
            yield from _entry(entry)
    yield "## States and callers\n\nWhat becomes of a cancellation, by the state of the handshake and by who calls.\n"
    yield f"| state | {' | '.join(shown.actors)} |\n|---|{'---|' * len(shown.actors)}"
    for state, cells in shown.table:
        yield f"| {state} | {' | '.join(map(_escaped, cells))} |"
    yield "\nNo clause judges these:\n"
    for reason, places in shown.unjudged:
        yield f"- {_escaped(reason)}: {_escaped(places)}"
    yield "\n## Open questions\n\nNobody has recorded these. The clauses are inferred, and fail no target.\n"
    for clause in shown.unknown:
        yield f"- [{clause.id}](#{_anchor(clause.id)}): {_escaped(clause.sentence)}"
    yield "\nThese are known, or partly so, and not judged:\n"
    for later in shown.later:
        yield f"- {_escaped(later.sentence)} Missing: {_escaped(later.missing)}."


def _entry(entry: Entry) -> Iterator[str]:
    clause = entry.clause
    yield f"### {clause.id}\n\n{_escaped(clause.sentence)}\n"
    yield f"- {clause.level}, {entry.authority}"
    if entry.needs:
        yield f"- applies where {_escaped(' and '.join(entry.needs))}"
    yield from (f"- source: {_link(source)}" for source in entry.sources)
    if entry.catches:
        yield f"- catches {', '.join(f'`{each.name}`' for each in entry.catches)}"
    if entry.recorded:
        yield "\n```text"
        yield from entry.recorded
        yield "```"
    yield ""


def _link(source: Source) -> str:
    return f"[{_escaped(source.text)}]({source.address})" if source.address else _escaped(source.text)


def _anchor(heading: str) -> str:
    """Return the anchor that renderers of Markdown give a heading."""
    return re.sub(r"[^\w-]", "", heading)


def _escaped(text: str) -> str:
    """Return the text with what Markdown would take for markup escaped, except for code between backticks."""
    parts = text.split("`")
    return "`".join(each if number % 2 else _MARKS.sub(r"\\\1", each) for number, each in enumerate(parts))
