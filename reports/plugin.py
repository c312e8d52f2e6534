"""The pytest hooks that gather verdicts and transcripts, conclude, and only then write the report."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts import __version__
from contracts.clauses import HAPPY_PATH, contract
from contracts.coverage.drift import brief
from contracts.deviations import matching
from contracts.deviations.entries import UnsoundDeviations
from contracts.deviations.observation import observe
from contracts.judging.conclusion import Conclusion, Terms, conclude
from contracts.judging.exchange import Transcript, first_name
from contracts.judging.lines import read_transcripts, transcript_lines
from contracts.judging.verdict import MOST_SHOWN, Verdict, gate
from contracts.model.operation import model_version
from contracts.printing.visible import harmless, line
from contracts.stash import (
    DEVIATIONS,
    LEFTOVERS,
    NARROWED,
    PLANNED,
    PREFLIGHT,
    PROMISED,
    REFUSED,
    REPLAY,
    SECRETS,
    TARGET,
    TRANSCRIPTS,
    VERDICT,
)
from contracts.vocabulary import NOT_COUNTED, ExitCode, Outcome
from reports import replay
from reports.formats import contract as contract_listing
from reports.formats import terminal
from reports.formats.explanation import explain
from reports.progress import Progress
from reports.redaction.redact import redacted
from reports.run import Header, Judgement, Run
from reports.writing import clear, write_reports

if TYPE_CHECKING:
    from collections.abc import Generator

    from contracts.deviations.matching import Filed
    from contracts.printing.concealing import Secrets

VERDICT_PROPERTY = "conformance-verdict"
OUTCOME_PROPERTY = "conformance-outcome"
TRANSCRIPTS_PROPERTY = "conformance-transcripts"
# Of failed clauses only those that fail no run come here: the others are failures to pytest as well.
LETTERS = {
    Outcome.FAILED: (NOT_COUNTED, "f", f"FAILED{NOT_COUNTED.removeprefix('failed')}"),
    Outcome.BLOCKED: ("blocked", "b", "BLOCKED"),
    Outcome.NOT_IMPLEMENTED: ("not implemented", "n", "NOT IMPLEMENTED"),
    Outcome.NOT_APPLICABLE: ("not applicable", "-", "NOT APPLICABLE"),
    Outcome.KNOWN: ("known deviation", "k", "KNOWN DEVIATION"),
}


class Gathering:
    """The verdicts and transcripts so far, from this process or from pytest-xdist's workers."""

    def __init__(self) -> None:
        self.started = datetime.now(UTC)
        self.clock = time.perf_counter()
        self.verdicts: list[Verdict] = []
        self.transcripts: list[Transcript] = []


GATHERED: pytest.StashKey[Gathering] = pytest.StashKey()


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Print the contract instead of running anything, if that is asked for."""
    if config.option.explain is not None:
        text = explain(contract()[config.option.explain])
    elif config.option.list_clauses is not None:
        text = contract_listing.render(config.option.list_clauses)
    else:
        return None
    print(harmless(text))  # noqa: T201  # there is no terminal reporter yet
    return 0


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder for the reports and read what is to be replayed, before anything is sent."""
    folder = config.option.report_dir
    if folder is not None and not hasattr(config, "workerinput"):
        try:
            clear(Path(folder))
        except OSError as error:
            problem = f"--report-dir: {folder} can't be made a folder to write to: {error.strerror}"
            raise pytest.UsageError(line(f"{problem}; expected one that can")) from error
    if config.option.replay is None:
        return
    try:
        config.stash[REPLAY] = replay.load(Path(config.option.replay))
    except replay.Unreplayable as error:
        raise pytest.UsageError(line(error)) from error


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach verdict and transcripts to pytest's own report."""
    report = yield
    transcripts = item.stash.get(TRANSCRIPTS, ())
    if call.when == "setup" and transcripts:
        report.user_properties.append((TRANSCRIPTS_PROPERTY, transcripts))
    verdict = _verdict_of(item, call)
    if verdict is not None:
        report.user_properties.append((VERDICT_PROPERTY, verdict))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(report: pytest.TestReport | pytest.CollectReport) -> Generator[None, Any, Any]:
    """Turn verdict and transcripts into text where pytest-xdist carries the report to the main process."""
    if isinstance(report, pytest.TestReport):
        carried: list[tuple[str, Any]] = [*report.user_properties]
        report.user_properties[:] = [(name, _as_text(value)) for name, value in carried]
    return (yield)


def _as_text(value: Any) -> Any:
    match value:
        case Verdict():
            return json.dumps(value.to_json())
        case (Transcript(), *_):
            return json.dumps([line for transcript in value for line in transcript_lines(transcript)])
        case _:
            return value


