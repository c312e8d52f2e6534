"""Reports become recordings, recordings are compared, and the contract is told which clauses rest on one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts import clauses, recordings
from contracts.clauses import UnsoundClause, contract
from contracts.evidence import report, restating
from contracts.evidence.command import main
from contracts.evidence.coverage import Standing, coverage
from contracts.evidence.drift import compare
from contracts.evidence.findings import Effect, findings
from contracts.recordings import Kind, Rehearsal, UnknownObservation
from contracts.vocabulary import Actor, Level, Outcome
from fixtures.reference import Reference
from fixtures.target.accounts import Strategy
from fixtures.target.model import Target
from reports import stream
from tests.suite import ROOT, Finished, once, suite
from tests.world import IDS, OWN, World

if TYPE_CHECKING:
    from collections.abc import Callable

AWS = "organizations-2026-09-13"
ON_FILE = {path.name: path.read_bytes() for path in recordings.FOLDER.glob("*.json")}


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command, and see that the recordings on file stay as they are."""
    line = [sys.executable, "-m", "contracts.recordings", *map(str, arguments)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in recordings.FOLDER.glob("*.json")} == ON_FILE
    return done


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The suite's run on a reference that it takes for the real service."""
    folder = tmp_path_factory.mktemp("rehearsed")
    with Reference.start() as reference:
        target = f"--target={World(reference).profile(folder)}"
        state = str(folder / "state")
        finished = suite(folder, target, f"--allow-account={IDS[Actor.SENDER]}", XDG_STATE_HOME=state)
    assert finished.code == 0, finished.output
    return finished


@pytest.fixture(scope="module")
def broken() -> Finished:
    finished = once("--fault=cancel-declines")
    assert finished.code == 1, finished.output
    return finished


@pytest.fixture(scope="module")
def rehearsal(rehearsed: Finished) -> Path:
    done = command("add", rehearsed.folder / "report.jsonl", "--as-if-real")
    assert done.returncode == 0, done.stderr
    return next(rehearsed.folder.glob("rehearsal-*.json"))


def copied(finished: Finished, folder: Path) -> Path:
    return Path(shutil.copy(finished.folder / "report.jsonl", folder))


