"""Whatever a target answers, every judge comes to a verdict, and every report can be written."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from contracts.clauses import HAPPY_PATH, contract
from contracts.judging.absence import ASKED, DESCRIBED, NONSENSE, NOT_ASKED, PREFLIGHT, absence_in
from contracts.judging.conclusion import Terms, conclude
from contracts.judging.exchange import Transcript
from contracts.judging.judge import judge
from contracts.values import TargetFacts
from contracts.vocabulary import Outcome
from fixtures.scenarios.checks import checks
from proof.matrix import drive, judge_of
from reports import stream
from reports.formats import annotations, junit, terminal
from reports.redaction.redact import redacted
from reports.run import Header, Judgement, Run
from tests.answers import Answer, Change, answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.judging.verdict import Verdict

# An example that fails isn't shrunk: each takes a whole run's judging.
GENERATE = (Phase.explicit, Phase.generate)
QUICK = settings(
    derandomize=True, deadline=None, max_examples=30, phases=GENERATE, suppress_health_check=[*HealthCheck]
)
LONG = settings(QUICK, max_examples=60)
PLACES = 34  # members and entries of the answer to a cancellation
SMALL = ("account", "email")


@cache
def healthy() -> dict[str, Transcript]:
    return drive()


def judged(transcripts: Mapping[str, Transcript], answer: Answer | None = None) -> Iterator[Verdict]:
    """Judge every clause on these transcripts; ``answer`` takes the place of the one that is judged each time."""
    for clause in contract().clauses:
        for check in checks(clause):
            if check.scenario not in transcripts:
                continue
            transcript = transcripts[check.scenario]
            if answer is not None:
                put = [answer.in_place_of(each) if each.step == check.step else each for each in transcript.exchanges]
                transcript = replace(transcript, exchanges=tuple(put))
            yield judge(clause, check.step, judge_of(clause), transcript, case=check.case)


def check_verdicts(answer: Answer) -> None:
    check(judged(healthy(), answer))
    check(judged({name: answer.everywhere(transcript) for name, transcript in healthy().items()}))


def check(verdicts: Iterator[Verdict]) -> None:
    broken = next((each for each in verdicts if each.outcome is Outcome.ERROR), None)
    assert broken is None, f"{broken.name}: {broken.because}"


def test_the_healthy_answers_pass() -> None:
    found = {each.outcome for each in judged(healthy()) if each.lacking != "busy"}
    assert found == {Outcome.PASSED}


@pytest.mark.parametrize(
    "value", [pytest.param({"a": []}, marks=pytest.mark.long), "\ud800"], ids=["object", "half of a pair"]
)
def test_whatever_stands_in_one_place_there_is_a_verdict(value: object) -> None:
    for place in range(PLACES):
        check(judged(healthy(), Answer(None, None, None, (Change(place, "another", value),))))


@given(answer=answers)
@QUICK
def test_whatever_is_answered_there_is_a_verdict(answer: Answer) -> None:
    check_verdicts(answer)


@pytest.mark.long
@given(answer=answers)
@LONG
def test_whatever_is_answered_there_is_a_verdict_at_length(answer: Answer) -> None:
    check_verdicts(answer)


def check_reports(answer: Answer) -> None:
    transcripts = {name: answer.everywhere(healthy()[name]) for name in SMALL}
    verdicts = [*judged(transcripts)]
    clauses = {clause.id: clause for clause in contract().clauses}
    run = redacted(
        Run(
            Header("0", "2026-11-28T00:00:00+00:00", "a model", TargetFacts("it", "http://127.0.0.1", "x", "key")),
            (NOT_ASKED, *transcripts.values()),
            tuple(Judgement.of(each, clauses[each.clause]) for each in verdicts),
            conclude(verdicts, Terms({each.name: each.level for each in verdicts}, HAPPY_PATH)),
        )
    )
    assert [*annotations.failure_lines(run), *annotations.outputs(run)]
    for verbosity in (-1, 0, 1):
        text = terminal.render(run, verbosity=verbosity)
        text.encode()
        assert all(each.isprintable() or each == "\n" for each in text)
    junit.render(run).encode()
    ET.fromstring(junit.render(run))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.jsonl")
        stream.write(run, path)
        assert stream.read(path) == run


@given(answer=answers)
@settings(QUICK, max_examples=8)
def test_whatever_is_answered_it_can_be_reported(answer: Answer) -> None:
    check_reports(answer)


@pytest.mark.long
@given(answer=answers)
@LONG
def test_whatever_is_answered_it_can_be_reported_at_length(answer: Answer) -> None:
    check_reports(answer)


@given(answer=answers)
@QUICK
def test_whatever_the_preflight_is_answered_it_tells_whether_the_operation_is_there(answer: Answer) -> None:
    steps = (ASKED, NONSENSE, DESCRIBED)
    asked = [replace(each, step=step) for each, step in zip(healthy()["email"].exchanges, steps, strict=False)]
    absence_in(answer.everywhere(Transcript(PREFLIGHT, tuple(asked))))
