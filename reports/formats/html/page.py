"""The page of a run, with everything that it shows in its order."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.values import COMMAND
from contracts.vocabulary import NOT_COUNTED, ExitCode, Level
from reports.diagnosis import Diagnosis, diagnose
from reports.formats.content.cells import Judged, cells
from reports.formats.content.pages import digest, policy
from reports.formats.html.anchors import Anchors
from reports.formats.html.clauses import Entries, Entry
from reports.formats.html.environment import environment, script, style
from reports.formats.html.exchanges import Exchanges, Scenario
from reports.formats.tally import counts, groups, results_of
from reports.formats.terminal import absent, calls_line, lag, present, verdict_of
from reports.formats.text.diagnosis import details, headline
from reports.formats.text.table import totals
from reports.formats.text.unjudged import TITLES, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.formats.tally import Result
    from reports.run import Judgement, Run

SIGNS = {
    "error": "!",
    "failed": "\u2717",
    NOT_COUNTED: "\u2717",
    "blocked": "\u2298",
    "not implemented": "\u2205",
    "known": "\u2248",
    "passed": "\u2713",
    "not applicable": "\u2013",
}
"""The names of outcomes, the worst first, each with the sign that stands beside it."""
NAMES = tuple(SIGNS)
_MOST_OPEN = 10


def render(run: Run) -> str:
    """Return the page."""
    template = environment().get_template("page.html")
    allowed = policy(style(), f"script-src {digest(script())}", "img-src data:")
    return template.render(page=Page(run), policy=allowed, style=style(), script=script())


@dataclass(frozen=True)
class Row:
    """A row of the table of counts: a theme or a level, and the number of its clauses with each outcome."""

    name: str
    tally: Counter[str]


@dataclass(frozen=True)
class Theme:
    """A theme of the contract with the entries of its clauses."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Unjudged:
    """Clauses that came to one outcome that is none of the target's doing, or is on file, for one reason."""

    title: str
    reason: str
    members: tuple[tuple[str, str], ...]


class Page:
    """The page of a run. Its attributes are made once, in the order in which the page shows them."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.anchors = Anchors()
        results = results_of(run)
        for each in results:
            self.anchors.of("", each.clause)  # a clause's own name comes first
        self.label, self.sentence = verdict_of(run)
        self.good = run.conclusion.code is ExitCode.CONFORMANT
        self.facts = tuple(_facts(run))
        self.command = _command(run)
        self.totals = totals(run, results)
        self.themes_counted, self.levels_counted, self.total = _rows(run, results)
        self.names = tuple(name for name in NAMES if self.total.tally[name])
        self.signs = SIGNS
        self.diagnosis: Diagnosis = diagnose(run)
        self.explanations = tuple(
            (headline(each), tuple(details(each)), each.clauses) for each in self.diagnosis.explanations
        )
        self.cells: tuple[tuple[Judged, ...], ...] = cells(run)
        self.exchanges = Exchanges(run, self.anchors)
        self.themes = tuple(_themes(results, Entries(run, self.anchors, self.exchanges)))
        self.unjudged = tuple(self._unjudged(results))
        self.scenarios: tuple[Scenario, ...] = self.exchanges.scenarios()
        entries = [each for theme in self.themes for each in theme.entries if each.wrong]
        self.wrong = tuple(sorted(entries, key=lambda each: NAMES.index(each.outcome)))
        self.opened = frozenset(each.anchor for each in self.wrong[:_MOST_OPEN] if each.outcome in {"failed", "error"})

    def clause(self, name: str) -> str:
        """Return the id of the element that shows the clause."""
        return self.anchors.of("", name)

    def kind(self, name: str) -> str:
        """Return the name of an outcome as a class of the style sheet, empty for no outcome."""
        return "not-counted" if name == NOT_COUNTED else name.replace(" ", "-")

    def name_of(self, result: Result) -> str:
        """Return the name of the outcome of this clause."""
        return self.run.name_of(result.outcome, result.level)

    def _unjudged(self, results: tuple[Result, ...]) -> Iterator[Unjudged]:
        def key(judgement: Judgement) -> str:
            return judgement.verdict.lacking or judgement.verdict.because

        for outcome, title in TITLES.items():
            for group in groups(results, outcome, key):
                members = zip(group.names(), (self.clause(each.clause) for each in group.results), strict=True)
                yield Unjudged(title.capitalize(), reason(self.run, group), tuple(members))


def _themes(results: tuple[Result, ...], entries: Entries) -> Iterator[Theme]:
    for name in dict.fromkeys(each.theme for each in results):
        yield Theme(name, tuple(entries.entry(each) for each in results if each.theme == name))


def _rows(run: Run, results: tuple[Result, ...]) -> tuple[tuple[Row, ...], tuple[Row, ...], Row]:
    themes = counts(run, results, lambda result: result.theme)
    levels = counts(run, results, lambda result: str(result.level))
    by_level = tuple(Row(str(level), levels[level]) for level in Level if level in levels)
    total = sum(themes.values(), Counter[str]())
    return tuple(Row(name, tally) for name, tally in themes.items()), by_level, Row("all", total)


def _facts(run: Run) -> Iterator[tuple[str, tuple[str, ...]]]:
    header, target = run.header, run.header.target
    yield "Judged", (f"{run.conclusion.judged} of {run.conclusion.gated} clauses that can fail the run",)
    yield "Target", (target.name, f"{target.url}, region {target.region}" if target.url else "a recording")
    yield "Accounts", (target.strategy,)
    yield "Identity", tuple(f"{name} {value}" for name, value in sorted(target.answers.items()))
    yield "Capabilities", tuple(present(run))
    yield "Missing", tuple(absent(run))
    yield "Suite", (f"{header.suite}{', strict' if header.strict else ''}",)
    yield "Contract", (header.model,)
    yield "Model", (header.drift,) if header.drift else ()
    yield "Started", (header.started,)
    yield "Calls", (f"{calls_line(run)}, {run.seconds:.1f} s{lag(run)}",)
    yield "Left open", run.left_open


def _command(run: Run) -> str:
    header = run.header
    replayed = [f"--replay={header.replayed}"] if header.replayed else []
    strict = ["--strict"] if header.strict else []
    repeat = [f"--repeat={header.repeat}"] if header.repeat > 1 and not header.replayed else []
    return shlex.join([COMMAND, *(replayed or header.target.options), *strict, *repeat])
