"""The report on a terminal or in a log. Its last line is the conclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.vocabulary import ExitCode, Outcome
from reports.formats.excerpt import visible
from reports.formats.failures import advisory, failures, unstable
from reports.formats.layout import Style
from reports.formats.table import table
from reports.formats.tally import results_of
from reports.formats.unjudged import TITLES, missing, not_implemented, unjudged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.run import Run

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


def render(run: Run, *, color: bool = False, width: int = 100, verbose: bool = False) -> str:
    """Return the run as text.

    A target that doesn't implement the operation gets a short report. ``verbose`` asks for the whole one, with every
    clause that wasn't judged by name.
    """
    results, style = results_of(run), Style(color=color, width=max(width, _NARROWEST))
    short = run.conclusion.code is ExitCode.NOT_IMPLEMENTED and not verbose
    outcomes = (Outcome.KNOWN,) if short else tuple(TITLES)
    blocks = [
        _target(run, style, short=short),
        not_implemented(run, results, style) if short else table(run, results, style),
        *failures(run, results, style),
        unstable(results, style),
        advisory(results, style),
        *unjudged(run, results, style, outcomes=outcomes, verbose=verbose),
        _closing(run, style),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _target(run: Run, style: Style, *, short: bool) -> list[str]:
    header, target = run.header, run.header.target
    answers = ", ".join(f"{name} {value}" for name, value in sorted(target.answers.items()))
    strict = ", strict" if header.strict else ""
    where = f"{target.url}, region {target.region}, accounts: {target.strategy}"
    return [
        style.paint(visible(f"CancelHandshake on {target.name}"), "1"),
        *style.field("Target", [where] if target.url else []),
        *style.field("Identity" if target.url else "Recording", [answers] if answers else []),
        *style.field("Capabilities", [] if short else _present(run)),
        *style.field("Missing", [] if short else _absent(run)),
        *style.field("Suite", [f"{header.suite}{strict}; contract of {header.model}; {header.started}"]),
    ]


def _present(run: Run) -> Iterator[str]:
    """Say which capabilities that a clause needs the target has, those known in the same way together."""
    by_source: dict[str, list[str]] = {}
    for name, known in sorted(run.header.target.capabilities.items()):
        if known.present and name in run.needed:
            by_source.setdefault(known.how, []).append(name)
    yield from (f"{', '.join(names)} ({source})" for source, names in by_source.items())


def _absent(run: Run) -> Iterator[str]:
    """Name the capabilities that a clause needs and the target lacks.

    How that is known stands here only where no clause is not applicable for it; else it stands beside those clauses.
    """
    told_below = missing(run)
    capabilities = sorted(run.header.target.capabilities.items())
    absent = [(name, known.how) for name, known in capabilities if not known.present and name in run.needed]
    if absent:
        yield ", ".join(name if name in told_below else f"{name} ({how})" for name, how in absent)


def _closing(run: Run, style: Style) -> list[str]:
    conclusion = run.conclusion
    label = _LABELS[conclusion.code]
    sentence = conclusion.sentence.removeprefix(f"{label.lower()}: ")
    shade = Outcome.PASSED if conclusion.code is ExitCode.CONFORMANT else Outcome.FAILED
    stays, answered = run.left_open, ", ".join(run.answered_by_sender)
    stood_in = f"The sender answered its own invitations ({answered}): nobody else can act, and the target let it."
    return [
        *style.wrap(stood_in if answered else "", "", "  "),
        *style.wrap(f"LEFT OPEN on the target: {', '.join(map(visible, stays))}" if stays else "", "", "  "),
        f"{_calls(run)}, {run.seconds:.1f} s{_lag(run)}",
        f"{style.title(f'{label} (exit {conclusion.code.value})', shade)}: {visible(sentence)}",
    ]


def _calls(run: Run) -> str:
    calls = f"{run.calls} calls to the target, {run.invitations} of them invitations"
    if run.busy:
        calls += f", {run.busy} made again as the target was busy"
    if run.resent:
        calls += f", {run.resent} made again as the connection had been closed while idle"
    if run.header.replayed:
        calls = f"{run.calls} exchanges of {visible(run.header.replayed)} judged again, nothing was sent"
    if run.header.repeat > 1:
        once = ", ".join(run.driven_once)
        calls += f", each scenario driven {run.header.repeat} times{f' (once: {once})' if once else ''}"
    return calls


def _lag(run: Run) -> str:
    seconds, exchange = run.lag
    return f"; reads lagged behind writes by up to {seconds:.1f} s ({visible(exchange)})" if exchange else ""