def _verdict_of(item: pytest.Item, call: pytest.CallInfo[None]) -> Verdict | None:
    """Return the clause's verdict, or one of outcome ``error`` if the test broke before it came to one."""
    check = getattr(item, "check", None)
    if check is None:
        return None
    if call.when == "call" and VERDICT in item.stash:
        return replace(item.stash[VERDICT], test=item.nodeid)
    if call.excinfo is None or call.when == "teardown":
        return None
    because = str(call.excinfo.getrepr(style="short"))
    return Verdict(check.clause.id, check.case, check.clause.level, Outcome.ERROR, because=because, test=item.nodeid)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to gather, if this is the main process of a conformance run."""
    config = session.config
    if TARGET not in config.stash or hasattr(config, "workerinput"):
        return
    config.stash[GATHERED] = Gathering()
    terminal_reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    scenarios = len(contract().scenarios) * config.option.repeat

    def write_line(text: str) -> None:
        terminal_reporter.ensure_newline()
        terminal_reporter.write_line(text)

    progress = Progress(scenarios, config.stash.get(PLANNED, 0), write_line)
    config.pluginmanager.register(
        Gatherer(config.stash[GATHERED], progress, config.stash[SECRETS]), "conformance-gatherer"
    )
    if config.option.tbstyle == "auto":
        config.option.tbstyle = "no"  # the report shows each failure in the contract's words
        terminal_reporter.reportchars = ""


class Gatherer:
    """Collects what the tests' reports carry."""

    def __init__(self, gathering: Gathering, progress: Progress, secrets: Secrets) -> None:
        self._gathering = gathering
        self._progress = progress
        self._secrets = secrets

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the verdict and the transcripts of one test off its report.

        They aren't redacted yet, so other plugins that write reports must not find them there.
        """
        carried: list[tuple[str, Any]] = [*report.user_properties]
        report.user_properties.clear()
        _conceal(report, self._secrets)
        for name, value in carried:
            if name == VERDICT_PROPERTY:
                verdict = Verdict.from_json(json.loads(value)) if isinstance(value, str) else value
                self._gathering.verdicts.append(verdict)
                report.user_properties.append((OUTCOME_PROPERTY, str(verdict.outcome)))
            elif name == TRANSCRIPTS_PROPERTY:
                for transcript in read_transcripts(json.loads(value)) if isinstance(value, str) else value:
                    self._gathering.transcripts.append(transcript)
                    known = first_name(transcript.scenario) in contract().scenarios
                    self._progress.note(transcript, is_scenario=known)
            else:
                report.user_properties.append((name, value))


def _conceal(report: pytest.TestReport, secrets: Secrets) -> None:
    """Take credentials out of pytest's own texts, which other plugins write into reports of their own."""
    report.sections[:] = [(name, secrets.conceal(text)) for name, text in report.sections]
    text = report.longreprtext
    if (concealed := secrets.conceal(text)) != text:
        report.longrepr = concealed


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Tell the outcomes apart in the progress that pytest would all call skipped."""
    properties = getattr(report, "user_properties", ())  # a file that could not be collected has none
    outcome = next((value for name, value in properties if name == OUTCOME_PROPERTY), None)
    if outcome is None or report.outcome != "skipped":
        return None
    return LETTERS[Outcome(str(outcome))]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None]:
    """Decide the exit status, let pytest finish, then write and print the report."""
    config = session.config
    if GATHERED not in config.stash:
        return (yield)
    gathering = config.stash[GATHERED]
    conclusion = _conclude(config, gathering, int(exitstatus))
    session.exitstatus = conclusion.code
    yield
    leftovers: tuple[Transcript, ...] = config.stash.get(LEFTOVERS, ())
    gathering.transcripts.extend(leftovers)
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    troubles = [config.stash[REFUSED]] if REFUSED in config.stash else []
    if config.option.write_deviations is not None:
        try:
            reporter.write_line(_write_deviations(config, gathering))
        except UnsoundDeviations as error:
            troubles.append(f"--write-deviations: {error}")
    secrets = config.stash[SECRETS]
    run = redacted(_run(config, gathering, _spoiled(conclusion, troubles)), secrets).shortened(MOST_SHOWN)
    if config.option.report_dir is not None and (trouble := write_reports(run, Path(config.option.report_dir))):
        troubles.append(trouble)
        run = replace(run, conclusion=_spoiled(conclusion, troubles))
    session.exitstatus = run.conclusion.code
    for trouble in troubles:
        reporter.write_line(line(f"ERROR: {trouble}"), red=True)
    reporter.write_line("")
    width = reporter._tw.fullwidth  # noqa: SLF001  # pytest has no other way to ask for it
    text = terminal.render(run, color=reporter.hasmarkup, width=width, verbosity=config.option.verbose)
    reporter.write(text, flush=True)


def _spoiled(conclusion: Conclusion, troubles: list[str]) -> Conclusion:
    """Return the conclusion of a run in which something went wrong that was asked for. It is no success any more."""
    if not troubles or conclusion.code is not ExitCode.CONFORMANT:
        return conclusion
    return replace(conclusion, code=ExitCode.USAGE, sentence=f"{troubles[0]}; else the run is {conclusion.sentence}")


def _conclude(config: pytest.Config, gathering: Gathering, exitstatus: int) -> Conclusion:
    if exitstatus == ExitCode.INTERRUPTED:
        return Conclusion(ExitCode.INTERRUPTED, "interrupted before every clause was judged")
    if REFUSED in config.stash:
        return Conclusion(ExitCode.USAGE, config.stash[REFUSED])
    if exitstatus in {ExitCode.INTERNAL_ERROR, ExitCode.USAGE}:
        return Conclusion(ExitCode(exitstatus), "pytest itself ended the run; see its message above")
    filed, today = _filed(config, gathering), gathering.started.date()
    terms = Terms(
        config.stash[PROMISED],
        HAPPY_PATH,
        strict=_is_strict(config),
        complete=config.option.complete,
        narrowed=config.stash[NARROWED],
        ending=matching.ending(filed, today),
        outdated=matching.outdated(filed),
    )
    conclusion = conclude(gathering.verdicts, terms)
    if exitstatus == ExitCode.FAILED and conclusion.code is ExitCode.CONFORMANT:
        return Conclusion(ExitCode.INTERNAL_ERROR, "a test failed without coming to a verdict")
    return conclusion


def _filed(config: pytest.Config, gathering: Gathering) -> tuple[Filed, ...]:
    entries = config.stash[DEVIATIONS]
    return matching.filed(entries, gathering.verdicts, gathering.started.date())


def _write_deviations(config: pytest.Config, gathering: Gathering) -> str:
    """Write the failures of the run as entries, and return a line that says how many."""
    from contracts.deviations.writing import Failure, write  # noqa: PLC0415  # as its TOML library, for this only

    gating, happy = (
        gate(strict=_is_strict(config)),
        {each.clause for each in gathering.verdicts if each.outcome is Outcome.PASSED},
    )
    # Where not even the happy path passed, what is blocked says nothing of the target.
    wrong = matching.WRONG if HAPPY_PATH in happy else {Outcome.FAILED}
    failures = [
        Failure(each.clause, each.case, observe(each, gathering.transcripts, config.stash[SECRETS].conceal))
        for each in gathering.verdicts
        if each.outcome in wrong and each.level in gating
    ]
    judged = Counter(each.clause for each in gathering.verdicts)
    path = Path(config.option.write_deviations)
    written = write(path, failures, judged, gathering.started.date())
    return f"{written} entr{'y' if written == 1 else 'ies'} written to {path}: give each its reason"


def _is_strict(config: pytest.Config) -> bool:
    """Return whether recommended clauses count: with ``--strict``, and where single clauses were asked for."""
    return bool(config.option.strict) or config.stash[NARROWED]


def _run(config: pytest.Config, gathering: Gathering, conclusion: Conclusion) -> Run:
    clauses = {clause.id: (place, clause) for place, clause in enumerate(contract().clauses)}
    header = Header(
        suite=__version__,
        started=gathering.started.isoformat(timespec="seconds"),
        model=model_version(),
        target=config.stash[TARGET],
        strict=_is_strict(config),
        replayed=Path(config.option.replay).name if config.option.replay else "",
        repeat=config.stash[REPLAY].repeat if REPLAY in config.stash else config.option.repeat,
        drift=brief(),
    )
    order = {scenario: place for place, scenario in enumerate(contract().scenarios)}
    verdicts = sorted(gathering.verdicts, key=lambda v: (clauses[v.clause][0], v.case))
    # A scenario's runs came in in their order, and stay in it.
    first_names = ((first_name(transcript.scenario), transcript) for transcript in gathering.transcripts)
    transcripts = sorted(first_names, key=lambda named: (order.get(named[0], -1), named[0]))
    return Run(
        header=header,
        transcripts=(config.stash[PREFLIGHT], *(transcript for _, transcript in transcripts)),
        deviations=_filed(config, gathering),
        judgements=tuple(Judgement.of(verdict, clauses[verdict.clause][1]) for verdict in verdicts),
        conclusion=conclusion,
        seconds=round(time.perf_counter() - gathering.clock, 3),
    )
