"""A run that drives everything several times tells what comes out the same from what doesn't."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import replace
from itertools import count, permutations
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from contracts.commands import whole
from contracts.judging.conclusion import Conclusion, Terms, conclude
from contracts.judging.stability import merged, passed
from contracts.judging.verdict import Verdict
from contracts.vocabulary import ExitCode, Level, Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Parts, Reference
from fixtures.reference.organizations.operations import Operations
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy
from fixtures.target.options import MOST_REPETITIONS
from reports.formats import terminal
from tests.suite import Finished, suite
from tests.test_reports import judgement, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

P, F, B, N = Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED, Outcome.NOT_APPLICABLE
U, E = Outcome.NOT_IMPLEMENTED, Outcome.ERROR
ONE_ACCOUNT = {"AWS_ACCESS_KEY_ID": "210987654321", "AWS_SECRET_ACCESS_KEY": "test"}
ONE = "--account-strategy=one"


def verdict(outcome: Outcome, run: int = 1, clause: str = "a.b") -> Verdict:
    differs: dict[str, Any] = {"expected": "400", "actual": "403"} if outcome is F else {}
    because = "" if outcome in {P, F} else f"it is {outcome}"
    return Verdict(clause, "", Level.REQUIRED, outcome, because, exchanges=(f"s#{run}/x", f"s#{run}/y"), **differs)


def of(*outcomes: Outcome) -> Verdict:
    return merged([verdict(outcome, run) for run, outcome in enumerate(outcomes, 1)])


class TestMerging:
    @pytest.mark.parametrize("outcome", Outcome)
    def test_what_is_the_same_in_every_run_stays_what_it_is(self, outcome: Outcome) -> None:
        assert merged([verdict(outcome)]) == verdict(outcome)
        assert of(outcome, outcome, outcome) == replace(verdict(outcome), runs=(outcome,) * 3)
        assert of(outcome, outcome).stable

    @pytest.mark.parametrize(("one", "other"), [*permutations(Outcome, 2)])
    def test_what_is_not_the_same_in_every_run_is_not_green(self, one: Outcome, other: Outcome) -> None:
        found = of(one, other, one)
        assert not found.stable
        assert found.runs == (one, other, one)
        assert found.outcome in {E, F, B, U}
        assert found.outcome is of(other, one, other).outcome
        assert f"passed {passed(found.runs)}" in found.actual + found.because

    @pytest.mark.parametrize(
        ("runs", "outcome"),
        [((P, F, E), E), ((B, E, P), E), ((P, F, B), F), ((N, F, U), F), ((P, U, B), B), ((P, U), U), ((P, N), F)],
    )
    def test_the_worst_run_decides(self, runs: tuple[Outcome, ...], outcome: Outcome) -> None:
        assert of(*runs).outcome is outcome

    def test_it_is_told_which_run_came_to_what(self) -> None:
        found = of(P, F, P, F)
        assert (found.expected, found.because) == ("the same in all 4 runs", "")
        assert found.actual == "passed 2/4; runs 2, 4 failed: expected 400, actual 403"
        assert found.exchanges == ("s#2/x", "s#2/y", "s#1/x", "s#3/x", "s#4/x")
        assert of(P, B).because == "unstable: passed 1/2; run 2 blocked: it is blocked"

    def test_it_goes_to_json_and_comes_back(self) -> None:
        for found in (of(P, F), of(P, P), of(P)):
            assert Verdict.from_json(found.to_json()) == found


def concluded(*verdicts: Verdict) -> Conclusion:
    promised = {each.name: each.level for each in verdicts}
    return conclude(verdicts, Terms(promised, "a.happy"))


def test_the_conclusion_says_what_is_unstable() -> None:
    happy = verdict(P, clause="a.happy")
    shaky = merged([verdict(P), verdict(F)])
    failed = concluded(happy, shaky, verdict(F, clause="a.c"))
    assert failed.code is ExitCode.FAILED
    assert failed.sentence == "not conformant: 2 required clauses failed, 1 of them unstable"
    blocked = concluded(happy, merged([verdict(P), verdict(B)]))
    assert blocked.code is ExitCode.INCONCLUSIVE
    assert blocked.sentence == "inconclusive: 1 required clause blocked, 1 of them unstable"
    advice = replace(merged([verdict(P, clause="a.c"), verdict(F, clause="a.c")]), level=Level.ADVISORY)
    fine = concluded(happy, advice)
    assert fine.code is ExitCode.CONFORMANT
    assert fine.sentence == "conformant: 1 required clause judged; 1 advisory clause unstable"


def test_an_unstable_clause_is_listed_whatever_its_level_and_counted_over_its_cases() -> None:
    first = judgement(F, "errors.advice", Level.ADVISORY, "x/one", runs=(P, F))
    second = judgement(F, "errors.advice", Level.ADVISORY, "x/two", runs=(F, P))
    same = judgement(F, "errors.always", runs=(F, F))
    shown = terminal.render(run(first, second, same, judgement(P, "errors.fine", runs=(P, P)), repeat=2), width=200)
    assert "  1 clause passed in every run\n  passed 0/2: errors.advice, errors.always\n" in shown
    listed = shown.partition("UNSTABLE (not the same outcome in every run): 1 clause\n")[2]
    assert listed.startswith("  errors.advice:x/one (advisory): passed 1/2: passed, failed (and 1 more check)\n")


class Forgetful(Operations):
    """Answers every second invitation without notes, and cancels what came of it, without its state."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._numbers = count()
        self._shaky: set[str] = set()

    def invite_account_to_organization(self, caller: str, request: Any, now: Any) -> Any:
        answer = super().invite_account_to_organization(caller, request, now)
        if "Notes" not in request and next(self._numbers) % 2:
            self._shaky.add(answer["Handshake"]["Id"])
        return answer

    def cancel_handshake(self, caller: str, request: Any, now: Any) -> Any:
        answer = super().cancel_handshake(caller, request, now)
        if request["HandshakeId"] in self._shaky:
            answer["Handshake"]["State"] = "OPEN"
        return answer