def altered(finished: Finished, folder: Path, change: Callable[[list[dict[str, Any]]], object]) -> Path:
    """A copy of the report with its lines changed."""
    path = copied(finished, folder)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    change(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def claimed_real(lines: list[dict[str, Any]]) -> None:
    lines[0]["target"] |= {"real": True, "url": "https://organizations.us-east-1.amazonaws.com"}


class TestTheTarget:
    @pytest.mark.parametrize(
        ("url", "real", "expected"),
        [
            ("https://organizations.us-east-1.amazonaws.com", True, True),
            ("https://organizations.cn-northwest-1.amazonaws.com.cn", True, True),
            ("https://organizations.us-east-1.amazonaws.com", False, False),
            ("http://127.0.0.1:4566", True, False),
            ("https://amazonaws.com.example", True, False),
        ],
    )
    def test_is_real_where_it_is_meant_to_be_and_has_an_address_of_the_service(
        self, url: str, real: bool, expected: bool
    ) -> None:
        target = Target("some", url, "us-east-1", Strategy.PROFILES, real=real)
        assert target.facts().real is expected

    def test_is_not_real_in_the_report_of_a_reference_taken_for_it(self, rehearsed: Finished) -> None:
        assert rehearsed.run.header.target.real is False

    def test_is_not_real_in_a_report_that_does_not_say(self, rehearsed: Finished, tmp_path: Path) -> None:
        path = altered(rehearsed, tmp_path, lambda lines: lines[0]["target"].pop("real"))
        assert stream.read(path).header.target.real is False
        assert report.read(path).real is False


class TestAdd:
    def test_refuses_a_run_on_another_target_without_the_option(self, rehearsed: Finished, tmp_path: Path) -> None:
        done = command("add", copied(rehearsed, tmp_path))
        assert done.returncode == 4
        assert "not the real service; --as-if-real writes a rehearsal" in done.stderr
        assert done.stderr.count("\n") == 1
        assert not [*tmp_path.glob("*.json")]

    def test_marks_a_rehearsal_in_its_output_and_in_the_file(self, rehearsed: Finished, tmp_path: Path) -> None:
        done = command("add", copied(rehearsed, tmp_path), "--as-if-real", "--name", "trial-1")
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("A REHEARSAL: the target was not the real service.")
        content = json.loads((tmp_path / "trial-1.json").read_text(encoding="utf-8"))
        assert content["kind"] == "rehearsal"
        assert content["what"].startswith("A rehearsal")
        assert "is not the real service, so nothing of this is evidence" in content["limits"][0]

    def test_never_writes_a_rehearsal_among_those_on_file(self, rehearsed: Finished, tmp_path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(recordings.FOLDER)
        for folder in (recordings.FOLDER, recordings.FOLDER / "new", link):
            done = command("add", copied(rehearsed, tmp_path), "--as-if-real", "--out", folder)
            assert done.returncode == 4
            assert "holds the recordings of the real service" in done.stderr

    def test_prints_the_authority_of_each_clause_before_and_after(self, rehearsed: Finished, tmp_path: Path) -> None:
        done = command("add", copied(rehearsed, tmp_path), "--as-if-real", "--json")
        found = {each["clause"]: each for each in json.loads(done.stdout)["findings"]}
        day = rehearsed.run.header.started[:10]
        assert found.keys() == {clause.id for clause in contract().clauses}
        assert found["callers.stranger-code"] | {"detail": ""} == {
            "clause": "callers.stranger-code",
            "level": "advisory",
            "effect": "newly settles",
            "before": "inferred",
            "now": f"observed {day}",
            "detail": "",
        }
        assert found["response.schema"]["effect"] == "confirms"
        assert found["response.schema"]["now"] == f"model, observed {day}"
        assert found["response.action"]["before"] == "observed 2026-09-13"
        assert found["request.unknown-member-ignored"]["effect"] == "newly settles"

    def test_begins_with_what_contradicts_a_required_clause(self, broken: Finished, tmp_path: Path) -> None:
        done = command("add", copied(broken, tmp_path), "--as-if-real")
        assert done.returncode == 1
        lines = done.stdout.splitlines()
        required = {each for each in broken.clauses("failed") if contract()[each].level is Level.REQUIRED}
        assert required
        for line, clause in zip(lines, [each.id for each in contract().clauses if each.id in required], strict=False):
            assert line.startswith(f"CONTRADICTS A REQUIRED CLAUSE: {clause} (")
        assert lines[0].endswith("expected State 'CANCELED', actual State 'DECLINED' (account/cancel, email/cancel)")
        assert "observed 2026-09-13 -> observed otherwise" in done.stdout

    def test_writes_nothing_over_another_file(self, rehearsed: Finished, tmp_path: Path) -> None:
        path = copied(rehearsed, tmp_path)
        assert command("add", path, "--as-if-real", "--name", "one").returncode == 0
        done = command("add", path, "--as-if-real", "--name", "one")
        assert done.returncode == 4
        assert "is there already; give the recording another --name" in done.stderr

    @pytest.mark.parametrize("name", ["../up", "Upper", "a.b", "a--b", "a\n"])
    def test_refuses_a_name_that_is_no_plain_one(self, name: str, rehearsed: Finished) -> None:
        done = command("add", rehearsed.folder / "report.jsonl", "--as-if-real", f"--name={name}")
        assert done.returncode == 4
        assert "expected lower-case letters and digits" in done.stderr

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            (lambda lines: lines.pop(), "it has no footer"),
            (lambda lines: lines.pop(-2), "lines are missing"),
            (lambda lines: lines.pop(3), "lines are missing"),
            (lambda lines: lines[-1].update(complete=False), "the run was interrupted"),
            (lambda lines: lines[0].update(replayed="report.jsonl"), "it is of a replay of report.jsonl"),
            (lambda lines: lines[0].update(format=1), "in format 3"),
            (lambda lines: lines.pop(0), "begins with a header"),
            (lambda lines: lines.clear(), "begins with a header"),
            (lambda lines: lines[-2].update(outcome=["passed"]), "none of a report"),
            (lambda lines: lines[0].pop("started"), "none of a report"),
        ],
        ids=range(10),
    )
    def test_refuses_what_is_not_the_report_of_a_whole_run(
        self, change: Callable[[list[dict[str, Any]]], object], problem: str, rehearsed: Finished, tmp_path: Path
    ) -> None:
        done = command("add", altered(rehearsed, tmp_path, change), "--as-if-real")
        assert done.returncode == 4
        assert problem in done.stderr
        assert done.stderr.count("\n") == 1
        assert not [*tmp_path.glob("*.json")]

    def test_refuses_a_file_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "cut").write_text('{"type": "header"', encoding="utf-8")
        (tmp_path / "bytes").write_bytes(b"\xff\n")
        for name in ("nowhere", "cut", "bytes", "."):
            done = command("add", tmp_path / name, "--as-if-real")
            assert done.returncode == 4
            assert done.stderr.count("\n") == 1, done.stderr

    def test_puts_a_run_on_the_real_service_among_those_on_file(
        self, rehearsed: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recordings, "FOLDER", tmp_path / "on-file")
        recordings.FOLDER.mkdir()
        path = altered(rehearsed, tmp_path, claimed_real)
        assert main("add", ["add", str(path), "--as-if-real"]) == 4
        assert main("add", ["add", str(path)]) == 0
        read = recordings.read(tmp_path / "on-file" / f"organizations-{report.read(path).day}.json")
        assert read.kind is Kind.SERVICE
        assert not [limit for limit in read.limits if "rehearsal" in limit]


