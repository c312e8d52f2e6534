"""How much a verdict is worth: complete or in part, single clauses, required capabilities, and the stand-in target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contracts.clauses import contract
from contracts.judging.conclusion import Terms, conclude
from contracts.judging.verdict import Verdict
from contracts.vocabulary import BUSY, ExitCode, Level, Outcome
from fixtures.reference import Reference
from tests.suite import once, suite

if TYPE_CHECKING:
    from pathlib import Path

P, F, N, K = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_APPLICABLE, Outcome.KNOWN
ONE = "--account-strategy=one"
KEYS = {"AWS_ACCESS_KEY_ID": "210987654321", "AWS_SECRET_ACCESS_KEY": "test"}


def verdicts(**outcomes: Outcome) -> list[Verdict]:
    lacking = {"events": BUSY, "lacks": "recipient"}
    return [
        Verdict(f"a.{name}", "", Level.REQUIRED, outcome, lacking=lacking.get(name, "") if outcome is N else "")
        for name, outcome in outcomes.items()
    ]


def terms(judged: list[Verdict], **given: object) -> Terms:
    return Terms({each.name: each.level for each in judged}, "a.happy", **given)  # type: ignore[arg-type]


class TestConclusion:
    def test_all_judged(self) -> None:
        judged = verdicts(happy=P, other=P)
        assert conclude(judged, terms(judged)).sentence == "conformant: all 2 required clauses judged"

    def test_in_part_names_what_is_missing(self) -> None:
        judged = verdicts(happy=P, lacks=N)
        concluded = conclude(judged, terms(judged))
        assert concluded.sentence == "conformant in part: 1 of 2 required clauses judged; missing: recipient"
        assert (concluded.code, concluded.judged, concluded.gated) == (ExitCode.CONFORMANT, 1, 2)
        assert concluded.lacking == {"recipient": 1}

    def test_complete_wants_all(self) -> None:
        judged = verdicts(happy=P, lacks=N)
        assert conclude(judged, terms(judged, complete=True)).code is ExitCode.INCONCLUSIVE

    def test_what_no_run_can_bring_about_leaves_none_incomplete(self) -> None:
        judged = verdicts(happy=P, events=N)
        concluded = conclude(judged, terms(judged, complete=True))
        assert concluded.sentence == "conformant: 1 required clause judged"

    def test_known_deviations_are_told(self) -> None:
        judged = verdicts(happy=P, one=K, lacks=N)
        sentence = conclude(judged, terms(judged, ending="1 ends within 14 days")).sentence
        assert sentence.startswith("conformant in part but for 1 known deviation (1 ends within 14 days): 2 of 3 ")

    def test_an_outdated_entry_fails(self) -> None:
        judged = verdicts(happy=P)
        concluded = conclude(judged, terms(judged, outdated=("entry 1, a.b (mended: remove it)",)))
        assert concluded.code is ExitCode.FAILED

    def test_a_narrowed_run_needs_no_happy_path_and_says_what_it_was(self) -> None:
        judged = verdicts(other=P)
        concluded = conclude(judged, terms(judged, narrowed=True))
        assert concluded.sentence == "conformant: a.other passed; nothing else was judged"
        assert conclude(verdicts(other=F), terms(judged, narrowed=True)).code is ExitCode.FAILED
        assert conclude(verdicts(lacks=N), terms(judged, narrowed=True)).code is ExitCode.NOTHING_JUDGED


def last_line(output: str) -> str:
    return output.strip().splitlines()[-1]


@pytest.mark.long
def test_a_target_with_one_account_is_conformant_in_part_and_not_complete(tmp_path: Path) -> None:
    with Reference.start() as reference:
        endpoint = f"--endpoint-url={reference.url}"
        done = suite(tmp_path / "part", endpoint, ONE, **KEYS)
        complete = suite(tmp_path / "complete", endpoint, ONE, "--complete", **KEYS)
        required = suite(tmp_path / "required", endpoint, ONE, "--require=member,recipient", **KEYS)
        log = [each.operation for each in reference.log]
    assert done.code == 0, done.output
    assert last_line(done.output).startswith("CONFORMANT IN PART (exit 0): ")
    assert "NOT JUDGED for want of recipient: " in done.output
    assert complete.code == 8
    assert required.code == 8
    assert "--require: " in required.output
    assert "nothing was changed there" in required.output
    assert log[-1] not in {"CreateOrganization", "InviteAccountToOrganization"}
    unknown = suite(tmp_path / "unknown", "--require=recipien")
    assert unknown.code == 4
    assert "did you mean recipient?" in unknown.output


@pytest.mark.parametrize("by", ["--only=errors.reason", "suites/test_errors.py::test_reason"])
def test_one_clause_alone_is_red_and_then_green(tmp_path: Path, by: str) -> None:
    red = suite(tmp_path / "red", by, "--fault=reason-missing")
    assert red.code == 1, red.output
    green = suite(tmp_path / "green", by)
    assert green.code == 0, green.output
    assert "errors.reason passed; nothing else was judged" in last_line(green.output)
    assert {each.verdict.clause for each in green.run.judgements} == {"errors.reason"}


def test_a_recommended_clause_counts_when_it_is_asked_for(tmp_path: Path) -> None:
    assert once("--fault=reason-without-parameter").code == 0
    assert suite(tmp_path / "one", "--fault=reason-without-parameter", "--only=errors.reason-parameter").code == 1


def test_no_such_clause(tmp_path: Path) -> None:
    done = suite(tmp_path, "--only=errors.reasn")
    assert done.code == 4
    assert "did you mean errors.reason?" in done.output


def test_a_recommended_miss_has_one_name_everywhere() -> None:
    done = once("--fault=reason-without-parameter")
    assert "3 failed (not counted)" in done.output
    assert "FAILED (not counted) errors.reason-parameter" in done.output
    assert "(not counted)  failed" in done.output
    assert 'message="failed (not counted), recommended: ' in (done.folder / "junit.xml").read_text()


def test_the_reference_says_so_unless_it_was_named(tmp_path: Path) -> None:
    assert "this was the embedded reference" in last_line(once().output)
    assert "embedded reference:" not in last_line(suite(tmp_path, "--target=reference", "--only=errors.reason").output)


def test_an_endpoint_that_variables_have_ignored_is_no_silent_green(tmp_path: Path) -> None:
    ignored = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    done = suite(tmp_path / "ignored", **ignored)
    assert done.code == 4
    assert "AWS_ENDPOINT_URL: AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true has it ignored" in done.output
    assert suite(tmp_path / "named", "--target=reference", "--only=errors.reason", **ignored).code == 0


def test_q_is_short_and_v_is_all(tmp_path: Path) -> None:
    short = suite(tmp_path / "q", "-q", "--fault=reason-missing").output
    assert "\nFAILED errors.reason (3 of 3 checks): Reason None\n" in short
    assert "DIAGNOSIS" in short
    assert "Source " not in short
    assert "Source " in suite(tmp_path / "v", "-v", "--fault=reason-missing", "--only=errors.reason").output


@pytest.mark.parametrize("clause", [each.id for each in contract().clauses][::16])
def test_explain_tells_all_that_is_known(tmp_path: Path, clause: str) -> None:
    done = suite(tmp_path, f"--explain={clause}")
    assert done.code == 0
    for part in (contract()[clause].level, "sources", "recorded", "judges", "catches", f"pytest --only={clause}"):
        assert part in done.output
