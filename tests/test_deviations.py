"""Deviations on file: what fails a run that has them, and what becomes of the file."""

from __future__ import annotations

import time
import tomllib
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.deviations.entries import Deviation, UnsoundDeviations, parse, read
from contracts.deviations.matching import ending, filed, on_file, outdated
from contracts.deviations.observation import Observation, masked, observe
from contracts.deviations.writing import Failure, write
from contracts.judging.exchange import Transcript
from contracts.judging.verdict import Verdict
from contracts.vocabulary import Level, Outcome
from fixtures.reference import Reference
from fixtures.reference.faults import FAULTS, fault
from fixtures.reference.faults.composition import compose
from fixtures.reference.realism import WITH_EXPIRED
from proof.matrix import drive, verdicts
from tests.endpoints import always
from tests.suite import Finished, suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLAUSE, CASE = "errors.reason", "inputs/pattern-empty"
SEEN = Observation(400, "InvalidInputException", "Reason None")
TODAY = date(2026, 11, 28)
LATER = TODAY + timedelta(days=90)
ENTRY = Deviation("entry 1", CLAUSE, SEEN, "not yet", LATER)


def verdict(outcome: Outcome = Outcome.FAILED, actual: str = "Reason None", case: str = CASE) -> Verdict:
    return Verdict(CLAUSE, case, Level.REQUIRED, outcome, expected="Reason X", actual=actual)


def entry(**changes: object) -> dict[str, object]:
    row = {"clause": CLAUSE, "status": 400, "code": "InvalidInputException", "actual": "Reason None"}
    return row | {"reason": "not yet", "until": LATER} | changes


