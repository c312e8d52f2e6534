"""Tests of explorations: what is known, what is found and how it is printed, and where nothing is to be found."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.clauses import contract
from contracts.judging.exploring.known import INVITED, INVITED_TWICE, NOT_JOINED, Known, known_of_call, known_of_entry
from contracts.judging.exploring.memory import Memory
from contracts.judging.exploring.moves import LISTS, NOBODY, ON_HANDSHAKE, Move, Situation
from contracts.model.operation import INVITE
from contracts.transitions import TABLE, states
from contracts.vocabulary import Actor, Authority
from fixtures.errors import ConfigurationError
from fixtures.exploration import explorer
from fixtures.exploration.explorer import MOST_SHARED, Explorer
from fixtures.exploration.lending import LendingRunner
from fixtures.exploration.telling import without
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Reference
from fixtures.reference.faults import FAULTS
from fixtures.reference.realism import Realism
from fixtures.scenarios.ledger import Ledger
from fixtures.target import rules
from fixtures.target.accounts import Identities, Strategy
from fixtures.target.choice import choose
from proof.exploring import LEAST, explore, faults, row
from reports.exploring.findings import told_findings
from tests.endpoints import ministack, moto
from tests.options import options
from tests.suite import ROOT, clean_environment, suite
from tests.world import IDS, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SEED = 1
MOST_CALLS = 6


def everything_known() -> Iterator[tuple[str, Known]]:
    for state in (*states(), ""):
        for role in Actor:
            for ended in ("CANCELED", "EXPIRED"):
                situation = Situation(role, state, ended)
                for operation in ON_HANDSHAKE:
                    yield f"{operation} {situation}", known_of_call(operation, situation)
                for operation in LISTS:
                    for action in ("", "INVITE", "ENABLE_ALL_FEATURES"):
                        for most in (0, 1):
                            move = Move(operation, action=action, most=most)
                            yield f"{move.told()} {situation}", known_of_entry(move, situation)[1]
    yield from {"invited": INVITED, "twice": INVITED_TWICE, "not joined": NOT_JOINED}.items()


def test_what_is_known_rests_on_clauses_that_are_not_inferred_or_on_a_page() -> None:
    named = set()
    for name, known in everything_known():
        if known.refused is None:
            assert known == Known(None), name
            continue
        assert known.clauses or known.pages, name
        for clause in (*known.clauses, *known.rest):
            assert contract()[clause].authority is not Authority.INFERRED, (name, clause)
        named |= {*known.clauses}
        assert not known.codes or any(contract()[each].authority is Authority.OBSERVED for each in known.clauses), name
    assert len(named) > 20


def test_no_cell_is_known_that_the_table_only_infers() -> None:
    for (state, role), cell in TABLE.items():
        known = known_of_call("CancelHandshake", Situation(role, state))
        assert (known.refused is None) == (cell.authority is Authority.INFERRED)
        assert bool(known.codes) <= (cell.code_authority is not Authority.INFERRED)


@pytest.mark.parametrize("role", [Actor.SENDER, Actor.PRINCIPAL])
def test_nothing_is_known_of_canceling_an_invitation_that_expired_and_was_forgotten(role: Actor) -> None:
    assert known_of_call("CancelHandshake", Situation(role, "", "EXPIRED")) == Known(None)
    assert known_of_call("CancelHandshake", Situation(role, "", "CANCELED")).refused


def test_a_sequence_without_an_invitation_is_without_all_that_is_about_it() -> None:
    invite = Move("InviteAccountToOrganization", party="nobody")
    moves = (invite, invite, Move("CancelHandshake", handshake=0), Move("DescribeHandshake", handshake=1))
    assert without(moves, 0, (0, 1)) == (invite, Move("DescribeHandshake", handshake=0))
    assert without(moves, 0, (1,)) == moves[1:]  # it was refused, and made no handshake
    assert without(moves, 2, (0, 1)) == (*moves[:2], moves[3])


def run_program(lines: tuple[str, ...], fault: str | None, folder: Path) -> str:
    """Return the last line that a program prints on a new reference that makes the mistake, or a sound one."""
    parts = FAULTS[fault].parts if fault else None
    with Reference.start(parts=parts) as reference:
        done = subprocess.run(
            [sys.executable, "-", reference.url],
            input="\n".join(lines),
            env=clean_environment(folder),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    return done.stdout.splitlines()[-1]


QUICKLY_FOUND = ("canceled-vanishes", "duplicate-allowed")
FOUND = (
    "denied-but-canceled",
    "describe-cached-for-each-caller",
    "expires-one-day-late",
    "later-invitation-revives",
    "recipients-view-cached",
)


@pytest.mark.parametrize("fault", [*QUICKLY_FOUND, *(pytest.param(each, marks=pytest.mark.long) for each in FOUND)])
def test_a_fault_is_found_shortened_and_reproduces_as_printed(fault: str, tmp_path: Path) -> None:
    exploration = explore(FAULTS[fault])
    (finding,) = exploration.findings
    assert len(finding.transcript.exchanges) <= MOST_CALLS
    with Reference.start() as reference:
        (told,) = told_findings(exploration, embedded_target(reference).facts(), ())
    wrong, right = (run_program(told.program, each, tmp_path) for each in (fault, None))
    assert without_ids(wrong) != without_ids(right)
    shown = finding.shown
    assert f" {shown.status} " in wrong
    assert (shown.code or shown.state or "") in wrong
    basis = [each for _, _, _, bases in told.differences for each in bases]
    assert basis
    assert all(each.told() for each in basis)


def test_the_same_seed_finds_the_same() -> None:
    first, second = (explore(FAULTS["canceled-vanishes"]) for _ in range(2))
    assert [each.sequence for each in first.findings] == [each.sequence for each in second.findings]
    assert (first.sequences, first.calls) == (second.sequences, second.calls)


def without_ids(text: str) -> str:
    return re.sub(r"h-[0-9a-z]{32}|o-?[0-9a-z]{10}|[0-9]{12}|[0-9]{4}-[^\"]*|[0-9.:]{6,}", "*", text)


def test_the_sound_reference_shows_no_difference() -> None:
    exploration = explore(None, sequences=25)
    assert exploration.findings == ()
    assert exploration.sequences >= 25
    assert exploration.calls > 100


@pytest.mark.parametrize("fault", ["recipient-gets-not-found", "expired-is-canceled", "stranger-may-describe"])
def test_what_is_only_inferred_is_no_difference(fault: str) -> None:
    assert explore(FAULTS[fault], sequences=25).findings == ()


@pytest.mark.parametrize("moment", [1e308, -1e999, 10**400, "1", None, [], True])
def test_a_timestamp_is_compared_whatever_it_is(moment: Any) -> None:
    shown = {"Id": "h-1", "RequestedTimestamp": moment, "ExpirationTimestamp": 1, "State": ["OPEN"], "Parties": [7]}
    memory = Memory()
    memory.note_invitation(0, shown)
    assert isinstance(memory.named(shown)["ExpirationTimestamp"], str)
    assert memory.changes(0, shown) == {}
    assert memory.changes(0, {**shown, "Parties": {}}).keys() == {"Parties"}


def test_a_difference_that_is_known_hides_no_other_one() -> None:
    with Reference.start(parts=FAULTS["organization-party-with-prefix"].parts) as reference:
        target = embedded_target(reference)
        explorer = Explorer(target, lambda: LendingRunner(target, Identities(Strategy.KEY, {}, None)))
        exploration = explorer.explore(30, SEED)
    assert [each.differences[0].about for each in exploration.findings] == ["Parties (recommended)"]
    assert exploration.sequences >= 30


def test_a_clock_that_cannot_be_put_back_is_not_moved() -> None:
    with Reference.start() as reference:
        target = embedded_target(reference)
        assert target.clock is not None
        target = replace(target, clock=replace(target.clock, back=None))
        explorer = Explorer(target, lambda: LendingRunner(target, Identities(Strategy.KEY, {}, None)))
        assert explorer.explore(10, SEED).findings == ()
        assert abs(reference.clock.now() / 1000 - time.time()) < 60


def test_another_pending_state_is_told_once_and_hides_no_other_difference() -> None:
    with Reference.start(parts=FAULTS["fresh-is-requested"].parts) as reference:
        target = embedded_target(reference)
        explorer = Explorer(target, lambda: LendingRunner(target, Identities(Strategy.KEY, {}, None)))
        exploration = explorer.explore(30, SEED)
    (finding,) = exploration.findings
    assert finding.differences[0].known.clauses == ("transitions.fresh-open-observed",)
    assert exploration.calls > 10 * exploration.sequences


def test_an_exploration_that_cannot_make_all_sequences_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "run", lambda *_: None)
    with Reference.start() as reference:
        target = embedded_target(reference)
        exploration = Explorer(target, lambda: LendingRunner(target, Identities(Strategy.KEY, {}, None))).explore(
            1, SEED
        )
    assert (exploration.sequences, exploration.ended) == (0, "stopped after 20 attempts to generate all sequences")


def test_given_accounts_get_few_sequences_and_every_invitation_is_ended() -> None:
    with Reference.start() as reference:
        world = World(reference)
        target = world.target(real=False)
        ledger = Ledger()
        before = len(reference.store.handshakes())

        def runner() -> LendingRunner:
            return LendingRunner(target, Identities(Strategy.PROFILES, world.actors, None), ledger=ledger)

        exploration = Explorer(target, runner).explore(40, SEED)
        assert exploration.findings == ()
        assert MOST_SHARED <= exploration.sequences < 2 * MOST_SHARED
        assert "at most" in exploration.ended
        assert len(reference.store.handshakes()) > before
        assert world.open() == []
        assert reference.store.organization_of(world.actors[Actor.RECIPIENT].account or "") is None


def test_no_more_invitations_are_made_than_the_run_may_make() -> None:
    with Reference.start() as reference:
        world = World(reference)
        target = world.target(real=False)
        ledger = Ledger(most=3)
        before = len(reference.store.handshakes())
        exploration = Explorer(
            target, lambda: LendingRunner(target, Identities(Strategy.PROFILES, world.actors, None), ledger=ledger)
        ).explore(40, SEED)
        assert len(reference.store.handshakes()) == before + exploration.invitations == before + 3
        assert "--max-invitations" in exploration.ended
        assert world.open() == []


def test_a_move_names_its_party_by_what_it_is() -> None:
    told = {party: Move(INVITE, party=party).told() for party in (Actor.RECIPIENT, NOBODY)}
    assert told[Actor.RECIPIENT] == f"{INVITE} to the recipient, by the sender"
    assert told[NOBODY] == f"{INVITE} to an unused address, by the sender"


def test_a_quota_is_no_difference() -> None:
    with Reference.start(realism=Realism(invitations=1)) as reference:
        target = embedded_target(reference)
        explorer = Explorer(target, lambda: LendingRunner(target, Identities(Strategy.KEY, {}, None)))
        assert explorer.explore(20, SEED).findings == ()


def test_reads_that_lag_and_calls_that_are_refused_for_their_rate_are_no_differences() -> None:
    with Reference.start(realism=Realism(rates=40.0, throttled=0.05, lag=0.05, expired=2)) as reference:
        target = embedded_target(reference)
        changed = type(target)(**{**vars(target), "settle": 2.0})
        explorer = Explorer(changed, lambda: LendingRunner(changed, Identities(Strategy.KEY, {}, None)))
        assert explorer.explore(3, SEED).findings == ()


@pytest.mark.long
def test_a_run_reports_an_exploration_apart_and_its_verdict_does_not_change(tmp_path: Path) -> None:
    options = ("--only=transitions.sender-open", "--explore=20", f"--seed={SEED}")
    finished = suite(tmp_path, "suites", *options, "--fault=canceled-cannot-be-described")
    assert finished.code == 0, finished.output
    assert finished.output.rstrip().splitlines()[-1].startswith("CONFORMANT")
    assert "decides neither the verdict nor the exit status" in finished.output
    told = json.loads((tmp_path / "exploration.json").read_text(encoding="utf-8"))
    assert (told["seed"], told["asked"]) == (SEED, 20)
    assert told["findings"]
    for finding in told["findings"]:
        assert finding["program"][0].startswith("import json")
        assert finding["differences"][0]["basis"][0]["source"]
        assert f"Difference {1}" in finished.output
    page = (tmp_path / "exploration.md").read_text(encoding="utf-8")
    assert "## Difference 1" in page
    assert "\n```python\n" in page
    again = suite(tmp_path, "suites", "--only=transitions.sender-open")
    assert again.code == 0
    assert not (tmp_path / "exploration.json").exists()  # it told of another run


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--seed=1",), "--seed: nothing is explored without --explore; add --explore=N"),
        (("--explore-calls=5",), "--explore-calls: nothing is explored without --explore; add --explore=N"),
        (("--explore=0",), "--explore: expected a whole number"),
        (("--explore=1", "--target=aws", "--allow-account=222222222222"), "--explore: aws is the real service, and no"),
        (("--explore=1", "--replay=contracts/recordings/organizations-2026-09-13.json"), "--replay: a replay judges"),
    ],
)
def test_what_may_not_be_explored_is_refused_in_one_line(given: tuple[str, ...], said: str, tmp_path: Path) -> None:
    finished = suite(tmp_path, "suites", *given)
    assert finished.code == 4
    assert said in finished.output
    assert sum("ERROR" in each for each in finished.output.splitlines()) == 1


def test_the_real_service_is_explored_only_if_its_profile_says_so(tmp_path: Path) -> None:
    with Reference.start() as reference:
        world = World(reference)
        given = ("suites", "--only=transitions.sender-open", "--explore=3", f"--allow-account={IDS[Actor.SENDER]}")
        ledger = f"--ledger={tmp_path / 'ledger.jsonl'}"
        refused = suite(tmp_path, *given, ledger, f"--target={world.profile(tmp_path)}")
        assert refused.code == 4
        assert "no explore = true in its profile permits it" in refused.output
        assert world.changes() == []
        profile = world.profile(tmp_path, explore="true")
        finished = suite(tmp_path, *given, ledger, f"--target={profile}", "--max-invitations=4")
        assert finished.code == 0, finished.output
        assert re.search(r"--explore=3 --seed=\d+: 0 differences in \d sequences", finished.output), finished.output
        assert 1 < world.changes().count("InviteAccountToOrganization") <= 8  # refused ones aren't made
        assert len(reference.store.handshakes()) <= 4
        assert world.open() == []
        assert reference.store.organization_of(IDS[Actor.RECIPIENT]) is None


@pytest.mark.long
def test_the_time_of_a_run_is_that_of_its_exploration_too(tmp_path: Path) -> None:
    finished = suite(tmp_path, "suites", "--only=transitions.sender-open", "--explore=100000", "--time-limit=10")
    assert finished.code == 0, finished.output
    assert "the run's time limit of 10 s (--time-limit) was over" in finished.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_exploration_and_the_verdict_stands(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-s", "suites", "--only=transitions.sender-open", "--explore=100000"]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        for said in running.stdout:
            if said.startswith("exploring"):
                break
        time.sleep(0.5)
        running.send_signal(number)
        try:
            output = running.communicate(timeout=60)[0]
        finally:
            running.kill()
    assert running.returncode == 0, output
    assert re.search(r"0 differences in \d+ sequences?.*; interrupted", output), output


def test_without_hypothesis_the_option_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "find_spec", lambda *_: None)
    choice = choose(options(explore=1), {})
    with pytest.raises(ConfigurationError, match=r"^--explore: sequences are made up by hypothesis, which isn't insta"):
        rules.check_permission(choice, options(explore=1))


@pytest.mark.parametrize("server", [pytest.param(moto, marks=pytest.mark.long), ministack])
def test_where_the_operation_is_missing_there_is_nothing_to_explore(server: Any, tmp_path: Path) -> None:
    with server() as url:
        finished = suite(tmp_path, "suites", f"--target={server.__name__}", f"--endpoint-url={url}", "--explore=5")
    assert finished.code == 7
    assert "nothing to explore: CancelHandshake is not implemented" in finished.output


def test_an_endpoint_with_one_account_is_explored_as_the_sender(tmp_path: Path) -> None:
    with Reference.start() as reference:
        options = (f"--endpoint-url={reference.url}", "--account-strategy=one", "--explore=50", "--settle=0")
        finished = suite(
            tmp_path,
            "suites",
            "--only=transitions.sender-open",
            *options,
            AWS_ACCESS_KEY_ID="123456789012",
            AWS_SECRET_ACCESS_KEY="test",
        )
    assert finished.code == 0, finished.output
    assert re.search(r"--explore=50 --seed=\d+: 0 differences in 1\d sequences", finished.output), finished.output
    assert f": {MOST_SHARED} sequences ...\n" in finished.output


@pytest.mark.long
def test_300_sequences_on_the_sound_reference_show_no_difference() -> None:
    exploration = explore(None, sequences=300, seed=20261128)
    assert exploration.findings == ()
    assert exploration.sequences >= 300


@pytest.mark.long
def test_the_published_table_is_what_exploring_comes_to() -> None:
    published = (ROOT / "proof" / "explore.md").read_text(encoding="utf-8")
    lines = [each for each in published.splitlines() if each.startswith("| `")]
    assert {each.split("`")[1] for each in lines} <= {each.name for each in faults()}
    assert sum("| yes |" in each for each in lines) >= LEAST
    for name in ("canceled-vanishes", "describe-cached-for-each-caller", "expires-one-day-late"):
        assert row(name).line() in published
