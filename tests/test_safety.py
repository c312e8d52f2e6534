"""Tests that a run does nothing that wasn't planned, leaves nothing behind and touches nothing that isn't its own."""

from __future__ import annotations

import json
import stat
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.clauses import contract
from contracts.judging.absence import NOT_ASKED, Sign
from contracts.judging.busy import THROTTLING_CODES
from contracts.judging.exchange import Exchange, Request, Response
from contracts.judging.judge import judge
from contracts.model.operation import INVITE
from contracts.model.quotas import RATES
from contracts.vocabulary import Actor, Outcome
from fixtures.errors import ConfigurationError
from fixtures.preflight.allowance import within_allowance
from fixtures.preflight.credentials import CallerCredentials
from fixtures.preflight.embedded import embedded_target
from fixtures.preflight.inventory import Inventory
from fixtures.preflight.permission import check_allowance, check_caller, check_organization
from fixtures.preflight.plan import make_plan
from fixtures.preflight.plan_text import plan_lines
from fixtures.preflight.preparation import PreparedRun
from fixtures.reference import Reference
from fixtures.reference.organizations.store import Party
from fixtures.reference.protocol.refusal import Refusal
from fixtures.scenarios.catalogue import scenarios
from fixtures.scenarios.checks import checks
from fixtures.scenarios.ledger import Entry, Ledger, mark
from fixtures.scenarios.ledger_file import LedgerFile
from fixtures.target.accounts import Strategy, by_key, unowned_party
from fixtures.target.model import Setup, Target
from fixtures.transport.rate_limit import RateLimit, seconds
from fixtures.transport.retry import (
    BUDGET,
    FEW_TRIES,
    MOST_TRIES,
    Budget,
    Patience,
    StayedBusy,
    patience_with,
    retry_while_busy,
)
from proof.matrix import judge_of
from tests.world import IDS, OWN, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.scenarios.runner import ScenarioRunner


@pytest.fixture
def world() -> Iterator[World]:
    with Reference.start() as reference:
        yield World(reference)


class TestRateLimit:
    def test_a_burst_goes_out_at_once_and_the_rest_at_the_rate(self) -> None:
        now, slept = 0.0, []

        def sleep(pause: float) -> None:
            nonlocal now
            slept.append(pause)
            now += pause

        pace = RateLimit(1.0, lambda: now, sleep)
        for _ in range(6):
            pace.wait("a", "CancelHandshake")
        assert slept == [0.5, 0.5, 0.5]
        pace.wait("b", "CancelHandshake")
        pace.wait("a", "ListAccounts")
        assert len(slept) == 3

    def test_no_rate_is_exceeded_over_any_time(self) -> None:
        now, sent = 0.0, []

        def sleep(pause: float) -> None:
            nonlocal now
            now += pause

        pace = RateLimit(1.0, lambda: now, sleep)
        for number in range(50):
            now += 0.1 * (number % 7)
            pace.wait("a", "DescribeHandshake")
            sent.append(now)
        rate = RATES["DescribeHandshake"]
        for first in range(50):
            for last in range(first, 50):
                allowed = rate.burst + rate.per_second * (sent[last] - sent[first])
                assert last - first + 1 <= allowed + 1e-6

    def test_it_is_known_how_long_it_takes(self) -> None:
        assert seconds(13, "CancelHandshake") == 5
        assert seconds(1, "CancelHandshake") == seconds(99, "GetCallerIdentity") == 0


def answered(code: str, status: int = 400) -> Exchange:
    body = f'{{"__type": "{code}", "Message": "no"}}'.encode()
    return Exchange("s", "t", "sender", "CancelHandshake", Request("POST", "", (), b""), Response(status, (), body))


INSISTING = Patience(MOST_TRIES, 1.0, insists=True)
YIELDING = Patience(FEW_TRIES, 0.05, insists=False)