class TestEntries:
    def test_are_read(self) -> None:
        (read_entry,) = parse([entry(case=CASE, link="https://example.com/1")], "f.toml")
        assert read_entry == Deviation("entry 1", CLAUSE, SEEN, "not yet", LATER, "https://example.com/1", (CASE,))

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"clause": "errors.reasn"}, "there is no 'errors.reasn'; did you mean errors.reason?"),
            ({"reason": " "}, "entry 1: reason: say why errors.reason is put up with"),
            ({"until": "soon"}, "until: expected the last day"),
            ({"until": datetime(2026, 1, 1, tzinfo=UTC)}, "until: expected the last day"),
            ({"case": "nowhere/step"}, "judges nothing of 'nowhere/step'"),
            ({"case": 3}, "case: expected scenario/step, or a list of them"),
            ({"actual": ""}, "actual: expected a text that is not empty"),
            ({"status": True}, "status: expected an HTTP status"),
            ({"reasn": "x"}, "'reasn' is not a key"),
        ],
    )
    def test_are_refused_in_one_line(self, changes: dict[str, object], says: str) -> None:
        with pytest.raises(UnsoundDeviations, match=r"f\.toml: entry 1: ") as refused:
            parse([entry(**changes)], "f.toml")
        assert says in str(refused.value)
        assert "\n" not in str(refused.value)

    @pytest.mark.parametrize("text", ["[deviation]\n", "x = 1\n", "]"])
    def test_a_file_of_something_else_is_refused(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "d.toml"
        path.write_text(text)
        with pytest.raises(UnsoundDeviations, match=r"d\.toml"):
            read(path)


class TestMatching:
    def test_the_same_is_known_and_keeps_what_was_seen(self) -> None:
        known = on_file(verdict(), SEEN, [ENTRY])
        assert (known.outcome, known.because, known.deviation) == (Outcome.KNOWN, "not yet", "entry 1")
        assert known.actual == "Reason None"

    def test_another_wrong_answer_stays_failed_and_says_what_is_on_file(self) -> None:
        other = on_file(verdict(), Observation(400, "ValidationException", "Reason None"), [ENTRY])
        assert other.outcome is Outcome.FAILED
        assert other.because == "not as on file, in entry 1: HTTP 400 InvalidInputException, Reason None"

    def test_an_entry_covers_the_cases_that_it_names(self) -> None:
        limited = Deviation("entry 1", CLAUSE, SEEN, "not yet", LATER, "", ("unknown/malformed",))
        assert on_file(verdict(), SEEN, [limited]).outcome is Outcome.FAILED
        assert on_file(verdict(case="unknown/malformed"), SEEN, [limited]).outcome is Outcome.KNOWN

    @pytest.mark.parametrize(
        ("judged", "today", "state"),
        [
            (on_file(verdict(), SEEN, [ENTRY]), TODAY, "known"),
            (verdict(), TODAY, "changed"),
            (verdict(Outcome.PASSED), TODAY, "mended"),
            (verdict(Outcome.BLOCKED), TODAY, "changed"),
            (verdict(Outcome.NOT_APPLICABLE), TODAY, "not judged"),
            (on_file(verdict(), SEEN, [ENTRY]), LATER + timedelta(days=1), "expired"),
        ],
    )
    def test_the_state_of_an_entry(self, judged: Verdict, today: date, state: str) -> None:
        (after,) = filed([ENTRY], [judged], today)
        assert after.state == state
        assert bool(outdated([after])) == (state in {"changed", "mended", "expired"})

    def test_it_is_told_what_ends_soon(self) -> None:
        known = on_file(verdict(), SEEN, [ENTRY])
        assert ending(filed([ENTRY], [known], TODAY), TODAY) == ""
        soon = LATER - timedelta(days=3)
        assert ending(filed([ENTRY], [known], soon), soon) == "1 ends within 14 days"

    def test_what_differs_from_run_to_run_is_masked(self) -> None:
        text = "h-0we47aoavmfjby70ykm5jgwwyd3dfck9 of 180350153750 at 1795857992.868, jane@corp.example, +7200 s"
        assert masked(text, Transcript("s", ())) == "h-ID of NUMBER at NUMBER, ADDRESS, +7200 s"
        assert masked("an id h-ab-cd", Transcript("s", ())) == "an id h-ab-cd"

    @pytest.mark.parametrize("part", ["a", "1", "a1", "a@", "1.", "@", "f-", "+1", "é"])
    def test_a_long_text_is_masked_in_time_that_grows_with_its_length(self, part: str) -> None:
        started = time.process_time()
        masked(part * (2**18 // len(part)) + "A", Transcript("s", ()))
        assert time.process_time() - started < 20  # it takes less than one; looking from every character, minutes


@pytest.mark.long
@pytest.mark.parametrize("name", [*FAULTS][::64])
def test_what_a_fault_shows_is_the_same_in_every_run(name: str) -> None:
    seen = []
    for _ in range(2):
        transcripts = drive(fault(name).parts, realism=fault(name).realism)
        # What a race shows depends on which of two calls comes first.
        failed = (
            each
            for each in verdicts(transcripts)
            if each.outcome is Outcome.FAILED and not each.clause.startswith("races.")
        )
        seen.append({each.name: observe(each, transcripts.values()) for each in failed})
    assert seen[0] == seen[1]


class TestWriting:
    def test_it_keeps_what_is_there_with_its_comments(self, tmp_path: Path) -> None:
        path = tmp_path / "d.toml"
        assert write(path, [Failure(CLAUSE, CASE, SEEN)], {CLAUSE: 3}, TODAY) == 1
        path.write_text("# ours\n" + path.read_text().replace('reason = ""', 'reason = "not yet"'))
        other = Observation(200, "", "State 'OPEN'")
        assert (
            write(
                path,
                [Failure(CLAUSE, CASE, SEEN), Failure("response.action", "", other)],
                {"response.action": 2},
                TODAY,
            )
            == 1
        )
        text = path.read_text()
        assert text.startswith("# ours\n")
        assert [each["clause"] for each in tomllib.loads(text)["deviation"]] == [CLAUSE, "response.action"]
        assert tomllib.loads(text)["deviation"][0]["reason"] == "not yet"

    def test_cases_that_show_the_same_share_an_entry(self, tmp_path: Path) -> None:
        path = tmp_path / "d.toml"
        failures = [Failure(CLAUSE, case, SEEN) for case in (CASE, "unknown/malformed")]
        write(path, failures, {CLAUSE: 3}, TODAY)
        (row,) = tomllib.loads(path.read_text())["deviation"]
        assert row["case"] == [CASE, "unknown/malformed"]
        assert row["until"] == LATER
        path.unlink()
        write(path, failures, {CLAUSE: 2}, TODAY)
        (row,) = tomllib.loads(path.read_text())["deviation"]
        assert "case" not in row


@contextmanager
def target(*names: str) -> Iterator[str]:
    """Start a reference with these faults and give the option that names it."""
    with Reference.start(parts=compose(map(fault, names)), realism=WITH_EXPIRED) as reference:
        yield f"--endpoint-url={reference.url}"


def run(folder: Path, faults: tuple[str, ...], *options: str) -> Finished:
    with target(*faults) as endpoint:
        return suite(folder, endpoint, *options)


def last_line(finished: Finished) -> str:
    return finished.output.strip().splitlines()[-1]


BROKEN = ("reason-missing", "recipient-may-cancel", "unknown-id-is-denied")


@pytest.mark.long
def test_the_story_of_a_target_that_is_mended_bit_by_bit(tmp_path: Path) -> None:
    path = tmp_path / "deviations.toml"
    option = f"--deviations={path}"
    red = run(tmp_path / "red", BROKEN, f"--write-deviations={path}")
    assert red.code == 1
    assert "entries written to" in red.output
    refused = run(tmp_path / "refused", BROKEN, option)
    assert refused.code == 4
    assert "reason: say why" in refused.output
    path.write_text(path.read_text().replace('reason = ""', 'reason = "known since the port"'))
    green = run(tmp_path / "green", BROKEN, option)
    assert green.code == 0, green.output
    assert "KNOWN DEVIATIONS (exit 0)" in last_line(green)
    assert green.clauses("failed") <= {
        "request.violation-code",
        "callers.recipient-open-code",
        "errors.message-text",
    } | {each.verdict.clause for each in green.run.judgements if each.verdict.level is not Level.REQUIRED}
    two_workers = run(tmp_path / "two", BROKEN, option, "-n", "2")
    assert two_workers.verdicts() == green.verdicts()
    mended = run(tmp_path / "mended", BROKEN[1:], option)
    assert mended.code == 1
    assert "errors.reason (mended: remove it)" in last_line(mended)
    changed = run(tmp_path / "changed", ("reason-always-required", *BROKEN[1:]), option)
    assert changed.code == 1
    assert "errors.reason (another wrong answer now)" in changed.output
    path.write_text(path.read_text().replace(f"until = {written_until(path)}", "until = 2026-01-01", 1))
    expired = run(tmp_path / "expired", BROKEN, option)
    assert expired.code == 1
    assert "(past its date)" in last_line(expired)


def written_until(path: Path) -> str:
    return str(tomllib.loads(path.read_text())["deviation"][0]["until"])


def test_a_profile_can_have_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with target("reason-missing") as endpoint:
        url = endpoint.partition("=")[2]
        row = 'clause = "errors.reason"\nstatus = 400\ncode = "InvalidInputException"\nactual = "Reason None"\n'
        path.write_text(f'endpoint = "{url}"\n[[deviation]]\n{row}reason = "x"\nuntil = 2999-01-01\n')
        done = suite(tmp_path / "run", f"--target={path}", "--only=errors.reason")
        assert done.code == 0, done.output
        assert "BUT FOR 1 KNOWN DEVIATION" in last_line(done)
        (kept,) = done.run.deviations
        assert (kept.entry.place, kept.state) == (f"entry 1 of {path}", "known")
        path.write_text(path.read_text().replace('reason = "x"', 'reason = ""'))
        assert suite(tmp_path / "again", f"--target={path}").code == 4


def test_a_target_without_the_operation_stays_that(tmp_path: Path) -> None:
    path = tmp_path / "d.toml"
    path.write_text(
        '[[deviation]]\nclause = "errors.reason"\nactual = "Reason None"\nreason = "x"\nuntil = 2999-01-01\n'
    )
    with always(400, "application/x-amz-json-1.1", b'{"__type":"UnknownOperationException"}') as url:
        done = suite(tmp_path / "run", f"--endpoint-url={url}", f"--deviations={path}")
    assert done.code == 7, done.output