class TestARecordingOfARun:
    def test_replays_to_the_verdicts_of_the_run(self, rehearsed: Finished, rehearsal: Path, tmp_path: Path) -> None:
        again = suite(tmp_path, f"--replay={rehearsal}")
        assert again.code == 0, again.output
        assert f"CancelHandshake on the rehearsal {rehearsal.stem}" in again.output
        judged = {name: outcome for name, outcome in rehearsed.verdicts().items() if outcome == "passed"}
        assert judged
        assert {name: again.verdicts()[name] for name in judged} == judged

    def test_of_a_broken_target_fails_what_the_run_failed(self, broken: Finished, tmp_path: Path) -> None:
        command("add", copied(broken, tmp_path), "--as-if-real", "--name", "broken")
        again = suite(tmp_path / "again", f"--replay={tmp_path / 'broken.json'}")
        assert again.clauses("failed") == broken.clauses("failed")

    @pytest.mark.parametrize("name", ["error-as-xml", "answer-cut-short"])
    def test_keeps_answers_that_are_no_json_object(self, name: str, tmp_path: Path) -> None:
        finished = suite(tmp_path, f"--fault={name}")
        content = restating.restated(report.read(tmp_path / "report.jsonl"))
        path = tmp_path / "odd.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        kept = recordings.transcripts(recordings.read(path))
        for transcript in finished.run.transcripts:
            for exchange in transcript.exchanges if transcript.scenario in kept else ():
                restated = kept[transcript.scenario].find(exchange.step)
                assert restated is not None
                assert (restated.status, restated.code, restated.failure) == (
                    exchange.status,
                    exchange.code,
                    exchange.failure,
                )

    def test_leaves_out_a_call_that_was_lost_with_its_connection(self, rehearsed: Finished, tmp_path: Path) -> None:
        def lose(lines: list[dict[str, Any]]) -> None:
            (line,) = (each for each in lines if each.get("id") == "email/cancel")
            line |= {"lost": True, "response": None, "failure": "closed"}

        content = restating.restated(report.read(altered(rehearsed, tmp_path, lose)))
        assert "cancel" not in content["scenarios"]["email"]
        assert "email/cancel" not in {each["case"] for each in content["observations"]}
        assert "account/cancel" in {each["case"] for each in content["observations"]}

    def test_shows_no_account_of_the_run(self, rehearsal: Path) -> None:
        text = rehearsal.read_text(encoding="utf-8")
        recorded = recordings.read(rehearsal)
        assert recorded.accounts == {
            "sender": "111111111111",
            "recipient": "222222222222",
            "member": "333333333333",
            "stranger": "444444444444",
        }
        assert IDS[Actor.STRANGER] not in text
        assert OWN not in text
        assert "arn:aws:organizations::111111111111:handshake/o-exampleorgid/invite/h-" in text

    def test_has_every_call_of_each_scenario_and_what_it_could_not_see(
        self, rehearsed: Finished, rehearsal: Path
    ) -> None:
        recorded = recordings.read(rehearsal)
        assert len(recorded.observations) == len({each.case for each in recorded.observations})
        driven = {t.scenario: [each.step for each in t.exchanges] for t in rehearsed.run.transcripts if t.exchanges}
        assert {name: [*steps] for name, steps in recorded.scenarios.items()} == {
            name: steps for name, steps in driven.items() if name != "preflight"
        }
        unjudged = rehearsed.clauses("not-applicable") - rehearsed.clauses("passed")
        assert [limit for limit in recorded.limits if "could not judge" in limit and all(n in limit for n in unjudged)]

    def test_keeps_a_length_as_right_or_wrong_as_it_was(self, rehearsal: Path) -> None:
        for transcript in recordings.transcripts(recordings.read(rehearsal)).values():
            for exchange in transcript.exchanges:
                assert exchange.response is not None
                assert exchange.header("content-length") == str(len(exchange.response.body))