@pytest.fixture(scope="module")
def flaky(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    with Reference.start(parts=Parts(operations=Forgetful)) as reference:
        return suite(tmp_path_factory.mktemp("flaky"), f"--endpoint-url={reference.url}", "--repeat=3")


def unstable(finished: Finished) -> dict[str, tuple[Outcome, ...]]:
    return {each.verdict.name: each.verdict.runs for each in finished.run.judgements if not each.verdict.stable}


@pytest.mark.long
def test_a_target_that_errs_now_and_then_is_not_green(flaky: Finished) -> None:
    assert flaky.code == 1, flaky.output
    assert unstable(flaky)
    assert set(unstable(flaky).values()) == {(P, F, P)}
    assert all("/cancel" in name or ":" not in name for name in unstable(flaky))
    assert not unstable(flaky).keys() & {name for name, outcome in flaky.verdicts().items() if outcome == "passed"}
    assert "of them unstable" in flaky.output.rstrip().splitlines()[-1]


@pytest.mark.long
def test_what_is_unstable_is_listed_with_its_share(flaky: Finished) -> None:
    listed = flaky.output.partition("UNSTABLE (not the same outcome in every run): ")[2]
    for name in unstable(flaky):
        assert f"{name} (required): passed 2/3: passed, failed, passed" in " ".join(listed.split())
    assert "passed 2/3: " in flaky.output.partition("passed in every run")[2]
    assert "#2/cancel" in flaky.output
    assert "--repeat=3 'suites/" in flaky.output


@pytest.mark.long
def test_junit_tells_the_runs(flaky: Finished) -> None:
    cases = ET.parse(flaky.folder / "junit.xml").getroot().iter("testcase")
    told = {case.get("name"): {each.get("name"): each.get("value") for each in case.iter("property")} for case in cases}
    for name in unstable(flaky):
        assert told[name]["runs"] == "passed 2/3: passed, failed, passed"
    assert told["errors.unknown-operation"]["runs"] == "passed 3/3: passed, passed, passed"


@pytest.mark.long
def test_a_repeated_run_replays_to_the_same_verdicts(flaky: Finished, tmp_path: Path) -> None:
    again = suite(tmp_path, f"--replay={flaky.folder / 'report.jsonl'}")
    assert again.code == flaky.code == 1, again.output
    assert [each.verdict for each in again.run.judgements] == [each.verdict for each in flaky.run.judgements]
    assert again.run.header.repeat == 3


@pytest.fixture(scope="module")
def reference() -> Iterator[str]:
    with Reference.start() as started:
        yield started.url


def healthy(folder: Path, url: str, *options: str) -> Finished:
    """A run on the reference itself, or on a target with one organization."""
    if ONE in options:
        return suite(folder, f"--endpoint-url={url}", *options, **ONE_ACCOUNT)
    return suite(folder, *options)


@pytest.fixture(scope="module", params=[(), (ONE,)], ids=["reference", "one organization"])
def single(
    request: pytest.FixtureRequest, reference: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Finished, tuple[str, ...]]:
    return healthy(tmp_path_factory.mktemp("single"), reference, *request.param), request.param


@pytest.mark.long
@pytest.mark.parametrize("more", [("--repeat=3",), ("-n", "2", "--repeat=3")], ids=["alone", "two workers"])
def test_repeating_changes_no_verdict(
    single: tuple[Finished, tuple[str, ...]], more: tuple[str, ...], reference: str, tmp_path: Path
) -> None:
    once, options = single
    repeated = healthy(tmp_path, reference, *options, *more)
    assert (repeated.code, repeated.verdicts()) == (0, once.verdicts()), repeated.output
    assert not unstable(repeated)
    assert "UNSTABLE" not in repeated.output
    assert all(len(each.verdict.runs) == 3 for each in repeated.run.judgements)
    assert repeated.run.invitations == 3 * once.run.invitations
    names = [transcript.scenario for transcript in repeated.run.transcripts]
    assert len(names) == len(set(names))
    organizations = {each.organization for each in repeated.run.transcripts if each.scenario.startswith("email")}
    assert len(organizations) == (1 if ONE in options else 3)
    assert f"{repeated.run.invitations} of them invitations, each scenario driven 3 times, " in repeated.output


@pytest.mark.long
def test_an_account_that_can_join_once_only_is_no_instability(tmp_path: Path) -> None:
    actors = {"sender": "3011", "recipient": "3022", "member": "3033", "stranger": "3044"}
    keys = (f"[{actor}]\naws_access_key_id={key:0<12}\naws_secret_access_key=test\n" for actor, key in actors.items())
    config = tmp_path / "credentials"
    config.write_text("".join(keys), encoding="utf-8")
    profiles = [f"--profile={actor}={actor}" for actor in actors]
    with Reference.start() as started:
        options = (f"--endpoint-url={started.url}", *profiles, "--repeat=2")
        finished = suite(tmp_path, *options, AWS_SHARED_CREDENTIALS_FILE=str(config))
    assert finished.code == 0, finished.output
    assert finished.counts().keys() == {"passed", "not-applicable"}
    assert "each scenario driven 2 times (once: accepted, race-accept)" in finished.output


def test_a_target_that_died_in_one_run_is_asked_nothing_in_the_next() -> None:
    with Reference.start() as started:
        runner = ScenarioRunner(embedded_target(started), *(Identities(Strategy.KEY, {}, None) for _ in range(2)))
        assert [each.scenario for each in runner.runs("unknown")] == ["unknown", "unknown#2"]
        assert [each.scenario for each in runner.new_transcripts()] == ["setup", "unknown", "setup#2", "unknown#2"]
    first, second = runner.runs("email")
    assert len(first.exchanges) == 1
    assert (second.scenario, second.exchanges, second.stop) == ("email#2", (), first.stop)


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "", "\u0663"])
def test_what_is_no_number_of_runs_is_refused(number: str) -> None:
    with pytest.raises(ArgumentTypeError, match="expected a whole number from 1 to 1000"):
        whole(1, MOST_REPETITIONS)(number)


def test_what_is_no_number_of_runs_is_bad_usage(tmp_path: Path) -> None:
    finished = suite(tmp_path, "--repeat=0")
    assert finished.code == 4, finished.output
    assert "--repeat: expected a whole number from 1 to 1000, got '0'" in finished.output
    assert "Traceback" not in finished.output