class TestRetry:
    @pytest.fixture(autouse=True)
    def no_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("time.sleep", lambda _: None)

    @pytest.mark.parametrize(
        "busy",
        [
            *map(answered, sorted(THROTTLING_CODES)),
            answered("x", 429),
            answered("ConcurrentModificationException"),
            answered("ConcurrentModificationException", 409),
            answered("InternalFailure", 500),
            answered("ServiceException", 500),
            answered("x", 500),
            answered("ServiceUnavailable", 503),
            answered("ServiceUnavailable", 200),
        ],
    )
    @pytest.mark.parametrize("patience", [INSISTING, YIELDING])
    def test_what_the_target_is_too_busy_for_is_tried_again(self, busy: Exchange, patience: Patience) -> None:
        answers, aside = [busy, busy, answered("InvalidInputException")], list[Exchange]()
        assert (
            retry_while_busy(lambda: answers.pop(0), aside.append, patience, lambda: 60.0).code
            == "InvalidInputException"
        )
        assert aside == [busy, busy]

    @pytest.mark.parametrize("other", [answered("AccessDeniedException"), answered("x", 501), answered("x", 404)])
    def test_nothing_else_is(self, other: Exchange) -> None:
        aside = list[Exchange]()
        assert retry_while_busy(lambda: other, aside.append, INSISTING, lambda: 60.0) is other
        assert aside == []

    def test_not_for_ever(self) -> None:
        aside = list[Exchange]()
        with pytest.raises(
            StayedBusy, match=f"TooManyRequestsException and the target stayed busy, {MOST_TRIES} times"
        ):
            retry_while_busy(lambda: answered("TooManyRequestsException"), aside.append, INSISTING, lambda: 60.0)
        assert len(aside) == MOST_TRIES

    def test_elsewhere_the_last_busy_answer_is_the_answer(self) -> None:
        aside, last = list[Exchange](), answered("InternalFailure", 500)
        assert retry_while_busy(lambda: last, aside.append, YIELDING, lambda: 60.0) is last
        assert len(aside) == FEW_TRIES - 1

    def test_waiting_ends_with_its_budget(self, monkeypatch: pytest.MonkeyPatch) -> None:
        slept, sent = list[float](), list[Exchange]()
        monkeypatch.setattr("time.sleep", slept.append)
        patience = Patience(FEW_TRIES, 0.05, insists=False, budget=Budget())
        retry_while_busy(lambda: answered("InvalidInputException"), sent.append, patience, lambda: 60.0)

        def send() -> Exchange:
            sent.append(answered("InternalFailure", 500))
            return sent[-1]

        for _ in range(100):
            retry_while_busy(send, lambda _: None, patience, lambda: 60.0)
        assert BUDGET - 1 < sum(slept) <= BUDGET
        before = len(sent)
        retry_while_busy(send, lambda _: None, Patience(FEW_TRIES, 0.05, insists=False, budget=Budget(0)), lambda: 60.0)
        assert len(sent) == before + 1

    def test_an_operation_that_never_did_but_be_busy_gets_all_its_tries_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("time.sleep", lambda _: None)
        patience = Patience(FEW_TRIES, 0.05, insists=False, budget=Budget())

        def tries(*answers: Exchange) -> int:
            left, aside = list(answers), list[Exchange]()
            retry_while_busy(lambda: left.pop(0), aside.append, patience, lambda: 60.0)
            return len(aside) + 1

        busy = [answered("InternalFailure", 500)] * FEW_TRIES
        other = [replace(each, operation="DescribeHandshake") for each in busy]
        assert [tries(*busy), tries(*busy), tries(*other)] == [FEW_TRIES, 1, FEW_TRIES]
        assert tries(answered("InvalidInputException")) == 1
        assert [tries(*busy), tries(*busy), tries(*other)] == [FEW_TRIES, FEW_TRIES, 1]

    def test_a_wait_that_was_not_in_vain_is_refunded_where_locks_are_waited_for(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slept = list[float]()
        monkeypatch.setattr("time.sleep", slept.append)
        patience = Patience(FEW_TRIES, 1.0, insists=False, budget=Budget(4.0, refunds=True))
        conflict, answer = answered("ConcurrentModificationException"), answered("InvalidInputException")
        for _ in range(20):
            left = [conflict, conflict, answer]
            assert retry_while_busy(lambda left=left: left.pop(0), lambda _: None, patience, lambda: 60.0) is answer
        assert len(slept) == 40
        for _ in range(20):
            assert retry_while_busy(lambda: conflict, lambda _: None, patience, lambda: 60.0) is conflict
        assert sum(slept[40:]) <= 4.0

    def test_how_patient_a_run_is(self) -> None:
        with Reference.start() as reference:
            plain = replace(embedded_target(reference), rate_factor=0.0)
            assert patience_with(plain) == YIELDING
            assert patience_with(plain).budget is patience_with(replace(plain, settle=9.0)).budget
            assert patience_with(replace(plain, real=True)) == INSISTING
            assert patience_with(replace(plain, throttles=True)) == INSISTING
            assert patience_with(replace(plain, throttles=True, rate_factor=2.0)).first == 0.5


class TestLedger:
    def entry(self, **changes: Any) -> Entry:
        return replace(Entry("run:s/t", 1.0, OWN, {"Type": "EMAIL", "Id": "a@example.com"}, "mine"), **changes)

    def handshake(self, **changes: Any) -> dict[str, Any]:
        made: dict[str, Any] = {
            "Id": "h-12345678",
            "State": "OPEN",
            "Parties": [{"Type": "ORGANIZATION", "Id": "0wn"}, {"Id": "a@example.com", "Type": "EMAIL"}],
            "Resources": [{"Type": "NOTES", "Value": "mine"}],
        }
        return made | changes

    @pytest.mark.parametrize(
        "other",
        [
            {"State": "CANCELED"},
            {"State": "EXPIRED"},
            {"Parties": [{"Type": "EMAIL", "Id": "b@example.com"}]},
            {"Parties": [{"Type": "ACCOUNT", "Id": "a@example.com"}]},
            {"Parties": "none"},
            {"Resources": [{"Type": "NOTES", "Value": "mine, too"}]},
            {"Resources": [{"Type": "NOTES", "Value": "theirs"}, {"Type": "NOTES", "Value": "mine"}]},
            {"Resources": []},
            {"Resources": None},
        ],
        ids=str,
    )
    def test_only_the_handshake_that_was_made_is_taken_for_it(self, other: dict[str, Any]) -> None:
        assert self.entry().matches(self.handshake())
        assert not self.entry().matches(self.handshake(**other))

    @pytest.mark.parametrize(
        "kept",
        [
            {"Parties": [{"Type": "EMAIL", "Id": "a@example.com"}]},
            {"Resources": [{"Type": "NOTES", "Value": "MINE AND mine"}]},
        ],
        ids=str,
    )
    def test_it_is_found_though_the_target_keeps_neither_case_nor_blanks(self, kept: dict[str, Any]) -> None:
        entry = self.entry(party={"Type": "EMAIL", "Id": "A@Example.com"}, notes=" mine and Mine ")
        given = {"Parties": [{"Type": "EMAIL", "Id": "A@Example.com"}]}
        given |= {"Resources": [{"Type": "NOTES", "Value": " mine and Mine "}]}
        assert entry.matches(self.handshake(**given))
        assert entry.matches(self.handshake(**given | kept))
        assert not entry.matches(self.handshake(**given, State="CANCELED"))

    def test_blanks_at_both_ends_of_notes_stay_where_they_are(self) -> None:
        part = Ledger(run="run").open_part("s", OWN)
        assert part.marked(" a b ") == " CancelHandshake conformance run s a b "
        assert part.marked("") == "CancelHandshake conformance run s"

    def test_without_notes_it_has_none(self) -> None:
        assert self.entry(notes=None).matches(self.handshake(Resources=[{"Type": "EMAIL", "Value": "x"}]))
        assert not self.entry(notes=None).matches(self.handshake())

    def test_the_file_tells_what_is_unsettled_and_only_to_its_owner(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        part = ledger.open_part("s", OWN)
        for step in ("one", "two", "three"):
            part.enter(step, {"Type": "EMAIL", "Id": f"{step}@example.com"}, part.notes)
        one, two, _ = part.unsettled
        part.identify(one, "h-1")
        part.settle(two, "CANCELED")
        assert [each.name for each in ledger.unsettled()] == [
            f"run:{ledger.part}:s/one",
            f"run:{ledger.part}:s/three",
        ]
        assert ledger.unsettled()[0].handshake == "h-1"
        assert ledger.file.path is not None
        assert stat.S_IMODE(ledger.file.path.stat().st_mode) == 0o600
        ledger.keep_only(ledger.unsettled())
        assert [each.name for each in ledger.unsettled()] == [
            f"run:{ledger.part}:s/one",
            f"run:{ledger.part}:s/three",
        ]
        assert stat.S_IMODE(ledger.file.path.stat().st_mode) == 0o600
        ledger.keep_only(())
        assert not ledger.file.path.exists()

    def test_every_answer_but_a_refusal_may_have_made_one(self) -> None:
        part = Ledger(run="run").open_part("s", OWN)
        for step, status in (("a", 200), ("b", 302), ("c", 500), ("d", 400)):
            part.enter(step, {"Type": "EMAIL", "Id": "a@example.com"}, None)
            request, response = Request("POST", "", (), b""), Response(status, (), b"{")
            part.note_exchange(Exchange("s", step, "sender", INVITE, request, response))
        assert [each.name.rpartition("/")[2] for each in part.unsettled] == ["a", "b", "c"]

    def test_a_worker_that_stands_in_for_another_goes_on_counting(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run", 3)
        ledger.open_part("s", OWN).enter("one", {"Type": "EMAIL", "Id": "a@example.com"}, None)
        assert Ledger.from_json(ledger.to_json()).invitations == 1

    def test_a_worker_that_stands_in_for_another_ends_what_that_left(self, world: World, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        dead, heir = Ledger.from_json(ledger.to_json()), Ledger.from_json(ledger.to_json())
        party = unowned_party()
        dead.open_part("account", OWN).enter("invite", party, None)
        theirs = world.invite(Party("EMAIL", party["Id"]), None)
        runner = world.runner(heir)
        assert len(heir.left_by_dead_workers()) == 1
        assert runner.end_invitations(heir.left_by_dead_workers(), OWN).left == ()
        assert world.open() == []
        heir.open_part("account", OWN).enter("invite", {"Type": "EMAIL", "Id": "b@example.com"}, None)
        assert len(ledger._entries()) == 2
        assert theirs.state == "OPEN"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"at": "x"},
            {"sender": "nobody"},
            {"party": {}},
            {"party": "x"},
            {"party": {"Type": "EMAIL", "Id": ""}},
            {"handshake": 5},
        ],
    )
    def test_what_no_run_wrote_is_no_entry(self, tmp_path: Path, wrong: dict[str, Any]) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        ledger.file.append(vars(self.entry()) | wrong)
        with pytest.raises(ConfigurationError, match="line 1 of"):
            ledger.unsettled()

    def test_a_folder_is_no_ledger(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match=r"--ledger: .* can't be read: .* is not a file"):
            Ledger(tmp_path, "run").unsettled()
        with pytest.raises(ConfigurationError, match=r"--ledger: .* can't be written: Is a directory"):
            Ledger(tmp_path, "run").file.append({})

    def test_the_end_of_what_has_ended_already_is_no_news(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        ledger.file.append({"name": "run:s/one", "over": "CANCELED"})
        assert ledger.unsettled() == ()

    def test_a_line_that_breaks_off_was_never_sent_and_a_broken_one_is_told(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        ledger.open_part("s", OWN).enter("one", {"Type": "EMAIL", "Id": "a@example.com"}, None)
        assert ledger.file.path is not None
        with ledger.file.path.open("a", encoding="utf-8") as file:
            file.write('{"name": "run:s/two", "at"')
        assert [each.name for each in ledger.unsettled()] == [f"run:{ledger.part}:s/one"]
        ledger.file.path.write_text("nonsense\n", encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"--ledger: line 1 of .*ledger\.jsonl can't be read"):
            ledger.unsettled()

    def test_a_run_or_a_worker_of_one_keeps_every_other_out(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.jsonl"
        run, worker = LedgerFile(path), LedgerFile(path)
        run.lock()
        worker.share()
        with pytest.raises(ConfigurationError, match="another run is using"):
            LedgerFile(path).lock()
        run.release()
        with pytest.raises(ConfigurationError, match="another run is using"):
            LedgerFile(path).lock()
        worker.release()
        another = LedgerFile(path)
        another.lock()
        another.release()

    def test_an_invitation_stands_in_the_file_before_it_is_sent(self, world: World, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        seen: list[int] = []
        perform = world.reference.organizations.operations.perform

        def watched(operation: str, caller: str, request: Any) -> Any:
            if operation == "InviteAccountToOrganization":
                seen.append(sum(request["Target"] == each.party for each in ledger.unsettled()))
            return perform(operation, caller, request)

        world.reference.organizations.operations.perform = watched  # type: ignore[method-assign]
        runner = world.runner(ledger)
        for name in contract().scenarios:
            runner.transcript(name)
        assert len(seen) > world.invitations() > 0  # duplicates are refused
        assert all(seen)
        assert ledger.unsettled() == ()


class TestPreparedRun:
    def test_it_goes_to_a_worker_as_json_and_comes_back(self, world: World, tmp_path: Path) -> None:
        actors = {actor: replace(identity, account=None) for actor, identity in world.actors.items()}
        callers = CallerCredentials(actors, actors[Actor.SENDER].credentials)
        for sign in (None, Sign("HTTP 501", explicit=True)):
            run = PreparedRun(world.inventory().target, callers, sign, Ledger(tmp_path / "ledger.jsonl", "run", 3))
            back = PreparedRun.from_json(json.loads(json.dumps(run.to_json())))
            assert (back.target, back.sign, back.ledger.to_json()) == (run.target, run.sign, run.ledger.to_json())
            assert back.callers.to_json() == callers.to_json()
            assert (back.preflight, back.earlier) == (NOT_ASKED, None)


class TestEarlierRuns:
    def test_what_they_made_is_ended_and_nothing_else(self, world: World, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        recipient = Party("ACCOUNT", IDS[Actor.RECIPIENT])
        mine, address = f"{mark('old')} mine", unowned_party()
        lost, known = world.invite(recipient, mine), world.invite(Party("EMAIL", address["Id"]), None)
        theirs = [world.invite(recipient, "theirs"), world.invite(Party("EMAIL", "b@example.com"), None)]
        party = {"Type": "ACCOUNT", "Id": IDS[Actor.RECIPIENT]}
        entries = [
            Entry("old:a/lost", 1.0, OWN, party, mine),
            Entry("old:b/known", 1.0, OWN, address, None, known.id),
            Entry("old:c/never-sent", 1.0, OWN, party, f"{mine}, never sent"),
            Entry("old:d/gone", 1.0, OWN, party, f"{mine}, gone", "h-00000000"),
        ]
        became = world.runner(ledger).end_invitations(entries, OWN)
        assert became.left == became.foreign == ()
        assert became.transcript.stop is None
        assert set(world.open()) == {each.id for each in theirs}
        assert {each.id for each in world.reference.store.handshakes() if each.state == "CANCELED"} == {
            lost.id,
            known.id,
        }
        assert Counter(world.changes())["InviteAccountToOrganization"] == 0

    def test_what_cannot_be_ended_stays_in_the_ledger(self, world: World, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "ledger.jsonl", "run")
        runner = world.runner(ledger)
        entry = Entry("old:a/b", 1.0, OWN, {"Type": "EMAIL", "Id": "a@example.com"}, None)
        world.reference.stop()
        assert runner.end_invitations([entry], OWN).left == (entry,)


class TestPlan:
    def test_it_is_what_the_run_does(self, world: World) -> None:
        inventory = world.inventory()
        assert world.changes() == []
        plan = make_plan(inventory, world.actors, 1)
        assert world.changes() == []
        runner = world.runner()
        for name in contract().scenarios:
            runner.transcript(name)
        made = [each for transcript in runner.new_transcripts() for each in transcript.exchanges]
        assert Counter((Actor(each.actor), each.operation) for each in made) == plan.calls
        assert plan.invitations == world.invitations()
        assert world.open() == []

    def test_it_says_who_what_where_and_to_whom(self, world: World) -> None:
        world.reference.name(IDS[Actor.MEMBER], email="jane@corp.example", name="Jane")
        world.invite(Party("EMAIL", "b@example.com"), None)
        world.invite(Party("EMAIL", "c@example.com"), None, "EXPIRED")
        del world.actors[Actor.STRANGER]
        inventory = world.inventory(rate_factor=1.0)
        text = "\n".join(plan_lines(make_plan(inventory, world.actors, 3), inventory, world.actors))
        for said in (
            "sender       account 222222222222, manages o-0wn0wn0wn0",
            "stranger     none, so nothing is tested that applies only where",
            "open now     1 handshake; ",
            "expired      the sender tries to cancel an EXPIRED invitation",
            f"invitations  {3 * world.invitations()} needed; 2 sent in the last 24 hours (quota: 20 a day)",
            "9 to the owner of the member's account (j***@corp.example)",
            "membership   unchanged",
        ):
            assert said in text
        assert "jane@" not in text

    def test_a_plan_can_be_had_where_accounts_are_free(self) -> None:
        with Reference.start() as reference:
            for strategy in (Strategy.HEADER, Strategy.KEY):
                inventory = Inventory(replace(embedded_target(reference), strategy=strategy), NOT_ASKED)
                plan = make_plan(inventory, {}, 2)
                by_stranger = plan.calls[Actor.STRANGER, INVITE]
                assert by_stranger == 2
                rounds = {True: Target.races, False: 1}
                needed = sum(each.invitations * rounds[each.races] for each in scenarios().values())
                assert plan.invitations == 2 * needed + by_stranger
                assert "an account joins the organization" in "\n".join(plan_lines(plan, inventory, {}))

    def test_an_account_that_is_to_join_is_told(self, world: World) -> None:
        world.actors[Actor.MEMBER] = by_key("666666666666")
        inventory = world.inventory(may_join=True)
        assert "an account joins the organization" in "\n".join(
            plan_lines(make_plan(inventory, world.actors, 1), inventory, world.actors)
        )
        assert not world.inventory(may_join=False).target.has("member")


def denied(world: World, operation: str, account: str) -> None:
    """Has the reference deny the operation to the account from now on."""
    perform = world.reference.organizations.operations.perform

    def denying(name: str, caller: str, request: Any) -> Any:
        if (name, caller) == (operation, account):
            raise Refusal("AccessDeniedException")
        return perform(name, caller, request)

    world.reference.organizations.operations.perform = denying  # type: ignore[method-assign]


class TestInventory:
    @pytest.mark.parametrize("operation", ["ListAccounts", "ListHandshakesForOrganization"])
    def test_what_cannot_be_told_of_the_real_service_ends_the_run(self, world: World, operation: str) -> None:
        denied(world, operation, IDS[Actor.SENDER])
        with pytest.raises(ConfigurationError, match=f"stand can't be told: {operation} was answered HTTP 400"):
            world.inventory()

    def test_a_member_that_may_not_tell_is_known_all_the_same(self, world: World) -> None:
        denied(world, "DescribeOrganization", IDS[Actor.MEMBER])
        inventory = world.inventory()
        assert inventory.target.is_member(Actor.MEMBER)
        assert inventory.target.has("member")

    def test_whoever_is_not_known_to_be_a_member_is_none(self, world: World) -> None:
        world.actors[Actor.MEMBER] = by_key("666666666666")
        denied(world, "DescribeOrganization", "666666666666")
        assert not world.inventory().target.has("member")

    def test_of_the_handshakes_only_invitations_are_looked_at(self, world: World) -> None:
        inventory = world.inventory()
        other = {"Action": "ENABLE_ALL_FEATURES", "State": "EXPIRED", "RequestedTimestamp": time.time()}
        inventory = replace(inventory, handshakes=(other,))
        assert not inventory.expired
        assert inventory.invitations_today == 0


class TestPermission:
    def refused(
        self, world: World, *, allowed: str = IDS[Actor.SENDER], most: int = 16, repeat: int = 1, **changes: Any
    ) -> str:
        inventory = within_allowance(world.inventory(**changes), most, repeat)

        def check() -> None:
            check_organization(inventory)
            check_caller(inventory, allowed)
            check_allowance(make_plan(inventory, world.actors, repeat), inventory)

        with pytest.raises(ConfigurationError) as caught:
            check()
        assert world.changes() == []
        return str(caught.value)

    def test_what_was_named_and_planned_may_go_ahead(self, world: World) -> None:
        for organization in ("", OWN):
            inventory = world.inventory(organization=organization)
            check_organization(inventory)
            check_caller(inventory, IDS[Actor.SENDER])
            check_allowance(make_plan(inventory, world.actors, 1), inventory)

    def test_another_account(self, world: World) -> None:
        assert self.refused(world, allowed="999999999999").startswith(
            "--allow-account=999999999999: the caller is 2222"
        )

    def test_another_organization(self, world: World) -> None:
        assert "o-another0000 is named" in self.refused(world, organization="o-another0000")

    def test_too_few_invitations_for_anything(self, world: World) -> None:
        assert "the run may make 2 invitations (--max-invitations=2)" in self.refused(world, most=2, repeat=3)

    def test_no_quota_left(self, world: World) -> None:
        for _ in range(20):
            world.invite(Party("EMAIL", "b@example.com"), None, "CANCELED")
        assert "the run may make 0 invitations (20 of 20 a day were made in the last" in self.refused(world)

    def test_no_organization(self, world: World) -> None:
        world.actors = {Actor.SENDER: by_key("777777777777")}
        said = {"sender": "777777777777"}
        assert "has no organization" in self.refused(world, allowed="777777777777", answers=said)

    def test_a_mere_member(self, world: World) -> None:
        world.actors = {Actor.SENDER: by_key(IDS[Actor.MEMBER])}
        said = {"sender": IDS[Actor.MEMBER]}
        assert f"doesn't manage {OWN}" in self.refused(world, allowed=IDS[Actor.MEMBER], answers=said)

    def test_a_stranger_who_is_none(self, world: World) -> None:
        world.actors[Actor.STRANGER] = world.actors[Actor.MEMBER]
        with pytest.raises(ConfigurationError, match="the stranger's account belongs to the sender's organization"):
            world.inventory()

    def test_no_more_invitations_than_allowed_leave(self, world: World) -> None:
        runner = world.runner(Ledger(None, "run", most=3))
        stops = {name: runner.transcript(name).stop for name in contract().scenarios}
        assert Counter(world.changes())["InviteAccountToOrganization"] == 3
        assert any(stop and "--max-invitations" in stop.because for stop in stops.values())
        assert world.open() == []


def outcomes(runner: ScenarioRunner) -> Counter[tuple[str, str]]:
    return Counter(
        (clause.id, str(judge(clause, asked.step, judge_of(clause), runner.transcript(asked.scenario)).outcome))
        for clause in contract().clauses
        for asked in checks(clause)
    )


class TestAccountsAsTheyStand:
    def test_members_are_invited_by_address_and_no_membership_changes(self, world: World) -> None:
        before = {account: each.organization for account, each in world.reference.store._memberships.items()}
        found = outcomes(world.runner())
        assert {outcome for _, outcome in found} == {str(Outcome.PASSED), str(Outcome.NOT_APPLICABLE)}
        elsewhere = {clause.id for clause in contract().clauses if clause.theme in {"time", "actions"}}
        assert {clause for clause, outcome in found if outcome == Outcome.NOT_APPLICABLE} - elsewhere == {
            "errors.throttled",
            "errors.throttled-code",
            "errors.conflict",
            "errors.unavailable",
            "transitions.sender-expired",
            "aftermath.foreign-invitation-unchanged",
            "transitions.sender-canceled-at-once",
            "aftermath.answer-refused-at-once",
            "callers.principal",
            "races.member-if-accepted",
            *(f"races.{name}" for name in ("answered", "answers-in-order", "final-state", "refusal", "released")),
        }
        assert {account: each.organization for account, each in world.reference.store._memberships.items()} == before
        assert "CreateOrganization" not in world.changes()

    def test_one_account_may_be_recipient_and_member(self, world: World) -> None:
        world.actors[Actor.RECIPIENT] = world.actors[Actor.MEMBER]
        found = outcomes(world.runner())
        assert {outcome for _, outcome in found} == {str(Outcome.PASSED), str(Outcome.NOT_APPLICABLE)}
        assert ("aftermath.not-joined", str(Outcome.NOT_APPLICABLE)) in found

    def test_one_account_may_be_both_and_join(self, world: World) -> None:
        world.actors[Actor.RECIPIENT] = world.actors[Actor.MEMBER] = by_key("666666666666")
        found = outcomes(world.runner(may_join=True))
        assert {outcome for _, outcome in found} == {str(Outcome.PASSED), str(Outcome.NOT_APPLICABLE)}

    def test_a_sender_alone_invites_nobody_who_exists(self, world: World) -> None:
        world.actors = {Actor.SENDER: world.actors[Actor.SENDER]}
        found = outcomes(world.runner())
        assert {outcome for _, outcome in found} == {str(Outcome.PASSED), str(Outcome.NOT_APPLICABLE)}
        invited = [each.invited for each in world.reference.store.handshakes()]
        assert all(each.type == "EMAIL" and each.id.lower().endswith("@example.com") for each in invited)

    def test_an_expired_handshake_is_read_and_refused(self, world: World) -> None:
        past = replace(
            world.invite(Party("EMAIL", "b@example.com"), None), requested=1, expires=world.reference.clock.now()
        )
        world.reference.store.keep(past)
        assert ("transitions.sender-expired", str(Outcome.PASSED)) in outcomes(world.runner())
        assert world.reference.store.handshake(past.id) == past

    @pytest.mark.parametrize("setup", Setup)
    def test_a_stranger_without_an_organization_gets_none(self, world: World, setup: Setup) -> None:
        world.actors[Actor.STRANGER] = by_key("888888888888")
        found = outcomes(world.runner(setup=setup))
        assert world.reference.store.organization_of("888888888888") is None
        assert found["callers.stranger", str(Outcome.NOT_APPLICABLE)] == 1
        assert found["callers.stranger", str(Outcome.PASSED)] == 1
