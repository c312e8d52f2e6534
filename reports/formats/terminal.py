"""How does a run read on a terminal or in a log, for a maintainer who wants to know what is wrong and who says so?"""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.judging.stability import passed
from contracts.vocabulary import CAPABILITIES, ExitCode, Level, Outcome
from reports.formats.excerpt import basis, fields, told, visible
from reports.formats.tally import Group, Result, counts, groups, results

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reports.run import Judgement, Run

_COLORS = {
    Outcome.ERROR: "35",
    Outcome.FAILED: "31",
    Outcome.BLOCKED: "33",
    Outcome.NOT_IMPLEMENTED: "33",
    Outcome.NOT_APPLICABLE: "36",
    Outcome.KNOWN: "36",
    Outcome.PASSED: "32",
}
_COLUMNS = (
    Outcome.PASSED,
    Outcome.KNOWN,
    Outcome.NOT_APPLICABLE,
    Outcome.NOT_IMPLEMENTED,
    Outcome.BLOCKED,
    Outcome.FAILED,
    Outcome.ERROR,
)
_LABELS = {
    ExitCode.CONFORMANT: "CONFORMANT",
    ExitCode.FAILED: "NOT CONFORMANT",
    ExitCode.INTERRUPTED: "INTERRUPTED",
    ExitCode.INTERNAL_ERROR: "INTERNAL ERROR",
    ExitCode.USAGE: "BAD USAGE",
    ExitCode.NOTHING_JUDGED: "NOTHING JUDGED",
    ExitCode.UNREACHABLE: "UNREACHABLE",
    ExitCode.NOT_IMPLEMENTED: "NOT IMPLEMENTED",
    ExitCode.INCONCLUSIVE: "INCONCLUSIVE",
}
_NARROWEST = 60
_FIELD = 11
_MOST_CASES = 8


def render(run: Run, *, color: bool = False, width: int = 100) -> str:
    """Which text shows the run? Its last line is the conclusion."""
    page = _Page(run, results(run), _Style(color=color, width=max(width, _NARROWEST)))
    judged = [*page.failures(), page.unstable(), page.advisory(), *page.unjudged()]
    blocks = [page.target(), page.table(), *judged, page.closing()]
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block) + "\n"