class TestEffects:
    def verdicts(self, rehearsed: Finished, clause: str, **changes: Any) -> report.Report:
        run = report.read(rehearsed.folder / "report.jsonl")
        changed = (replace(each, **changes) if each.clause == clause else each for each in run.verdicts)
        return replace(run, verdicts=tuple(changed))

    @pytest.mark.parametrize(
        ("clause", "outcome", "effect"),
        [
            ("callers.stranger-code", Outcome.FAILED, Effect.CONTRADICTS),
            ("response.action", Outcome.KNOWN, Effect.CONTRADICTS),
            ("response.action", Outcome.BLOCKED, Effect.NOTHING),
            ("response.action", Outcome.ERROR, Effect.NOTHING),
        ],
    )
    def test_follow_the_outcomes(self, clause: str, outcome: Outcome, effect: Effect, rehearsed: Finished) -> None:
        run = self.verdicts(rehearsed, clause, outcome=outcome, because="some reason")
        found = {each.clause: each.effect for each in findings(run)}
        assert found[clause] is effect

    def test_of_a_clause_that_was_not_asked_for_are_none(self, rehearsed: Finished) -> None:
        run = report.read(rehearsed.folder / "report.jsonl")
        found = {each.clause: each for each in findings(replace(run, verdicts=run.verdicts[:1]))}
        assert found["wire.content-type"].effect is Effect.NOTHING
        assert found["wire.content-type"].detail == "the run did not ask for it"


class TestCompare:
    def test_a_recording_with_itself_has_not_drifted(self, rehearsal: Path) -> None:
        for name in (AWS, rehearsal):
            done = command("compare", name, name)
            assert done.returncode == 0, done.stderr
            assert (
                "0 differences of meaning, 0 of wording only; 0 calls in the old one only, 0 in the new" in done.stdout
            )

    def test_two_runs_on_the_same_target_have_not_drifted(self, rehearsal: Path, tmp_path: Path) -> None:
        with Reference.start(seed=5) as reference:
            options = (f"--target={World(reference).profile(tmp_path)}", f"--allow-account={IDS[Actor.SENDER]}")
            again = suite(tmp_path, *options, XDG_STATE_HOME=str(tmp_path / "state"))
        command("add", tmp_path / "report.jsonl", "--as-if-real", "--name", "again")
        assert again.code == 0
        done = command("compare", rehearsal, tmp_path / "again.json")
        assert "0 differences of meaning, 0 of wording only" in done.stdout, done.stdout

    def test_names_the_clauses_whose_answers_drifted(self, broken: Finished, tmp_path: Path) -> None:
        for name, folder in (("old", once().folder), ("new", broken.folder)):
            command("add", folder / "report.jsonl", "--as-if-real", "--name", name, "--out", tmp_path)
        done = command("compare", tmp_path / "old.json", tmp_path / "new.json")
        assert done.returncode == 1
        assert "account/cancel: body.Handshake.State: CANCELED -> DECLINED" in done.stdout
        assert "(a rehearsal: no evidence of the real service)" in done.stdout
        drift = json.loads(command("compare", tmp_path / "old.json", tmp_path / "new.json", "--json").stdout)
        shown = drift["meaning"]["transitions.sender-canceled"][0]
        assert (shown["step"], shown["place"]) == ("account/again", "code")

    @pytest.mark.parametrize(
        ("old", "new", "kind", "clause"),
        [
            ("You must provide a value for the parameter.", "Provide a value.", "wording", "errors.message-text"),
            ("INPUT_REQUIRED:HANDSHAKE_ID", "INPUT_REQUIRED", "meaning", "errors.reason"),
            ("MASTER_NAME", "MANAGEMENT_NAME", "meaning", "response.organization-details"),
            ('"RequestedTimestamp": 1', '"Requested": 1', "meaning", "response.members-present"),
            ('"Id": "exampleorgid"', '"Id": "o-exampleorgid"', "meaning", "response.organization-party-bare"),
        ],
    )
    def test_tells_wording_from_meaning(self, old: str, new: str, kind: str, clause: str, tmp_path: Path) -> None:
        path = tmp_path / "changed.json"
        text = (recordings.FOLDER / f"{AWS}.json").read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        drift = compare(recordings.recording(AWS), recordings.read(path))
        assert clause in getattr(drift, kind)
        assert not (drift.wording if kind == "meaning" else drift.meaning)

    def test_leaves_bodies_alone_where_something_else_was_asked(self, rehearsal: Path) -> None:
        drift = compare(recordings.recording(AWS), recordings.read(rehearsal))
        assert "input.Target.Type EMAIL -> ACCOUNT" in drift.unlike["account"]
        assert not [each for found in drift.meaning.values() for each in found if each.place.startswith("body")]
        assert "callers.stranger" in drift.uncompared

    @pytest.mark.parametrize("name", ["nowhere", "nowhere.json", "pyproject.toml", "proof/matrix.json"])
    def test_refuses_what_is_no_recording(self, name: str) -> None:
        done = command("compare", AWS, name)
        assert done.returncode == 4
        assert done.stderr.count("\n") == 1


