"""Tests of a run on the real service, as planned and when it is killed, on a reference that is like it."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.clauses import contract
from contracts.judging.judge import judge
from contracts.values import MOST_INVITATIONS
from contracts.vocabulary import Actor
from fixtures.errors import ConfigurationError
from fixtures.reference import Parts, Realism, Reference
from fixtures.reference.faults.request.spellings import EscapedIdNotUnderstood
from fixtures.reference.faults.response.spellings import AddressLowerCased
from fixtures.reference.http.transmission import Handler, Transmission
from fixtures.reference.organizations.lifecycle import Lifecycle, Role
from fixtures.reference.organizations.operations import Input, Operations
from fixtures.reference.organizations.store import Handshake, Organization, Party
from fixtures.reference.organizations.views import Document, Views
from fixtures.scenarios.checks import checks
from fixtures.scenarios.clean_up import CleanUp
from fixtures.scenarios.ledger_file import beside
from fixtures.target.choice import choose
from proof.matrix import judge_of
from tests.options import options
from tests.suite import ROOT, Finished, clean_environment, suite
from tests.world import IDS, OWN, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.judging.exchange import Response
    from fixtures.reference.organizations.views import Document
    from fixtures.scenarios.ledger import Entry
    from fixtures.scenarios.runner import ScenarioRunner

SENDER = IDS[Actor.SENDER]
KILLED_AT = (signal.SIGINT, signal.SIGKILL)
AS_AWS = Realism(rates=40.0, throttled=0.05, lag=0.2, invitations=20, expired=2)
"""As the real service, only faster."""


@pytest.fixture
def world() -> Iterator[World]:
    with Reference.start() as reference:
        yield World(reference)


def run(world: World, folder: Path, *options: str) -> Finished:
    return suite(folder, f"--target={world.profile(folder)}", *options, XDG_STATE_HOME=str(folder / "state"))


def test_without_permission_nothing_is_sent(world: World, tmp_path: Path) -> None:
    finished = run(world, tmp_path)
    assert finished.code == 4, finished.output
    assert "--allow-account=ID" in finished.output
    assert not world.reference.log


def test_no_organization_is_made_whatever_a_profile_says(world: World, tmp_path: Path) -> None:
    path = Path(world.profile(tmp_path))
    path.write_text(path.read_text(encoding="utf-8").replace('"exists"', '"create"'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"organization\.setup: no organization is made on the real service"):
        choose(options(target=str(path), plan=True), {})


def test_a_plan_changes_nothing_and_is_told(world: World, tmp_path: Path) -> None:
    finished = run(world, tmp_path, "--plan")
    assert finished.code == 0, finished.output
    assert f"{world.invitations()} needed" in finished.output
    assert {entry.operation for entry in world.reference.log} == {
        "GetCallerIdentity",
        "DescribeOrganization",
        "ListAccounts",
        "ListHandshakesForOrganization",
    }


def test_another_account_is_refused_before_anything_changes(world: World, tmp_path: Path) -> None:
    finished = run(world, tmp_path, "--allow-account=999999999999")
    assert finished.code == 4, finished.output
    assert f"--allow-account=999999999999: the caller is {SENDER}" in finished.output
    assert world.changes() == []


def test_a_run_does_what_it_planned_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    planned = world.invitations(MOST_INVITATIONS)
    finished = run(world, tmp_path, f"--allow-account={SENDER}")
    assert finished.code == 0, finished.output
    assert "Plan of a run on real" in finished.output
    assert finished.run.invitations == planned <= MOST_INVITATIONS
    assert world.open() == []
    assert "CreateOrganization" not in world.changes()
    assert not [*(tmp_path / "state").rglob("*.jsonl")]


@pytest.mark.long
def test_every_worker_keeps_to_the_one_organization_and_the_one_ledger(world: World, tmp_path: Path) -> None:
    planned = world.invitations(MOST_INVITATIONS)
    finished = run(world, tmp_path, f"--allow-account={SENDER}", "-n", "2")
    assert finished.code == 0, finished.output
    assert finished.run.invitations == planned
    assert world.open() == []


def outcomes(runner: ScenarioRunner) -> dict[str, str]:
    return {
        asked.name: str(judge(clause, asked.step, judge_of(clause), runner.transcript(asked.scenario)).outcome)
        for clause in contract().clauses
        for asked in checks(clause)
    }


@pytest.mark.long
def test_quotas_throttling_and_lag_change_no_verdict() -> None:
    with Reference.start(realism=replace(AS_AWS, rates=0, throttled=0, lag=0), seed=1) as plain:
        world = World(plain)
        expected, needed = outcomes(world.runner()), world.invitations()
    with Reference.start(realism=AS_AWS, seed=1) as reference:
        world = World(reference)
        found = outcomes(world.runner(settle=3.0, throttles=True, rate_factor=AS_AWS.rates))
        codes = Counter(entry.code for entry in reference.log)
        invited = [entry for entry in reference.log if entry.operation.startswith("Invite") and entry.account == SENDER]
        assert world.open() == []
    # Both calls of the one round of a race may be throttled, which judges nothing.
    undecided = {name for name, outcome in found.items() if name.startswith("races.") and outcome == "blocked"}
    differing = {
        name: (found[name], outcome)
        for name, outcome in expected.items()
        if found[name] != outcome and name not in undecided
    }
    assert {name.partition(":")[0] for name in differing} <= {
        "errors.throttled",
        "errors.throttled-code",
        "errors.conflict",
        "errors.unavailable",
    }
    assert {after for after, _ in differing.values()} == {"passed"}
    assert codes["TooManyRequestsException"] > 0
    assert sum(entry.code is None for entry in invited) == needed


@pytest.mark.long
@pytest.mark.parametrize("number", KILLED_AT)
@pytest.mark.parametrize("seed", range(int(os.environ.get("KILLS", "1"))))
def test_what_a_killed_run_leaves_is_ended_by_the_next(number: signal.Signals, seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"{number} {seed}")  # noqa: S311  # when to kill, nothing secret
    with Reference.start(realism=Realism(lag=0.1, expired=1)) as reference:
        world = World(reference)
        theirs = [
            world.invite(Party("ACCOUNT", "999999999999"), "CancelHandshake conformance 0 account"),
            world.invite(Party("EMAIL", "somebody@example.com"), None),
        ]
        _kill(world, tmp_path, number, calls=chance.randrange(12, 160), pause=chance.uniform(0, 0.01))
        again = run(world, tmp_path, f"--allow-account={SENDER}", "-k", "sdk-success")
        assert again.code == 8, again.output  # one clause is no verdict on the whole
        assert set(world.open()) == {each.id for each in theirs}
        assert [reference.store.handshake(each.id) for each in theirs] == theirs
        assert reference.store.organization_of(IDS[Actor.RECIPIENT]) is None


@pytest.mark.long
@pytest.mark.parametrize("number", KILLED_AT)
@pytest.mark.parametrize("seed", range(int(os.environ.get("KILLS", "1"))))
def test_what_a_killed_race_leaves_is_ended_by_the_next_run(number: signal.Signals, seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"{number} {seed}")  # noqa: S311  # when to kill, nothing secret
    with Reference.start(realism=Realism(lag=0.1, latency=0.05)) as reference:
        world = World(reference)
        calls, pause = chance.randrange(8, 30), chance.uniform(0, 0.05)
        _kill(world, tmp_path, number, "-k", "races", "--max-invitations=30", calls=calls, pause=pause)
        again = run(world, tmp_path, f"--allow-account={SENDER}", "-k", "sdk-success")
        assert again.code == 8, again.output
        assert world.open() == []
        assert reference.store.organization_of(IDS[Actor.RECIPIENT]) is None


def _kill(world: World, folder: Path, number: signal.Signals, *options: str, calls: int, pause: float) -> None:
    """Starts a run, and sends it the signal at this moment."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--target={world.profile(folder)}"]
    running = subprocess.Popen(
        [*command, f"--allow-account={SENDER}", *options],
        cwd=ROOT,
        env=clean_environment(folder) | {"XDG_STATE_HOME": str(folder / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while len(world.reference.log) < calls and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(pause)
    running.send_signal(number)
    output = running.communicate(timeout=60)[0]
    assert running.returncode in {-number, 2, 0}, output


class DeniesCancel(Lifecycle):
    """Denies every cancel, as where the sender's policies lack it."""

    def permit(self, operation: str, roles: frozenset[Role]) -> None:
        super().permit(operation, frozenset() if operation == "CancelHandshake" else roles)


def test_nobody_joins_whatever_the_target_answers() -> None:
    with Reference.start(parts=Parts(lifecycle=DeniesCancel)) as reference:
        world = World(reference)
        found = outcomes(world.runner())
        assert reference.store.organization_of(IDS[Actor.RECIPIENT]) is None
    assert found["aftermath.accept-refused"] == "blocked"
    assert found["response.state-canceled:account/cancel"] == "blocked"


class ListsAllAsExpired(Operations):
    """Lists every handshake as EXPIRED, whatever it is."""

    def page_of(self, operation: str, caller: str, request: Input, handshakes: list[Handshake]) -> Document:
        return super().page_of(operation, caller, request, [replace(each, state="EXPIRED") for each in handshakes])


def test_what_only_a_list_calls_expired_is_left_alone() -> None:
    with Reference.start(parts=Parts(operations=ListsAllAsExpired)) as reference:
        world = World(reference)
        theirs = world.invite(Party("EMAIL", "somebody@example.com"), None)
        transcript = world.runner().transcript("expired")
        assert transcript.skipped["sender-expired"] == "expired"
        assert world.open() == [theirs.id]
        assert world.changes() == []


class ForgetsItsAnswers(Transmission):
    """Makes what the first invitation asks for, and gives an answer that can't be read, or none, late."""

    body: bytes | None = b'{"Handshake": '
    seen = False

    def send(self, response: Response, handler: Handler) -> None:
        if self.seen or "InviteAccount" not in handler.headers.get("X-Amz-Target", ""):
            super().send(response, handler)
            return
        self.seen = True
        time.sleep(0.6)
        if self.body is None:
            handler.close_connection = True
        else:
            super().send_head(replace(response, headers=(("Content-Length", str(len(self.body))),)), handler)
            handler.wfile.write(self.body)


class Unanswered(ForgetsItsAnswers):
    """Answers nothing."""

    body = None


@pytest.mark.parametrize("kind", [ForgetsItsAnswers, Unanswered])
def test_an_invitation_whose_answer_is_lost_late_is_found_though_lists_lag(kind: type[Transmission]) -> None:
    with Reference.start(parts=Parts(transmission=kind), realism=Realism(lag=0.7)) as reference:
        world = World(reference)
        world.runner(settle=0.5).transcript("email")
        assert len(reference.store.handshakes()) == 1
        assert world.open() == []


class KeptOtherwise(AddressLowerCased):
    """Keeps an address in lower case, and notes without the blanks at their ends."""

    def notes(self, notes: str) -> str:
        return notes.strip()


def test_an_invitation_whose_answer_is_lost_is_found_though_it_is_spelt_otherwise() -> None:
    with Reference.start(parts=Parts(transmission=ForgetsItsAnswers, operations=KeptOtherwise)) as reference:
        world = World(reference)
        transcript = world.runner(settle=0.5).transcript("account")
        lost = reference.store.handshakes()[0]
        assert lost.invited.id.startswith("invited.somebody+")
        assert transcript.find("other-invite") is not None
        assert transcript.find("other-before") is not None  # of the one that was sent in its place
        assert world.open() == []


def test_an_interrupted_clean_up_is_made_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    end, interrupted = CleanUp._end, []

    def interrupt_once(self: CleanUp, step: str, entry: Entry) -> None:
        if not interrupted:
            interrupted.append(step)
            raise KeyboardInterrupt
        end(self, step, entry)

    monkeypatch.setattr(CleanUp, "_end", interrupt_once)
    with Reference.start(parts=Parts(parser=EscapedIdNotUnderstood)) as reference:  # so that it stays open
        world = World(reference)
        runner = world.runner()
        with pytest.raises(KeyboardInterrupt):
            runner.transcript("types")
        assert interrupted
        assert len(world.reference.store.handshakes()) == 1
        assert world.open() == []


def test_two_runs_at_once_are_refused(world: World, tmp_path: Path) -> None:
    place = tmp_path / "ledger.jsonl"
    with beside(place, ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        finished = run(world, tmp_path, f"--allow-account={SENDER}", f"--ledger={place}")
    assert finished.code == 4, finished.output
    assert "another run is using" in finished.output
    assert world.changes() == []


@pytest.mark.long
def test_a_mere_member_is_told_so_in_one_line_before_anything_is_made(world: World, tmp_path: Path) -> None:
    member, caller = IDS[Actor.MEMBER], {"AWS_ACCESS_KEY_ID": IDS[Actor.MEMBER], "AWS_SECRET_ACCESS_KEY": "test"}
    at = f"--endpoint-url={world.reference.url}"
    finished = suite(tmp_path, at, "--account-strategy=one", **caller)
    assert finished.code == 4, finished.output
    line = f"the sender {member} doesn't manage {OWN}; {SENDER} does: call as it"
    assert finished.output.count(line) == 1
    assert {*world.changes()} <= {"CancelHandshake"}  # the preflight asks for the operation with an id of nobody's
    assert suite(tmp_path, at, "--account-strategy=key", **caller).code == 0  # no account that is made up is a member
    manager = caller | {"AWS_ACCESS_KEY_ID": SENDER}
    assert suite(tmp_path, at, "--account-strategy=one", **manager).code == 0


class OneManagerForAll(Views):
    """Names the same manager for every organization."""

    def organization(self, organization: Organization) -> Document:
        return super().organization(organization) | {"MasterAccountId": "000000000000"}


@pytest.mark.long
def test_a_target_that_names_one_manager_for_all_turns_nobody_away(tmp_path: Path) -> None:
    caller = {"AWS_ACCESS_KEY_ID": "210987654321", "AWS_SECRET_ACCESS_KEY": "test"}
    with Reference.start(parts=Parts(views=OneManagerForAll)) as reference:
        at = (f"--endpoint-url={reference.url}", "--account-strategy=one")
        first, second = (suite(tmp_path / name, *at, **caller) for name in ("first", "second"))
    assert first.code != 4, first.output
    assert second.code == first.code
    assert second.verdicts() == first.verdicts()
