"""The report on a terminal or in a log. Its last line is the conclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.printing.visible import visible
from contracts.values import EMBEDDED
from contracts.vocabulary import CAPABILITIES, ExitCode, Outcome
from reports.diagnosis import diagnose
from reports.formats.tally import results_of
from reports.formats.text.diagnosis import diagnosis
from reports.formats.text.failures import advisory, failures, failures_in_brief, unstable
from reports.formats.text.layout import Style, count_of
from reports.formats.text.table import table
from reports.formats.text.unjudged import TITLES, missing, not_implemented, unjudged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.diagnosis import Diagnosis
    from reports.formats.tally import Result
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


def render(run: Run, *, color: bool = False, width: int = 100, verbosity: int = 0) -> str:
    """Return the run as text.

    A target that doesn't implement the operation gets a short report. A ``verbosity`` above 0 asks for the whole one,
    with every clause that wasn't judged by name; one below 0 for verdict, diagnosis and a line for each failure.
    """
    results, style = results_of(run), Style(color=color, width=max(width, _NARROWEST))
    found = diagnose(run)
    if verbosity < 0:
        blocks = [diagnosis(found, style, brief=True), failures_in_brief(run, results, style), _closing(run, style)]
    else:
        blocks = [*_blocks(run, results, style, found, verbose=verbosity > 0)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _blocks(
    run: Run, results: tuple[Result, ...], style: Style, found: Diagnosis, *, verbose: bool
) -> Iterator[list[str]]:
    short = run.conclusion.code is ExitCode.NOT_IMPLEMENTED and not verbose
    outcomes = (Outcome.KNOWN,) if short else tuple(TITLES)
    yield _target(run, style, short=short)
    yield not_implemented(run, results, style) if short else table(run, results, style)
    yield diagnosis(found, style)
    yield from failures(run, results, style, found)
    yield unstable(results, style)
    yield advisory(results, style)
    yield from unjudged(run, results, style, outcomes=outcomes, verbose=verbose)
    yield _closing(run, style)


def _target(run: Run, style: Style, *, short: bool) -> list[str]:
    header, target = run.header, run.header.target
    answers = ", ".join(f"{name} {value}" for name, value in sorted(target.answers.items()))
    strict = ", strict" if header.strict else ""
    where = f"{target.url}, region {target.region}, accounts: {target.strategy}"
    return [
        style.paint(visible(f"CancelHandshake on {target.name}"), "1"),
        *style.field("Target", [where] if target.url else []),
        *style.field("Identity" if target.url else "Recording", [answers] if answers else []),
        *style.field("Capabilities", [] if short else present(run)),
        *style.field("Missing", [] if short else absent(run)),
        *style.field("Suite", [f"{header.suite}{strict}; contract of {header.model}; {header.started}"]),
        *style.field("Model", [visible(header.drift)] if header.drift else []),
    ]


def present(run: Run) -> Iterator[str]:
    """Say which capabilities that a clause needs the target has, those known in the same way together."""
    by_source: dict[str, list[str]] = {}
    for name, known in sorted(run.header.target.capabilities.items()):
        if known.present and name in run.needed:
            by_source.setdefault(known.how, []).append(name)
    yield from (f"{', '.join(names)} ({source})" for source, names in by_source.items())


def absent(run: Run) -> Iterator[str]:
    """Name the capabilities that a clause needs and the target lacks.

    How that is known stands here only where no clause is not applicable for it; else it stands beside those clauses.
    """
    told_below = missing(run)
    capabilities = sorted(run.header.target.capabilities.items())
    absent = [(name, known.how) for name, known in capabilities if not known.present and name in run.needed]
    if absent:
        yield ", ".join(name if name in told_below else f"{name} ({how})" for name, how in absent)


def verdict_of(run: Run) -> tuple[str, str]:
    """Return the verdict in capitals, and the sentence that says why."""
    conclusion = run.conclusion
    label, sentence = _LABELS[conclusion.code], conclusion.sentence
    if conclusion.code is ExitCode.CONFORMANT and ": " in sentence:
        label, _, sentence = sentence.partition(": ")
        label = label.upper()
    return label, visible(sentence.removeprefix(f"{label.lower()}: ")) + _stand_in(run)


def _closing(run: Run, style: Style) -> list[str]:
    conclusion = run.conclusion
    label, sentence = verdict_of(run)
    shade = Outcome.PASSED if conclusion.code is ExitCode.CONFORMANT else Outcome.FAILED
    stays, answered = run.left_open, ", ".join(run.answered_by_sender)
    stood_in = f"The sender answered its own invitations ({answered}): nobody else can act, and the target let it."
    return [
        *style.wrap(stood_in if answered else "", "", "  "),
        *style.wrap(f"LEFT OPEN on the target: {', '.join(map(visible, stays))}" if stays else "", "", "  "),
        *(line for name, count in conclusion.lacking.items() for line in style.wrap(_lack(name, count), "", "  ")),
        f"{calls_line(run)}, {run.seconds:.1f} s{lag(run)}",
        f"{style.title(f'{label} (exit {conclusion.code.value})', shade)}: {sentence}",
    ]


def _lack(capability: str, clauses: int) -> str:
    """Return how many clauses that can fail the run were not judged for want of this capability."""
    count = count_of(clauses, "clause")
    return f"NOT JUDGED for want of {capability}: {count} (applicable once {CAPABILITIES[capability]})"


def _stand_in(run: Run) -> str:
    """Return the reminder that nothing named the target, so that somebody may have meant another."""
    target = run.header.target
    by_default = target.name == EMBEDDED and target.url and not target.options and not run.header.replayed
    return "; this was the embedded reference: --endpoint-url or --target names another" if by_default else ""


def calls_line(run: Run) -> str:
    """Return how many calls went to the target, or were judged again, and which were made again."""
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


def lag(run: Run) -> str:
    """Return for how long reads lagged behind writes, and nothing if they didn't."""
    seconds, exchange = run.lag
    return f"; reads lagged behind writes by up to {seconds:.1f} s ({visible(exchange)})" if exchange else ""