class TestCoverage:
    def test_knows_how_old_what_stands_behind_a_clause_is(self) -> None:
        covers = {each.clause: each for each in coverage(date(2026, 9, 23))}
        assert covers.keys() == {clause.id for clause in contract().clauses}
        observed = covers["response.action"]
        assert (observed.standing, observed.recordings, observed.age) == (Standing.OBSERVED, (AWS,), 10)
        assert covers["callers.stranger"].standing is Standing.NONE
        assert covers["callers.stranger"].age is None
        assert covers["wire.content-type"].standing is Standing.NONE  # the calls were recorded without headers
        assert covers["response.arn"].standing is Standing.UNCITED
        assert covers["callers.stranger-code"].standing is Standing.NONE  # it cites what it is inferred from

    def test_rests_on_no_example_of_the_documentation(self) -> None:
        examples = {each.name for each in recordings.on_file() if each.kind is Kind.EXAMPLE}
        assert examples
        assert not [each for each in coverage(date(2026, 9, 23)) if examples & {*each.recordings}]

    def test_is_printed_with_its_counts(self) -> None:
        done = command("coverage")
        assert done.returncode == 0
        covers = json.loads(command("coverage", "--json").stdout)
        assert done.stdout.startswith(f"{len(covers)} clauses: ")
        assert "2026-09-13" in done.stdout
        none = [each for each in covers if each["standing"] == "no observation"]
        assert f"no observation ({len(none)})" in done.stdout


class TestARehearsalOnFile:
    def test_is_none_of_the_recordings(self) -> None:
        assert {each.kind for each in recordings.on_file()} == {Kind.SERVICE, Kind.EXAMPLE}

    def test_is_no_source_of_a_clause(self, rehearsal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recordings, "FOLDER", rehearsal.parent)
        with pytest.raises(Rehearsal, match="is a rehearsal, which is no evidence of the real service"):
            recordings.resolve(f"{rehearsal.stem}#account/cancel")
        path = tmp_path / "clauses.toml"
        row = 'id = "response.some"\nsentence = "It is."\nlevel = "required"\nauthority = "documented"\n'
        row += f'sources = ["recording:{rehearsal.stem}#account/cancel"]\njudges = ["account/cancel"]\n'
        path.write_text(f'[[clause]]\n{row}[[later]]\nsentence = "It."\nmissing = "All."\n', encoding="utf-8")
        with pytest.raises(UnsoundClause, match="is a rehearsal"):
            clauses.contract(path)

    def test_is_read_by_its_case(self, rehearsal: Path) -> None:
        recorded = recordings.read(rehearsal)
        assert recorded["account/cancel"].status == 200
        with pytest.raises(UnknownObservation):
            recorded["account/never"]


def test_help_teaches() -> None:
    done = command("--help")
    assert done.returncode == 0
    for word in ("add REPORT", "compare OLD NEW", "coverage", "--as-if-real", "exit status"):
        assert word in done.stdout


@pytest.mark.parametrize("arguments", [(), ("ad",), ("compare", AWS), ("add",)])
def test_bad_usage_is_one_line(arguments: tuple[str, ...]) -> None:
    done = command(*arguments)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
