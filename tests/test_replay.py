"""Replay: transcripts on file get the verdicts they got on a target, and those of the real service fail nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contracts import recordings
from contracts.clauses import contract
from contracts.vocabulary import Level
from fixtures.reference.faults import FAULTS
from tests.suite import ROOT, Finished, once, suite

if TYPE_CHECKING:
    from pathlib import Path

RECORDINGS = sorted(recordings.FOLDER.glob("*.json"))
AWS = "organizations-2026-09-13"


@pytest.mark.parametrize("path", RECORDINGS, ids=[path.stem for path in RECORDINGS])
def test_nothing_that_weighs_fails_on_a_recording(path: Path, tmp_path: Path) -> None:
    finished = suite(tmp_path, f"--replay={path.relative_to(ROOT)}", "--strict")
    assert finished.code == 0, finished.output
    assert not finished.clauses("failed") | finished.clauses("error")
    assert "nothing was sent" in finished.output


def test_what_the_service_was_recorded_to_answer_passes_every_clause_that_it_can_answer(tmp_path: Path) -> None:
    finished = suite(tmp_path, f"--replay=contracts/recordings/{AWS}.json")
    assert len(finished.clauses("passed")) >= 39
    assert finished.verdicts().keys() == {name for name in finished.verdicts() if name}
    reasons = {each.verdict.because for each in finished.run.judgements if each.verdict.outcome == "not-applicable"}
    assert reasons == {
        "applies only where the replayed transcript has the call",
        "the transcript has no read of the handshake right after the call",
        "the transcript has no read of the handshake right before the call",
        "the transcript has no response headers",
        "the answer to the invitation has no Date header",
    }


def test_every_recorded_cancellation_is_judged() -> None:
    recorded = recordings.recording(AWS)
    placed = {case for steps in recorded.scenarios.values() for case in steps.values()}
    canceled = {each.case for each in recorded.observations if each.operation == "CancelHandshake"}
    assert canceled <= placed


def test_what_a_documented_example_contradicts_is_on_file_with_the_reason(tmp_path: Path) -> None:
    finished = suite(tmp_path, "--replay=contracts/recordings/documentation-2026-11-22.json")
    assert finished.clauses("known") == {"response.organization-party-bare"}
    assert "without (2026-09-13)" in " ".join(finished.fields_of("response.organization-party-bare")["because"])


def test_a_deviation_on_file_that_is_gone_fails(tmp_path: Path) -> None:
    path = recordings.FOLDER / "documentation-2026-11-22.json"
    stale = tmp_path / "stale.json"
    text = path.read_text(encoding="utf-8").replace("response.organization-party-bare", "response.action")
    stale.write_text(text, encoding="utf-8")
    finished = suite(tmp_path, f"--replay={stale}")
    assert finished.code == 1, finished.output
    assert finished.fields_of("response.action")["actual"][0] == "none"


@pytest.fixture(scope="module")
def original() -> Finished:
    return once()


@pytest.mark.parametrize(
    "workers", [(), pytest.param(("-n", "2"), marks=pytest.mark.long)], ids=["alone", "two workers"]
)
def test_the_report_of_a_run_replays_to_the_same_verdicts(
    original: Finished, workers: tuple[str, ...], tmp_path: Path
) -> None:
    again = suite(tmp_path, f"--replay={original.folder / 'report.jsonl'}", *workers)
    assert again.code == original.code == 0, again.output
    assert [each.verdict for each in again.run.judgements] == [each.verdict for each in original.run.judgements]
    judged = {transcript.scenario for transcript in again.run.transcripts} - {"preflight"}
    assert judged == {step.partition("/")[0] for clause in contract().clauses for step in clause.judges}
    kept = {t.scenario: t.exchanges for t in original.run.transcripts}
    assert all(transcript.exchanges == kept[transcript.scenario] for transcript in again.run.transcripts)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    ["answer-cut-short", "error-as-xml", "organization-party-of-another-id"],
)
def test_the_report_of_a_broken_target_replays_to_the_same_verdicts(name: str, tmp_path: Path) -> None:
    broken = suite(tmp_path, f"--fault={name}")
    assert broken.code == 1, broken.output
    assert broken.clauses("failed") >= {each for each in FAULTS[name].kills if contract()[each].level is Level.REQUIRED}
    kept = tmp_path / "kept.jsonl"
    (tmp_path / "report.jsonl").rename(kept)
    again = suite(tmp_path, f"--replay={kept}")
    assert again.code == 1, again.output
    assert again.verdicts() == Finished(broken.code, broken.output, kept.parent, kept.name).verdicts()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "there is no such file"),
        ("", "header"),
        ("{}\n", "header"),
        ('{"type": "header"', "line 1"),
    ],
)
def test_a_file_that_can_not_be_replayed_is_bad_usage(content: str | None, line: str, tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    finished = suite(tmp_path, f"--replay={path}")
    assert finished.code == 4, finished.output
    assert "--replay: " in finished.output
    assert line in finished.output


def test_a_report_that_was_cut_short_is_not_replayed(original: Finished, tmp_path: Path) -> None:
    whole = (original.folder / "report.jsonl").read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(whole[:-1]))
    finished = suite(tmp_path, f"--replay={cut}")
    assert finished.code == 4, finished.output
    assert "no footer" in finished.output


def test_a_target_and_a_replay_exclude_each_other(original: Finished, tmp_path: Path) -> None:
    finished = suite(tmp_path, f"--replay={original.folder / 'report.jsonl'}", "--endpoint-url=http://127.0.0.1:1")
    assert finished.code == 4
    assert "leave --endpoint-url out" in finished.output


def test_advisory_clauses_are_recorded_on_the_recording_too(tmp_path: Path) -> None:
    finished = suite(tmp_path, f"--replay=contracts/recordings/{AWS}.json")
    judged = {each.verdict.level for each in finished.run.judgements if each.verdict.outcome == "passed"}
    assert Level.ADVISORY in judged
