"""A run that may make few invitations leaves scenarios out by name, before anything is sent, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.clauses import contract
from contracts.judging.absence import NOT_ASKED
from contracts.judging.exchange import is_invitation
from contracts.judging.judge import judge
from contracts.vocabulary import INVITATIONS, Actor, Outcome
from fixtures.preflight.allowance import within_allowance
from fixtures.preflight.embedded import embedded_target
from fixtures.preflight.inventory import Inventory
from fixtures.preflight.plan import make_plan
from fixtures.preflight.plan_text import plan_lines
from fixtures.reference import Reference
from fixtures.reference.organizations.store import Party
from fixtures.scenarios.catalogue import scenarios
from fixtures.scenarios.checks import checks
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy
from fixtures.target.model import Target
from proof.matrix import drive, judge_of
from tests.suite import suite
from tests.world import IDS, OWN, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contracts.judging.exchange import Transcript
    from contracts.judging.verdict import Verdict


@pytest.fixture
def world() -> Iterator[World]:
    with Reference.start() as reference:
        yield World(reference)


def invitations_in(transcript: Transcript, *, by: Actor) -> int:
    return sum(is_invitation(each) and each.actor == str(by) for each in transcript.exchanges)


def verdicts(runner: ScenarioRunner) -> list[Verdict]:
    return [
        judge(clause, asked.step, judge_of(clause), runner.transcript(asked.scenario))
        for clause in contract().clauses
        for asked in checks(clause)
    ]


def test_every_scenario_says_how_many_invitations_it_makes() -> None:
    made = {name: invitations_in(transcript, by=Actor.SENDER) for name, transcript in drive().items()}
    rounds = {name: Target.races if scenarios()[name].races else 1 for name in made}
    assert made == {name: scenarios()[name].invitations * rounds[name] for name in made}
    assert invitations_in(drive(scenarios={"managers"})["managers"], by=Actor.STRANGER) == 1


@pytest.mark.parametrize("most", [1, 3, 6, 11])
def test_what_needs_more_is_left_out_whole(world: World, most: int) -> None:
    inventory = within_allowance(world.inventory(), most, 1)
    left_out = inventory.target.left_out
    plan = make_plan(inventory, world.actors, 1)
    assert left_out
    assert 0 < plan.invitations <= most
    assert all(scenarios()[name].invitations for name in left_out)
    assert not inventory.target.has(INVITATIONS)
    runner = ScenarioRunner(inventory.target, Identities(Strategy.PROFILES, world.actors, None))
    found = verdicts(runner)
    assert {each.outcome for each in found} == {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    assert {each.lacking for each in found if each.case.partition("/")[0] in left_out} <= {INVITATIONS}
    assert INVITATIONS in {each.lacking for each in found}
    for name in contract().scenarios:
        transcript = runner.transcript(name)
        assert transcript.stop is None
        assert (transcript.skipped.get("*") == INVITATIONS) == (name in left_out)
    assert sum(each.organization == OWN for each in world.reference.store.handshakes()) == plan.invitations
    assert world.open() == []


def test_the_last_scenarios_are_left_out_first(world: World) -> None:
    order = [name for name in contract().scenarios if scenarios()[name].invitations and name != "time"]
    everything = world.invitations()
    assert within_allowance(world.inventory(quota=0), everything, 1).target.left_out == ()
    assert within_allowance(world.inventory(quota=0), everything - 1, 1).target.left_out == (order[-1],)
    assert order[0] not in within_allowance(world.inventory(), 1, 1).target.left_out


def test_what_cannot_be_driven_anyway_takes_no_invitations(world: World) -> None:
    everything = world.invitations()
    del world.actors[Actor.STRANGER]
    assert within_allowance(world.inventory(quota=0), everything - 1, 1).target.left_out == ()


def test_what_is_driven_several_times_needs_as_many_more(world: World) -> None:
    everything = world.invitations()
    assert within_allowance(world.inventory(quota=0), 3 * everything, 3).target.left_out == ()
    assert len(within_allowance(world.inventory(quota=0), 3 * everything - 1, 3).target.left_out) == 1


def test_what_was_sent_today_counts_against_the_quota(world: World) -> None:
    for _ in range(30 - world.invitations() + 1):
        world.invite(Party("EMAIL", "b@example.com"), None, "CANCELED")
    inventory = within_allowance(world.inventory(quota=30), 30, 1)
    assert len(inventory.target.left_out) == 1
    assert "of 30 a day were made in the last 24 hours" in inventory.target.capabilities[INVITATIONS].how


def test_another_target_has_only_its_quota(world: World) -> None:
    assert within_allowance(world.inventory(real=False, quota=0), None, 1).target.left_out == ()
    assert within_allowance(world.inventory(real=False, quota=0), 1, 1).target.left_out != ()
    assert within_allowance(world.inventory(real=False, quota=2), 1, 1).target.left_out


def test_fresh_accounts_have_a_quota_each() -> None:
    with Reference.start() as reference:
        inventory = Inventory(replace(embedded_target(reference), quota=2), NOT_ASKED)
        assert within_allowance(inventory, None, 5) is inventory


def test_the_plan_names_what_is_left_out(world: World) -> None:
    inventory = within_allowance(world.inventory(), 2, 1)
    lines = [*plan_lines(make_plan(inventory, world.actors, 1), inventory, world.actors)]
    said = next(line for line in lines if line.startswith("  left out "))
    assert "the run may make 2 invitations (--max-invitations=2), which leaves out account, " in said
    assert "  invitations  2 needed" in "\n".join(lines)
    assert not any(INVITATIONS in line and "none" in line for line in lines)


def test_what_is_left_out_goes_to_a_worker_as_json_and_comes_back(world: World) -> None:
    target = within_allowance(world.inventory(), 2, 1).target
    assert Target.from_json(target.to_json()) == target


@pytest.mark.long
def test_a_run_reports_what_it_left_out(world: World, tmp_path: Path) -> None:
    path = world.profile(tmp_path)
    by_races = sum(each.invitations for each in scenarios().values() if each.races)
    most = world.invitations() - by_races - 1  # what a race judges, another one judges as well
    finished = suite(
        tmp_path,
        *(f"--target={path}", f"--allow-account={IDS[Actor.SENDER]}", f"--max-invitations={most}", "-n", "2"),
        XDG_STATE_HOME=str(tmp_path / "state"),
    )
    assert finished.code == 0, finished.output
    assert f"the run may make {most} invitations (--max-invitations={most}), which leaves" in finished.output
    assert "invitations: counted: the run may make" in " ".join(finished.output.split())
    assert finished.run.invitations <= most
    lacking = {each.verdict.lacking for each in finished.run.judgements if each.verdict.outcome == "not-applicable"}
    assert INVITATIONS in lacking
    assert world.open() == []


def test_nothing_is_sent_where_there_are_too_few_for_any(world: World, tmp_path: Path) -> None:
    path = world.profile(tmp_path)
    finished = suite(
        tmp_path,
        *(f"--target={path}", f"--allow-account={IDS[Actor.SENDER]}", "--max-invitations=1", "--repeat=2"),
        XDG_STATE_HOME=str(tmp_path / "state"),
    )
    assert finished.code == 4, finished.output
    assert "no scenario can be driven with the invitations left: " in finished.output
    assert world.changes() == []
