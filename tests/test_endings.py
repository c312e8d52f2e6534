"""How runs end: when the target goes away, when time is over, on a signal, and when something can't be written."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from contracts.clauses import contract
from contracts.deviations.writing import check_writable
from contracts.deviations.writing import write as write_deviations
from contracts.files import check_folder, write_whole
from contracts.judging.judge import judge
from contracts.vocabulary import INVITATIONS, Actor, ExitCode, Outcome
from fixtures.endings import pytest_keyboard_interrupt
from fixtures.errors import ConfigurationError, UnusableLedger
from fixtures.interruption import Interruption
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Parts, Reference
from fixtures.reference.http.transmission import Handler, Transmission
from fixtures.reference.organizations.store import Party
from fixtures.scenarios.checks import checks
from fixtures.scenarios.clean_up import CleanUp
from fixtures.scenarios.ledger import Entry, Ledger, mark
from fixtures.scenarios.ledger_file import LedgerFile, beside
from fixtures.scenarios.runner import Place, ScenarioRunner
from fixtures.target.accounts import Identities, Strategy, unowned_party
from proof.matrix import judge_of
from tests.suite import ROOT, clean_environment, suite
from tests.test_interruptions import await_calls, check_reports, command, interrupt, start
from tests.world import IDS, OWN, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from contracts.judging.exchange import Response, Transcript
    from contracts.judging.verdict import Verdict

SENDER = IDS[Actor.SENDER]
BRIEF = "--only=transitions.sender-open"
"""The option of a run that makes few calls and ends as conformant."""


@pytest.fixture
def world() -> Iterator[World]:
    with Reference.start() as reference:
        yield World(reference)


class Troubled(Transmission):
    """From one call on, does something else than answer."""

    since = 0
    seen = 0
    operation = ""
    trouble: Callable[[Troubled, Response, Handler], None]

    def send(self, response: Response, handler: Handler) -> None:
        type(self).seen += 1
        if self.seen < self.since or self.operation not in handler.headers.get("X-Amz-Target", ""):
            super().send(response, handler)
        else:
            self.trouble(response, handler)


def close(_: Troubled, __: Response, handler: Handler) -> None:
    """Ends the connection, as whatever stands before a server does that died."""
    handler.close_connection = True


def cut_short(self: Troubled, response: Response, handler: Handler) -> None:
    """Ends the server in the middle of an answer."""
    handler.server.socket.close()
    self.send_head(response, handler)
    handler.wfile.write(response.body[:5])
    handler.close_connection = True


def keep_silent(_: Troubled, __: Response, handler: Handler) -> None:
    time.sleep(1.2)
    handler.close_connection = True


def troubled(trouble: Any, since: int = 0, operation: str = "") -> Parts:
    kind = type("Kind", (Troubled,), {"trouble": trouble, "since": since, "operation": operation})
    return Parts(transmission=kind)


def judged(transcripts: dict[str, Transcript]) -> list[Verdict]:
    return [
        judge(clause, check.step, judge_of(clause), transcripts[check.scenario])
        for clause in contract().clauses
        for check in checks(clause)
    ]


def driven(parts: Parts, **changes: Any) -> dict[str, Transcript]:
    with Reference.start(parts=parts) as reference:
        target = replace(embedded_target(reference), **changes)
        runner = ScenarioRunner(target, Identities(Strategy.KEY, {}, None))
        return {name: runner.transcript(name) for name in contract().scenarios}


class TestTarget:
    @pytest.mark.parametrize("trouble", [close, cut_short])
    @pytest.mark.parametrize("since", [15, 40, 71, 110, 150])
    def test_one_that_goes_away_fails_no_clause_by_the_call_that_met_its_end(self, trouble: Any, since: int) -> None:
        transcripts = driven(troubled(trouble, since))
        outcomes = {each.outcome for each in judged(transcripts)}
        assert Outcome.FAILED not in outcomes
        assert Outcome.ERROR not in outcomes
        reasons = {each.stop.because for each in transcripts.values() if each.stop}
        assert len(reasons) == 1
        assert "the target is gone since" in reasons.pop()

    def test_what_it_answered_before_is_judged_and_the_run_is_inconclusive(self, tmp_path: Path) -> None:
        with Reference.start(parts=troubled(close, 120)) as reference:
            finished = suite(tmp_path, f"--endpoint-url={reference.url}")
        assert finished.code == 8, finished.output
        assert finished.counts()["passed"] > 100
        assert finished.counts()["failed"] == 0
        assert ": the target is gone since" in finished.output.splitlines()[-1]

    def test_one_that_ends_some_connections_is_there(self) -> None:
        transcripts = driven(troubled(close, operation="ListHandshakesForOrganization"))
        assert [each.stop for each in transcripts.values() if each.stop and "gone" in each.stop.because] == []
        assert Outcome.FAILED in {each.outcome for each in judged(transcripts)}

    def test_an_operation_that_it_never_answers_is_called_three_times(self) -> None:
        transcripts = driven(troubled(keep_silent, operation="CancelHandshake"), timeout=0.6)
        exchanges = [each for transcript in transcripts.values() for each in transcript.exchanges]
        assert sum(each.operation == "CancelHandshake" for each in exchanges) == 3
        reasons = {each.stop.because for each in transcripts.values() if each.stop}
        assert reasons == {"CancelHandshake left 3 calls unanswered"}
        outcomes = {each.clause: each.outcome for each in judged(transcripts)}
        assert outcomes["transitions.sender-open"] is Outcome.BLOCKED


class TestTime:
    @pytest.mark.parametrize("workers", [(), ("-n", "2")])
    def test_what_is_not_asked_in_time_is_blocked_by_name(self, tmp_path: Path, workers: tuple[str, ...]) -> None:
        finished = suite(tmp_path, "--time-limit=0.4", *workers)
        assert finished.code == 8, finished.output
        assert finished.counts()["failed"] == finished.counts()["error"] == 0
        assert "the run's time limit of 0.4 s (--time-limit) was over" in finished.output.splitlines()[-1]

    @pytest.mark.parametrize(
        ("option", "told"),
        [
            ("--time-limit=0", "expected seconds, more than 0"),
            ("--time-limit=inf", "expected seconds, 0 or more"),
            ("--time-limit=soon", "expected seconds, 0 or more"),
            ("--repeat=1000000000", "expected a whole number from 1 to 1000, got '1000000000'"),
            (f"--repeat={'9' * 5000}", "expected a whole number from 1 to 1000"),
        ],
    )
    def test_a_bad_bound_is_one_line(self, tmp_path: Path, option: str, told: str) -> None:
        finished = suite(tmp_path, option)
        assert finished.code == 4
        assert [line for line in finished.output.splitlines() if told in line]
        assert "Traceback" not in finished.output

    def test_a_bound_of_invitations_holds_on_an_emulator(self, tmp_path: Path) -> None:
        with Reference.start() as reference:
            finished = suite(tmp_path, f"--endpoint-url={reference.url}", "--max-invitations=2")
            made = [each for each in reference.log if each.operation == "InviteAccountToOrganization"]
        assert finished.code == 8, finished.output  # too few for the happy path
        assert finished.run.invitations == len(made) <= 2
        assert not finished.run.header.target.capabilities[INVITATIONS].present


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_one_during_the_preflight_ends_the_run_in_a_line(self, number: signal.Signals, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            running = start(tmp_path, suite_command(f"--endpoint-url={url}"))
            silent.settimeout(60)
            connection, _ = silent.accept()
            with connection:
                running.send_signal(number)
                output = running.communicate(timeout=60)[0]
        assert running.returncode == ExitCode.INTERRUPTED, output
        assert "INTERRUPTED (exit 2): interrupted before the first scenario; nothing was judged" in output
        assert "KeyboardInterrupt" not in output

    @pytest.mark.parametrize(
        ("number", "workers"), [(signal.SIGTERM, ()), pytest.param(signal.SIGHUP, ("-n", "2"), marks=pytest.mark.long)]
    )
    def test_one_ends_the_run_with_a_report_and_nothing_open(
        self, tmp_path: Path, number: signal.Signals, workers: tuple[str, ...]
    ) -> None:
        assert "exit  2" in interrupt(tmp_path, number, workers, seed=5)

    def test_a_second_one_ends_it_at_once(self, tmp_path: Path) -> None:
        with Reference.start(parts=troubled(keep_silent, 60)) as reference:
            world = World(reference)
            running = start(tmp_path, command(world, tmp_path, f"--report-dir={tmp_path}"))
            await_calls(world, running, 62)
            running.send_signal(signal.SIGTERM)
            time.sleep(1.5)
            running.send_signal(signal.SIGTERM)
            output = running.communicate(timeout=60)[0]
        assert running.returncode == 2, output
        assert "ended at once, by a second signal" in output
        assert not (tmp_path / "report.jsonl").exists()

    @pytest.mark.long
    @pytest.mark.parametrize("workers", [(), ("-n", "2")])
    def test_one_is_enough_whatever_the_target_does(self, tmp_path: Path, workers: tuple[str, ...]) -> None:
        def hang(*_: object) -> None:
            time.sleep(60)

        with Reference.start(parts=troubled(hang, 60)) as reference:
            world = World(reference)
            running = start(tmp_path, command(world, tmp_path, f"--report-dir={tmp_path}", *workers))
            await_calls(world, running, 60)
            running.send_signal(signal.SIGTERM)
            output = running.communicate(timeout=60)[0]
        check_reports(tmp_path, 2, output)
        assert running.returncode == 2, output
        assert "may still be open; the next run ends them" in output or not world.open()

    def test_two_that_are_sent_as_one_count_once_and_while_reports_are_written_none_does(self) -> None:
        taken = Interruption(worker=False)
        with pytest.raises(KeyboardInterrupt, match="SIGTERM"):
            taken._receive(signal.SIGTERM, None)
        taken._receive(signal.SIGTERM, None)
        with pytest.raises(KeyboardInterrupt):
            taken.check()
        held = Interruption(worker=False)
        held.hold()
        held._receive(signal.SIGINT, None)
        held.check()
        assert held.signal is signal.SIGINT

    def test_a_worker_whose_main_process_is_gone_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        worker = Interruption(worker=True)
        worker.check()
        monkeypatch.setattr(os, "getppid", lambda: 1)
        with pytest.raises(KeyboardInterrupt):
            worker.check()

    def test_one_at_an_instruction_without_a_line_is_shown_all_the_same(self) -> None:
        with pytest.raises(KeyboardInterrupt) as interrupted:
            _interrupted_without_a_line()
        with pytest.raises(TypeError):
            interrupted.getrepr(funcargs=True)
        pytest_keyboard_interrupt(interrupted)
        assert "KeyboardInterrupt" in str(interrupted.getrepr(funcargs=True))

    def test_the_clean_up_keeps_to_its_time(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        runner = world.runner()
        monkeypatch.setattr(CleanUp, "run", mock.Mock())
        runner.transcript("account")
        left = len(world.open())
        monkeypatch.undo()
        drive = runner._start_drive("again", Place(0), None)
        drive.ledger._entries.update({"x": Entry("x", 1.0, OWN, unowned_party(), None, world.open()[0])})
        clean_up = CleanUp(drive)
        clean_up.run(0)
        assert len(world.open()) == left
        assert len(drive.ledger.unsettled) == 1
        clean_up.run()
        assert len(world.open()) == left - 1


def _interrupted_without_a_line() -> None:
    """Raise KeyboardInterrupt where Python has no line for it, as at the end of a `with` it may."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    code = interrupt.__code__
    no_lines = bytes([0xF8]) * (len(code.co_code) // 2)  # an entry for each instruction, of the kind without a location
    interrupt.__code__ = code.replace(co_linetable=no_lines)
    interrupt()


@contextmanager
def full_disk() -> Iterator[None]:
    """Lets no file grow, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def with_room(size: int, words: list[str], folder: Path) -> tuple[int, str]:
    """Run a command that may write so many bytes into a file. Its output goes to a pipe."""
    limit = f"import resource, sys, os; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    go = [sys.executable, "-c", f"{limit}; os.execv(sys.argv[1], sys.argv[1:])", *words]
    # Python of that version keeps what it compiled although it had no room for all of it.
    environment = clean_environment(folder) | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(go, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def suite_command(*options: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options]


class TestReports:
    def test_those_that_cannot_be_written_whole_are_missing_and_the_run_is_no_success(self, tmp_path: Path) -> None:
        for options, expected in (([BRIEF], 4), (["--only=errors.status", "--fault=denied-is-403"], 1)):
            code, output = with_room(3000, suite_command(f"--report-dir={tmp_path}", *options), tmp_path)
            assert code == expected, output
            line = f"--report-dir: report.jsonl and all others are missing from {tmp_path}"
            assert line in "".join(output.splitlines())
            assert f"(exit {expected})" in output
            assert [*tmp_path.iterdir()] == []
            assert "Traceback" not in output

    def test_a_folder_that_cannot_be_written_to_is_refused_before_the_run(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        finished = suite(tmp_path / "file")
        assert finished.code == 4
        assert "can't be made a folder to write to: File exists" in finished.output
        with full_disk():
            check_folder(tmp_path)  # an empty file has room
        with pytest.raises(OSError, match="No such file"):
            check_folder(tmp_path / "nowhere")

    def test_files_are_whole_or_not_there(self, tmp_path: Path) -> None:
        one, other = tmp_path / "one", tmp_path / "other"
        one.write_text("before", encoding="utf-8")
        with full_disk(), pytest.raises(OSError, match="File too large"):
            write_whole({one: ["short"], other: ["much too long"]})
        assert one.read_text(encoding="utf-8") == "before"
        assert [*tmp_path.iterdir()] == [one]
        one.chmod(0o640)
        write_whole({one: ["a", "b"], other: ["c"]})
        assert (one.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")) == ("ab", "c")
        assert one.stat().st_mode & 0o777 == 0o640
        assert {*tmp_path.iterdir()} == {one, other}

    def test_two_runs_that_write_into_one_folder_leave_the_files_of_one(self, tmp_path: Path) -> None:
        text = """
import sys
from pathlib import Path
from contracts.files import write_whole
folder, word = Path(sys.argv[1]), sys.argv[2]
for _ in range(300):
    write_whole({folder / "a": [word] * 50, folder / "b": [word] * 50})
"""
        both = [
            subprocess.Popen([sys.executable, "-c", text, str(tmp_path), word], cwd=ROOT) for word in ("one", "two")
        ]
        assert [each.wait(timeout=60) for each in both] == [0, 0]
        read = {(tmp_path / name).read_text(encoding="utf-8") for name in "ab"}
        assert read in ({"one" * 50}, {"two" * 50})

    def test_deviations_that_cannot_be_written_stay_as_they_were(self, tmp_path: Path) -> None:
        path = tmp_path / "deviations.toml"
        path.write_text("# mine, and longer than nothing\n", encoding="utf-8")
        check_writable(path)
        with full_disk(), pytest.raises(ValueError, match="can't be written: File too large"):
            write_deviations(path, [], {}, mock.Mock())
        assert path.read_text(encoding="utf-8") == "# mine, and longer than nothing\n"
        assert [*tmp_path.iterdir()] == [path]

    def test_a_reader_that_leaves_changes_no_verdict(self, tmp_path: Path) -> None:
        words = " ".join(suite_command(f"--report-dir={tmp_path}", BRIEF))
        for shell in (f"{words} >&-", f"{words} > /dev/full", f"{words} -v | head -1; exit ${{PIPESTATUS[0]}}"):
            done = subprocess.run(
                ["bash", "-c", shell],
                cwd=ROOT,
                env=clean_environment(tmp_path),
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert done.returncode == 0, (shell, done.stderr)
            assert done.stderr == ""
            check_reports(tmp_path, 0, shell)

    @pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
    @pytest.mark.parametrize("asked", ["--list-clauses", BRIEF])
    def test_a_run_needs_neither_standard_output_nor_standard_error(
        self, closed: str, asked: str, tmp_path: Path
    ) -> None:
        done = subprocess.run(
            ["bash", "-c", f"{' '.join(suite_command(asked))} {closed}"],
            cwd=ROOT,
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, "")


class TestLedger:
    def test_one_that_cannot_be_written_ends_the_run_before_the_next_invitation(
        self, world: World, tmp_path: Path
    ) -> None:
        code, output = with_room(1500, command(world, tmp_path, "-q"), tmp_path)
        assert code == 4, output
        assert "Traceback" not in output
        assert "ledger.jsonl can't be written: File too large" in " ".join(output.split())
        assert 0 < world.changes().count("InviteAccountToOrganization") < world.invitations()
        assert world.open() == []

    def test_a_line_that_has_no_room_is_not_there_at_all(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        part = ledger.open_part("s", OWN)
        part.enter("one", unowned_party(), None)
        with full_disk(), pytest.raises(UnusableLedger, match=r"can't be written: File too large; expected a file"):
            part.enter("two", unowned_party(), None)
        assert [each.name for each in part.unsettled] == [each.name for each in ledger.unsettled()]
        assert len(ledger.unsettled()) == 1
        with full_disk():
            part.settle(part.unsettled[0], "CANCELED")  # what was made can be ended all the same
        assert part.unsettled == ()
        assert ledger.unusable is not None
        with pytest.raises(UnusableLedger):
            part.enter("three", unowned_party(), None)

    @pytest.mark.parametrize("ending", [".lock", ".worker.lock"])
    def test_files_beside_it_follow_no_link_and_wait_for_nobody(self, tmp_path: Path, ending: str) -> None:
        path, precious = tmp_path / "ledger.jsonl", tmp_path / "precious"
        precious.write_text("mine", encoding="utf-8")
        beside(path, ending).symlink_to(precious)
        with pytest.raises(ConfigurationError, match=r"--ledger: .* can't be written"):
            LedgerFile(path).lock()
        beside(path, ending).unlink()
        os.mkfifo(beside(path, ending))
        with pytest.raises(ConfigurationError, match=r"--ledger: .* can't be written"):
            LedgerFile(path).lock()
        assert precious.read_text(encoding="utf-8") == "mine"

    def test_what_is_kept_replaces_a_link_and_leaves_alone_what_it_points_to(self, tmp_path: Path) -> None:
        path, precious = tmp_path / "ledger.jsonl", tmp_path / "precious"
        precious.write_text("mine", encoding="utf-8")
        beside(path, ".new").symlink_to(precious)
        LedgerFile(path).replace([{"a": 1}])
        assert LedgerFile(path).lines() == ['{"a": 1}']
        assert precious.read_text(encoding="utf-8") == "mine"

    @pytest.mark.parametrize(
        "text",
        [
            "[" * 100_000 + "\n",
            '{"name": ' + "[" * 100_000 + "\n",
            "1" * 10_000 + "\n",
            "\0\n",
            '{"name": []}\n',
            "1e999\n",
        ],
        ids=["nested", "nested in an entry", "a long number", "nothing", "a list for a name", "too large a number"],
    )
    def test_rubbish_in_it_is_told_in_one_line(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "ledger.jsonl"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"--ledger: line 1 of .*ledger\.jsonl can't be read") as told:
            Ledger(path).unsettled()
        assert "\n" not in str(told.value)

    def test_a_fifo_is_no_ledger_and_is_not_waited_for(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.jsonl"
        os.mkfifo(path)
        with pytest.raises(ConfigurationError, match="is not a file"):
            LedgerFile(path).lines()
        with pytest.raises(ConfigurationError, match=r"--ledger: .* can't be written"):
            LedgerFile(path).append({})


class TestForeignEntries:
    @pytest.mark.parametrize("known", [True, False])
    def test_what_the_target_shows_otherwise_is_left_alone(self, world: World, *, known: bool) -> None:
        recipient = {"Type": "ACCOUNT", "Id": IDS[Actor.RECIPIENT]}
        theirs = world.invite(Party("ACCOUNT", IDS[Actor.RECIPIENT]), "their very own")
        own = world.invite(Party("ACCOUNT", IDS[Actor.RECIPIENT]), f"{mark('old')} a")
        handshake = theirs.id if known else None
        entries = [
            Entry("old:a/other-notes", 1.0, OWN, recipient, f"{mark('old')} b", theirs.id),
            Entry("old:b/other-party", 1.0, OWN, unowned_party(), f"{mark('old')} a", own.id),
            Entry("old:c/their-notes", 1.0, OWN, recipient, "their very own", handshake),
            Entry("old:d/no-notes", 1.0, OWN, {"Type": "EMAIL", "Id": "a@example.com"}, None, handshake),
        ]
        became = world.runner().end_invitations(entries, OWN)
        assert became.left == tuple(entries)
        assert len(became.foreign) == 4
        assert {*world.open()} == {theirs.id, own.id}
        assert world.changes() == []
        assert (
            world.runner().end_invitations([replace(entries[0], notes=f"{mark('old')} a", handshake=own.id)], OWN).left
            == ()
        )
        assert world.open() == [theirs.id]

    def test_the_run_says_so_and_keeps_the_entry(self, world: World, tmp_path: Path) -> None:
        theirs = world.invite(Party("ACCOUNT", IDS[Actor.RECIPIENT]), "theirs")
        party = {"Type": "ACCOUNT", "Id": IDS[Actor.RECIPIENT]}
        ledger = tmp_path / "ledger.jsonl"
        ledger.write_text(
            json.dumps(asdict(Entry("old:a/b", 1.0, OWN, party, f"{mark('old')}", theirs.id))) + "\n", "utf-8"
        )
        running = start(tmp_path, command(world, tmp_path, "-k", "sdk-success"))
        output = running.communicate(timeout=60)[0]
        assert running.returncode == 8, output
        assert f"{theirs.id}: party and notes in the ledger {ledger} are not a run's" in output
        assert world.open() == [theirs.id]
        assert theirs.id in ledger.read_text(encoding="utf-8")