@dataclass(frozen=True)
class _Style:
    """How wide a line may be, and whether it may have colours."""

    color: bool
    width: int

    def paint(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.color else text

    def title(self, text: str, outcome: Outcome) -> str:
        return self.paint(text, f"1;{_COLORS[outcome]}")

    def wrap(self, text: str, first: str = "", then: str = "", *, anywhere: bool = False) -> list[str]:
        """Lay the text out below the start of its first line, keeping the lines that it has."""
        lines: list[str] = []
        for paragraph in visible(text).splitlines():
            lines += textwrap.wrap(
                paragraph,
                self.width,
                initial_indent=then if lines else first,
                subsequent_indent=then,
                break_long_words=anywhere,
                break_on_hyphens=False,
            )
        return lines

    def field(self, name: str, lines: Iterable[str]) -> list[str]:
        """Lay out one field: its name, and its lines beside it."""
        then = " " * (_FIELD + 2)
        found: list[str] = []
        for line in lines:
            first = then if found else f"  {name:<{_FIELD}}"
            if name == "Reproduce":  # a command is copied as one piece
                found.append(first + line)
            elif name == "Exchange":
                found += self.wrap(line, first, then + "  ", anywhere=True)
            else:
                found += self.wrap(line, first, then)
        return found


@dataclass(frozen=True)
class _Grid:
    """A table of counts, a column for each outcome; a name that is too long for a column stands on two lines."""

    columns: list[Outcome]
    widest: int
    style: _Style

    def heading(self) -> list[str]:
        upper = self._line("", [outcome.rpartition("-")[0] for outcome in self.columns], "")
        lower = self._line("clauses", [outcome.rpartition("-")[2] for outcome in self.columns], "total")
        return [line for line in (upper, lower) if line.strip()]

    def rule(self) -> str:
        return "  " + "-" * (len(self.heading()[-1]) - 2)

    def row(self, name: str, found: Counter[Outcome]) -> str:
        return self._line(name, [str(found[outcome] or ".") for outcome in self.columns], str(found.total()))

    def _line(self, name: str, cells: list[str], total: str) -> str:
        widths = [len(outcome.rpartition("-")[2]) for outcome in self.columns]
        gap = "  " if sum(widths) + 2 * len(widths) + self.widest + 9 <= self.style.width else " "
        padded = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        painted = (
            self.style.paint(cell, _COLORS[outcome]) if cell.strip().isdigit() else cell
            for cell, outcome in zip(padded, self.columns, strict=True)
        )
        return f"  {name:<{self.widest}}{gap}{gap.join(painted)}{gap}{total:>5}".rstrip()


@dataclass(frozen=True)
class _Page:
    """One run, as the blocks of its page."""

    run: Run
    results: tuple[Result, ...]
    style: _Style

    def target(self) -> list[str]:
        header, target = self.run.header, self.run.header.target
        said = ", ".join(f"{name} {value}" for name, value in sorted(target.answers.items()))
        strict = ", strict" if header.strict else ""
        where = f"{target.url}, region {target.region}, accounts by {target.strategy}"
        return [
            self.style.paint(visible(f"CancelHandshake on {target.name}"), "1"),
            *self.style.field("Target", [where] if target.url else []),
            *self.style.field("Answered", [said] if said else []),
            *self.style.field("Can", self._capabilities(present=True)),
            *self.style.field("Lacks", self._capabilities(present=False)),
            *self.style.field("Suite", [f"{header.suite}{strict}; contract of {header.model}; {header.started}"]),
        ]

    def _capabilities(self, *, present: bool) -> list[str]:
        by_reason: dict[str, list[str]] = {}
        for name, known in sorted(self.run.header.target.capabilities.items()):
            if known.present is present:
                by_reason.setdefault(known.how, []).append(name)
        return [f"{', '.join(names)}: {how}" for how, names in by_reason.items()]

    def table(self) -> list[str]:
        themes = counts(self.results, lambda result: result.theme)
        levels = counts(self.results, lambda result: str(result.level))
        total = sum(themes.values(), Counter[Outcome]())
        always = {Outcome.PASSED, Outcome.FAILED}
        columns = [outcome for outcome in _COLUMNS if total[outcome] or outcome in always]
        by_level = {str(level): levels[level] for level in Level if level in levels}
        grid = _Grid(columns, max(map(len, [*themes, *levels, "clauses"])), self.style)
        return [
            *grid.heading(),
            *(grid.row(name, found) for name, found in themes.items()),
            grid.rule(),
            *(grid.row(name, found) for name, found in by_level.items()),
            grid.rule(),
            grid.row("all", total),
            f"  {total.total()} clauses, put as {len(self.run.judgements)} questions",
            *self._shares(),
        ]

    def _shares(self) -> Iterator[str]:
        """Say how many of the runs each clause passed; those that passed all of their runs are only counted."""
        if self.run.header.repeat == 1:
            return
        always = [each for each in self.results if {*each.runs} == {Outcome.PASSED}]
        yield f"  {_clauses(len(always))} passed in every run"
        others: dict[str, list[str]] = {}
        for result in self.results:
            if result not in always and {*result.runs} & {Outcome.PASSED, Outcome.FAILED}:
                others.setdefault(passed(result.runs), []).append(result.clause)
        for share, names in sorted(others.items(), key=lambda each: -int(each[0].partition("/")[0])):
            yield from self.style.wrap(f"passed {share}: {', '.join(names)}", "  ", "    ")

    def failures(self) -> Iterator[list[str]]:
        """Show in full what the suite got wrong, then what a target must mend, then what it should."""
        wanted = [(Outcome.ERROR, level) for level in Level]
        wanted += [(Outcome.FAILED, level) for level in (Level.REQUIRED, Level.RECOMMENDED)]
        for outcome, level in wanted:
            for result in self.results:
                if result.level is level and (concerned := result.cases(outcome)):
                    yield self._failure(concerned, result)

    def _failure(self, judgements: tuple[Judgement, ...], result: Result) -> list[str]:
        first, further = judgements[0], judgements[1:]
        outcome = first.verdict.outcome
        lines = [self.style.title(f"{outcome.upper()} {first.verdict.name}", outcome) + f" ({basis(first)})"]
        lines += self.style.wrap(first.sentence, "  ", "  ")
        for name, content in fields(self.run, first):
            lines += self.style.field(name, content)
        also = [f"{each.verdict.case}: {self._short(each)}" for each in further[:_MOST_CASES]]
        if left := further[_MOST_CASES:]:
            also.append(f"and {len(left)} more")
        if also:
            heading = f"{outcome.capitalize()} in {len(judgements)} of {len(result.judgements)} cases, also in"
            lines += [f"  {heading}", *(line for text in also for line in self.style.wrap(text, "    ", "      "))]
        return lines

    def _short(self, judgement: Judgement) -> str:
        verdict = judgement.verdict
        return " ".join((verdict.actual or verdict.because).split())

    def unstable(self) -> list[str]:
        """Name every clause that didn't come to the same in every run, whatever its level."""
        concerned = [result for result in self.results if result.unstable]
        if not concerned:
            return []
        lines = [self.style.title(f"UNSTABLE, not the same in every run: {_clauses(len(concerned))}", Outcome.FAILED)]
        for result in concerned:
            first, *further = result.unstable
            more = f" (and {len(further)} more case{'s' * (len(further) > 1)})" if further else ""
            text = f"{first.verdict.name} ({first.verdict.level}): {told(first.verdict.runs)}{more}"
            lines += self.style.wrap(text, "  ", "    ")
        return lines

    def advisory(self) -> list[str]:
        """Name in a line each what differs from a clause that fails no run."""
        concerned = [each for each in self.results if each.level is Level.ADVISORY and each.cases(Outcome.FAILED)]
        if not concerned:
            return []
        lines = [self.style.paint(f"ADVISORY, which fails no run: {_clauses(len(concerned))} not met", "1;36")]
        for result in concerned:
            first, *further = result.cases(Outcome.FAILED)
            more = f" (and {len(further)} more case{'s' * (len(further) > 1)})" if further else ""
            text = f"{first.verdict.name}: expected {first.verdict.expected}; actual {first.verdict.actual}{more}"
            lines += self.style.wrap(" ".join(text.split()), "  ", "    ")
        return lines

    def unjudged(self) -> Iterator[list[str]]:
        """Say of every clause that wasn't judged, or is on file, why: each outcome apart, the same reasons together."""
        titles = {
            Outcome.BLOCKED: "BLOCKED by a call that failed before",
            Outcome.NOT_IMPLEMENTED: "NOT IMPLEMENTED, by this sign",
            Outcome.NOT_APPLICABLE: "NOT APPLICABLE for want of a capability",
            Outcome.KNOWN: "KNOWN deviations on file",
        }
        for outcome, title in titles.items():
            reason = self._lacking if outcome is Outcome.NOT_APPLICABLE else _because
            if found := groups(self.results, outcome, reason):
                yield [self.style.title(title, outcome), *(line for group in found for line in self._group(group))]

    def _group(self, group: Group) -> list[str]:
        named = f"{_clauses(len(group.results))}: {', '.join(group.names())}"
        return [*self.style.wrap(group.reason, "  ", "  "), *self.style.wrap(named, "    ", "      ")]

    def _lacking(self, judgement: Judgement) -> str:
        """Say which capability the verdict names, and how that is known, if the target is known to lack it."""
        because = _because(judgement)
        name = judgement.verdict.lacking
        known = self.run.header.target.capabilities.get(name)
        if known is None or known.present:
            return because
        return f"{name}: {known.how}; applicable once {CAPABILITIES.get(name, name)}"

    def closing(self) -> list[str]:
        conclusion = self.run.conclusion
        label = _LABELS[conclusion.code]
        sentence = conclusion.sentence.removeprefix(f"{label.lower()}: ")
        shade = Outcome.PASSED if conclusion.code is ExitCode.CONFORMANT else Outcome.FAILED
        verdict = self.style.title(f"{label} (exit {conclusion.code.value})", shade)
        calls, invitations = self.run.calls, self.run.invitations
        lag, caught_up = self.run.lag
        lagged = f"; reads lagged behind writes by up to {lag:.1f} s ({visible(caught_up)})" if caught_up else ""
        counted = f"{calls} calls to the target, {invitations} of them invitations"
        if self.run.throttled:
            counted += f", {self.run.throttled} refused for their rate and made again"
        if self.run.header.replayed:
            counted = f"{calls} exchanges of {visible(self.run.header.replayed)} judged again, nothing was sent"
        if self.run.header.repeat > 1:
            once = ", ".join(self.run.driven_once)
            counted += f", each scenario driven {self.run.header.repeat} times{f' (once: {once})' if once else ''}"
        stays = self.run.left_open
        return [
            *self.style.wrap(f"LEFT OPEN on the target: {', '.join(map(visible, stays))}" if stays else "", "", "  "),
            f"{counted}, {self.run.seconds:.1f} s{lagged}",
            f"{verdict}: {visible(sentence)}",
        ]


def _because(judgement: Judgement) -> str:
    return judgement.verdict.because or "no reason was given"


def _clauses(count: int) -> str:
    return f"{count} clause{'' if count == 1 else 's'}"
