"""A matrix, the page of a target and histories as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.formats.badge.message import badge
from reports.formats.content.facts import facts
from reports.formats.content.names import SIGNS, signed
from reports.formats.markdown.escape import code, plain, prose, table
from reports.formats.text.layout import count_of
from reports.several.history import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.several.entries import Entry, Standing
    from reports.several.history import History, Since
    from reports.several.matrix import Column, Matrix

_MOST_NAMES = 12
_SEEN = 200
_NO_CLAUSE = "not in the report"


def matrix_page(made: Matrix) -> str:
    """Return the matrix: the targets with their verdicts, then what each clause came to on each of them."""
    return "\n".join(_matrix(made)) + "\n"


def _matrix(made: Matrix) -> Iterator[str]:
    targets = [column.entry.target for column in made.columns]
    yield "# CancelHandshake: clauses by target"
    yield ""
    yield from table(
        ("target", "verdict", "exit", "judged", "suite", "contract", "day", "older runs"), map(_target, made.columns)
    )
    if len(made.contracts) > 1:
        yield ""
        yield f"The reports are of {len(made.contracts)} versions of suite and contract."
        yield f"{count_of(len(made.partial), 'clause')} are not in all of them, which is shown as: {_NO_CLAUSE}."
    yield from ("", "## Clauses", "")
    yield from table(
        ("clause", "level", *map(plain, targets)),
        ((code(row.clause), row.level, *map(_cell, row.cells)) for row in made.rows),
    )
    yield from ("", "What the signs say: " + ", ".join(map(signed, SIGNS)) + ".")


def _target(column: Column) -> tuple[str, ...]:
    entry = column.entry
    header, conclusion = entry.run.header, entry.run.conclusion
    return (
        f"[{plain(entry.target)}]({column.page}.md)",
        plain(badge(entry.run).message),
        str(conclusion.code.value),
        f"{conclusion.judged} of {conclusion.gated}",
        plain(header.suite),
        plain(header.model),
        plain(entry.day),
        ", ".join(plain(each.started) for each in column.older) or "none",
    )


def _cell(standing: Standing | None) -> str:
    if standing is None:
        return _NO_CLAUSE
    return f"{signed(standing.name)}{f' ({standing.checks})' if standing.checks else ''}"


def target_page(column: Column) -> str:
    """Return the page of one target: how it was run, what it can do, and what it came to."""
    return "\n".join(_page(column)) + "\n"


def _page(column: Column) -> Iterator[str]:
    entry = column.entry
    run = entry.run
    yield f"# CancelHandshake on {code(entry.target)}"
    yield ""
    yield f"![The badge of this target]({column.page}.svg)"
    yield ""
    yield f"**{plain(badge(run).message)}** (exit {run.conclusion.code.value}): {plain(run.conclusion.sentence)}"
    yield ""
    yield f"{run.calls} calls, {run.invitations} of them invitations; {'' if run.header.strict else 'not '}strict."
    yield ""
    yield from table(("", ""), [(name, code(value)) for name, value in facts(run).items()])
    if known := sorted(run.header.target.capabilities.items()):
        yield from ("", "## Capabilities", "")
        yield from table(
            ("capability", "", "how that is known"),
            [(plain(name), "present" if each.present else "missing", plain(each.how)) for name, each in known],
        )
    yield from ("", "## Clauses that didn't pass", "")
    rest = [each for each in entry.standings.values() if each.name != "passed"]
    yield from table(("clause", "level", "outcome", "sentence", "seen"), map(_standing, rest)) if rest else ("none",)
    if column.older:
        yield from ("", f"Older runs that don't count: {', '.join(plain(each.started) for each in column.older)}.")
    yield from ("", "[All targets](matrix.md)")


def _standing(each: Standing) -> tuple[str, ...]:
    return (code(each.clause), each.level, _cell(each), prose(each.sentence), code(each.seen, _SEEN))


def history_page(made: tuple[History, ...], unread: tuple[str, ...] = ()) -> str:
    """Return the history of each target. ``unread`` says which files could not be read, and why."""
    lines = ["# CancelHandshake over time", ""]
    for each in made:
        lines += [*_history(each), ""]
    lines += [f"- left out: {plain(problem)}" for problem in unread]
    return "\n".join(lines).rstrip() + "\n"


def _history(made: History) -> Iterator[str]:
    yield f"## {plain(made.target)}"
    yield ""
    yield from table(
        ("started", "suite", "contract", "verdict", "passed", "failed", "what changed"),
        [_entry(made, each) for each in reversed(made.entries)],
    )
    yield from ("", "### Wrong now", "")
    rows = map(_since, made.wrong)
    yield from (
        table(("clause", "level", "outcome", "since", "last passed", "seen"), rows) if made.wrong else ("nothing",)
    )


def _entry(made: History, entry: Entry) -> tuple[str, ...]:
    header = entry.run.header
    return (
        plain(entry.started),
        plain(header.suite),
        plain(header.model),
        plain(badge(entry.run).message),
        str(entry.counted("passed")),
        str(entry.counted("failed")),
        "<br>".join(_changes(made, entry)) or "nothing",
    )


def _changes(made: History, entry: Entry) -> Iterator[str]:
    for kind in KINDS:
        names = [each.clause for each in made.of(entry, kind)]
        if names:
            left_out = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            yield f"{kind}: {', '.join(map(code, names[:_MOST_NAMES]))}{left_out}"


def _since(each: Since) -> tuple[str, ...]:
    standing = each.standing
    return (
        code(standing.clause),
        standing.level,
        _cell(standing),
        plain(each.first.started),
        plain(each.passed.started) if each.passed else "never",
        code(standing.seen, _SEEN),
    )
