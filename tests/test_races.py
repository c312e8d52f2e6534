"""Two callers at once: the search for an order, the rounds that are judged by it, and the calls that make them."""

from __future__ import annotations

import json
import signal
import threading
import time
from dataclasses import replace
from functools import cached_property
from itertools import permutations, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.clauses import contract
from contracts.judging.exchange import Exchange, Request, Response, Transcript
from contracts.judging.judge import Evidence
from contracts.judging.racing.history import rounds
from contracts.judging.racing.orders import NEVER, TimedCall, has_order
from contracts.judging.racing.timeline import timeline
from contracts.model.operation import INVITE, OPERATION
from contracts.transitions import UNRELATED
from contracts.vocabulary import RACES, Actor, Outcome
from fixtures.errors import UnsupportedSetting
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Parts, Reference
from fixtures.reference.faults import FAULTS
from fixtures.reference.faults.races import BothSucceed, Noting
from fixtures.reference.organizations.operations import Operations
from fixtures.reference.protocol.refusal import Conflict
from fixtures.reference.realism import Realism
from fixtures.scenarios.catalogue import scenarios
from fixtures.scenarios.ledger import Ledger
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy, by_key
from fixtures.target.choice import choose
from fixtures.transport.racing import Race
from proof.matrix import verdicts
from proof.races import failed, faults
from tests.options import options
from tests.suite import ROOT, suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from fixtures.reference.clock import Millis
    from fixtures.reference.organizations.operations import Input
    from fixtures.reference.organizations.views import Document

ACCEPT, DECLINE, DESCRIBE = "AcceptHandshake", "DeclineHandshake", "DescribeHandshake"
ALREADY, INVALID = "HandshakeAlreadyInStateException", "InvalidHandshakeTransitionException"
BUSY, DUPLICATE = "ConcurrentModificationException", "DuplicateHandshakeException"
HANDSHAKE = "h-12345678"
KINDS = [name for name, scenario in scenarios().items() if scenario.races]
SLOW = {"cancel-and-invite-deadlock", "lock-never-released"}
SHARED = (Actor.SENDER, Actor.RECIPIENT, Actor.MEMBER)


def reading(value: int) -> Callable[[int], Iterable[int]]:
    return lambda state: [state] if state == value else []


def writing(value: int) -> Callable[[int], Iterable[int]]:
    return lambda _: [value]


def unanswered(value: int) -> Callable[[int], Iterable[int]]:
    return lambda state: [state, value]


def brute_force(calls: Sequence[TimedCall[int]], state: int) -> bool:
    """Whether any order of all the calls, in any of the ways that each may have gone, explains them."""
    for order in permutations(calls):
        late = any(after.precedes(before) for place, before in enumerate(order) for after in order[place + 1 :])
        reached = {state}
        for call in order:
            reached = {following for each in reached for following in call.leaves(each)}
        if reached and not late:
            return True
    return False


def timed_calls() -> st.SearchStrategy[TimedCall[int]]:
    kinds = st.sampled_from([reading, writing, unanswered])
    leaves = st.builds(lambda kind, value: kind(value), kinds, st.integers(0, 2))
    times = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted)
    return st.builds(lambda what, when: TimedCall(what, when[0], when[1]), leaves, times)


@given(st.lists(timed_calls(), max_size=5))
def test_an_order_is_found_exactly_where_trying_all_of_them_finds_one(calls: list[TimedCall[int]]) -> None:
    assert has_order(calls, 0) == brute_force(calls, 0)


def test_a_call_that_had_ended_comes_first() -> None:
    write, read = TimedCall(writing(1), 0.0, 1.0), TimedCall(reading(0), 2.0, 3.0)
    assert not has_order([write, read], 0)
    assert has_order([write, replace(read, began=0.5)], 0)
    assert has_order([replace(write, ended=NEVER), read], 0)


def exchange(step: str, name: str, code: str | None = None, *, state: str = "", **changes: Any) -> Exchange:
    """The call of a step in the first round, answered with an error or with the handshake in a state."""
    body = {"__type": code} if code else {"Handshake": {"Id": HANDSHAKE, "State": state}}
    status = changes.pop("status", 400 if code else 200)
    response = Response(status, (), json.dumps(body).encode()) if status else None
    sent = {"Target": {"Type": "ACCOUNT", "Id": "444444444444"}} if name == INVITE else {"HandshakeId": HANDSHAKE}
    request = Request("POST", "http://127.0.0.1/", (), json.dumps(sent).encode())
    actor = changes.pop("actor", "sender")
    times = {"started": changes.pop("started", 1.0), "seconds": changes.pop("seconds", 0.004)}
    return Exchange("race-accept", f"round-1-{step}", actor, name, request, response, **times, **changes)


def answered(step: str, name: str, code: str | None, **changes: Any) -> Exchange:
    ends = {OPERATION: "CANCELED", ACCEPT: "ACCEPTED", DECLINE: "DECLINED", INVITE: "OPEN"}
    return exchange(step, name, code, state=ends.get(name, ""), **changes)


def history(*later: Exchange, cancel: str | None = None, beside: tuple[str, str | None], **changes: Any) -> Transcript:
    pair = (answered("cancel", OPERATION, cancel), answered("at-once", *beside, **changes))
    invited = exchange("invite", INVITE, state="OPEN", started=0.5)
    return Transcript("race-accept", (invited, *pair, *later))


def seen(state: str) -> Exchange:
    return exchange("after", DESCRIBE, state=state, started=1.0041)


ANSWERS: dict[str, tuple[str | None, tuple[str, str | None], bool]] = {
    "the cancellation wins": (None, (ACCEPT, INVALID), True),
    "the other one wins": (INVALID, (ACCEPT, None), True),
    "both win": (None, (ACCEPT, None), False),
    "two cancellations win": (None, (OPERATION, None), False),
    "nobody wins": (ALREADY, (OPERATION, ALREADY), False),
    "a busy one loses": (BUSY, (DECLINE, None), True),
    "a busy one may have been carried out": (BUSY, (DECLINE, INVALID), True),
    "invited after": (None, (INVITE, None), True),
    "invited before": (None, (INVITE, DUPLICATE), True),
    "invited beside an open one": (ALREADY, (INVITE, None), False),
    "refused for a state that no call has brought about": ("AccessDeniedException", (ACCEPT, INVALID), False),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_explained_by_an_order_or_not(name: str) -> None:
    cancel, beside, explained = ANSWERS[name]
    (race,) = rounds(Evidence(history(cancel=cancel, beside=beside)))
    assert race.answers_have_order == explained


@pytest.mark.parametrize(("canceled", "state"), [*product([True, False], ["OPEN", "CANCELED", "ACCEPTED"])])
def test_the_state_is_that_of_the_one_that_succeeded(canceled: bool, state: str) -> None:
    answers = (None, (ACCEPT, INVALID)) if canceled else (INVALID, (ACCEPT, None))
    (race,) = rounds(Evidence(history(seen(state), cancel=answers[0], beside=answers[1])))
    assert race.answers_have_order
    assert race.states_have_order == (state == ("CANCELED" if canceled else "ACCEPTED"))


@pytest.mark.parametrize(("member", "accepted"), [*product([True, False], repeat=2)])
def test_an_account_is_a_member_if_it_accepted(member: bool, accepted: bool) -> None:
    accounts = {"Accounts": [{"Id": "444444444444"}] if member else []}
    listed = exchange("accounts", "ListAccounts", state="", started=1.1)
    listed = replace(listed, response=Response(200, (), json.dumps(accounts).encode()))
    answers = (INVALID, (ACCEPT, None)) if accepted else (None, (ACCEPT, INVALID))
    (race,) = rounds(Evidence(history(listed, cancel=answers[0], beside=answers[1])))
    assert race.membership_has_order == (member == accepted)


@pytest.mark.parametrize(
    "answer",
    [
        Response(400, (), b'{"__type": "AccessDeniedException"}'),
        Response(500, (), b"{}"),
        Response(200, (), b'{"Accounts": [], "NextToken": "more"}'),
        Response(200, (), b"{}"),
        None,
    ],
)
def test_a_list_that_does_not_tell_who_is_a_member_blocks(answer: Response | None) -> None:
    listed = replace(exchange("accounts", "ListAccounts", state="", started=1.1), response=answer)
    transcript = history(listed, cancel=INVALID, beside=(ACCEPT, None))
    assert outcome("races.member-if-accepted", transcript)[0] is Outcome.BLOCKED
    assert outcome("races.one-winner", transcript)[0] is Outcome.PASSED


GONE = exchange("after", DESCRIBE, "HandshakeNotFoundException", started=1.1)
DENIED = exchange("after", DESCRIBE, "AccessDeniedException", started=1.1)
EMPTY = replace(GONE, operation="ListHandshakesForOrganization", response=Response(200, (), b'{"Handshakes": []}'))
CUT = replace(EMPTY, response=Response(200, (), b'{"Handshakes": [], "NextToken": "more"}'))


@pytest.mark.parametrize(
    ("view", "cancel", "expected"),
    [
        (GONE, None, Outcome.FAILED),
        (EMPTY, None, Outcome.FAILED),
        (GONE, INVALID, Outcome.FAILED),
        (replace(GONE, actor="member"), None, Outcome.FAILED),
        (replace(GONE, actor="member"), ALREADY, Outcome.FAILED),
        (replace(GONE, actor="member"), INVALID, Outcome.BLOCKED),  # that it sees one it has answered isn't documented
        (DENIED, None, Outcome.BLOCKED),
        (CUT, None, Outcome.BLOCKED),
    ],
)
def test_a_handshake_does_not_vanish(view: Exchange, cancel: str | None, expected: Outcome) -> None:
    beside = {None: (ACCEPT, INVALID), INVALID: (ACCEPT, None), ALREADY: (OPERATION, None)}[cancel]
    assert outcome("races.final-state", history(view, cancel=cancel, beside=beside))[0] is expected


def test_half_a_round_is_none() -> None:
    transcript = Transcript(
        "race-accept", (exchange("invite", INVITE, state="OPEN"), answered("cancel", OPERATION, None))
    )
    assert outcome("races.one-winner", transcript)[0] is Outcome.BLOCKED


def test_where_writes_show_late_neither_call_comes_first() -> None:
    late = {"started": 1.5}
    before = exchange("before", DESCRIBE, state="OPEN", started=0.6)
    in_order = history(cancel=None, beside=(INVITE, DUPLICATE), **late)
    assert outcome("races.one-winner", in_order)[0] is Outcome.FAILED
    assert outcome("races.one-winner", replace(in_order, exchanges=(before, *in_order.exchanges)))[0] is Outcome.PASSED


@pytest.mark.parametrize("code", sorted(UNRELATED))
def test_an_invitation_may_be_refused_for_something_else(code: str) -> None:
    assert outcome("races.refusal", history(cancel=None, beside=(INVITE, code)))[0] is Outcome.PASSED


@pytest.mark.parametrize("status", [0, 500])
@pytest.mark.parametrize(("state", "explained"), [("CANCELED", True), ("ACCEPTED", False), ("OPEN", False)])
def test_a_call_without_an_answer_may_have_been_carried_out(status: int, state: str, explained: bool) -> None:
    transcript = history(seen(state), cancel=None, beside=(ACCEPT, "InternalFailure"), status=status)
    (race,) = rounds(Evidence(transcript))
    assert race.states_have_order == explained
    lost = history(seen("ACCEPTED"), cancel=INVALID, beside=(ACCEPT, "InternalFailure"), status=status)
    assert rounds(Evidence(lost))[0].states_have_order


@pytest.mark.parametrize(
    ("cancel", "state", "explained"),
    [(INVALID, "ACCEPTED", True), (None, "CANCELED", True), (None, "ACCEPTED", False), (INVALID, "OPEN", False)],
)
def test_a_member_that_accepts_gets_an_error_and_may_have_accepted(
    cancel: str | None, state: str, explained: bool
) -> None:
    transcript = history(seen(state), cancel=cancel, beside=(ACCEPT, "HandshakeConstraintViolationException"))
    assert rounds(Evidence(transcript))[0].states_have_order == explained
    assert outcome("races.refusal", transcript)[0] is Outcome.PASSED


def test_a_call_without_an_answer_may_be_carried_out_between_two_reads() -> None:
    late = exchange("recipient-after", DESCRIBE, state="ACCEPTED", started=1.2)
    transcript = history(seen("OPEN"), late, cancel=BUSY, beside=(ACCEPT, ""), status=0)
    (race,) = rounds(Evidence(transcript))
    assert race.states_have_order


def outcome(clause: str, transcript: Transcript) -> tuple[Outcome, str]:
    every = {name: replace(transcript, scenario=name) for name in KINDS}
    judged = [each for each in verdicts(every, [contract()[clause]]) if each.case in {"", "race-accept/round-1-cancel"}]
    return judged[0].outcome, judged[0].actual


def test_busy_answers_to_both_calls_are_no_verdict() -> None:
    transcript = history(seen("OPEN"), cancel=BUSY, beside=(ACCEPT, "TooManyRequestsException"))
    for clause in ("races.one-winner", "races.final-state", "races.refusal", "races.answered"):
        assert outcome(clause, transcript)[0] is Outcome.BLOCKED


def test_a_connection_that_was_closed_while_idle_is_no_verdict() -> None:
    transcript = history(cancel=None, beside=(ACCEPT, None), lost=True)
    assert outcome("races.one-winner", transcript)[0] is Outcome.BLOCKED


def test_a_failure_shows_the_round_as_a_timeline() -> None:
    transcript = history(seen("CANCELED"), beside=(ACCEPT, None), actor="recipient", started=1.002, seconds=0.006)
    failed_as, actual = outcome("races.one-winner", transcript)
    assert failed_as is Outcome.FAILED
    lanes = [
        ("sender CancelHandshake   ", "============            ", "0.0 to 4.0 ms:", "CANCELED"),
        ("recipient AcceptHandshake", "      ==================", "2.0 to 8.0 ms:", "ACCEPTED"),
    ]
    drawn = [
        f"{caller} [{bar}] {times} HTTP 200 with a handshake in state {state}" for caller, bar, times, state in lanes
    ]
    assert actual.splitlines() == ["in round 1", *drawn, "then sender DescribeHandshake: State CANCELED"]


def test_a_call_that_takes_no_time_has_a_lane_too() -> None:
    transcript = history(beside=(ACCEPT, None), seconds=0.0)
    assert "[=" in timeline(rounds(Evidence(transcript))[0])


@pytest.mark.parametrize("code", ["HandshakeNotFoundException", "AccessDeniedException"])
def test_the_one_that_loses_is_refused_for_the_state(code: str) -> None:
    assert outcome("races.refusal", history(cancel=None, beside=(ACCEPT, code)))[0] is Outcome.FAILED
    assert outcome("races.refusal", history(cancel=None, beside=(ACCEPT, ALREADY)))[0] is Outcome.PASSED


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("DatabaseError", 500, Outcome.FAILED),
        ("InternalFailure", 500, Outcome.PASSED),
        ("ServiceUnavailable", 503, Outcome.PASSED),
        ("anything", 0, Outcome.FAILED),
    ],
)
def test_both_calls_are_answered(code: str, status: int, expected: Outcome) -> None:
    transcript = history(cancel=None, beside=(ACCEPT, code), status=status)
    assert outcome("races.answered", transcript)[0] is expected


def runner(reference: Reference, races: int = 2, ledger: Ledger | None = None) -> ScenarioRunner:
    target = replace(embedded_target(reference), races=races)
    return ScenarioRunner(target, Identities(Strategy.KEY, {}, None), ledger=ledger)


@pytest.mark.parametrize(
    "name", [pytest.param(each.name, marks=[pytest.mark.long] * (each.name in SLOW)) for each in faults()]
)
def test_a_fault_that_shows_only_when_two_calls_meet_is_found(name: str) -> None:
    assert failed(FAULTS[name].parts) == FAULTS[name].kills


class LockedForAWhile(Noting):
    """Keeps a handshake locked for a second after two calls at once."""

    @cached_property
    def since(self) -> dict[str, float]:
        """When a call was first told to try again, by the id of the handshake."""
        return {}

    def cancel_handshake(self, caller: str, request: Input, now: Millis) -> Document:
        handshake = request["HandshakeId"]
        if handshake in self.met and time.monotonic() < self.since.setdefault(handshake, time.monotonic()) + 1:
            raise Conflict
        return super().cancel_handshake(caller, request, now)


@pytest.mark.long
def test_a_lock_that_is_released_after_a_while_fails_nothing() -> None:
    assert failed(Parts(operations=LockedForAWhile)) == frozenset()


class OneAfterTheOther(Operations):
    """Carries out one cancellation after the other, each in more than half of the time that a call has."""

    def cancel_handshake(self, caller: str, request: Input, now: Millis) -> Document:
        time.sleep(1.2)
        return super().cancel_handshake(caller, request, now)

    def perform(self, operation: str, caller: str, request: Input) -> Document:
        with self.store.lock:
            return super().perform(operation, caller, request)


@pytest.mark.long
def test_a_slow_target_may_answer_one_of_two_calls_after_the_other() -> None:
    with Reference.start(parts=Parts(operations=OneAfterTheOther)) as reference:
        target = replace(embedded_target(reference), races=1, timeout=2.0)
        transcript = ScenarioRunner(target, Identities(Strategy.KEY, {}, None)).transcript("race-cancel")
    (race,) = rounds(Evidence(transcript))
    assert all(each.status for each in race.pair)


def test_who_is_no_party_does_not_have_to_see_the_handshake() -> None:
    with Reference.start() as reference:
        target = replace(embedded_target(reference), strategy=Strategy.PROFILES)
        given = {actor: by_key("222222222222" if actor is Actor.SENDER else "333333333333") for actor in SHARED}
        source = ScenarioRunner(target, Identities(Strategy.PROFILES, given, None))
        raced = [
            each for name in ("race-cancel", "race-describe") for each in rounds(Evidence(source.transcript(name)))
        ]
    assert len(raced) == 2 * target.races
    assert all(each.states_have_order for each in raced)


def unlike_passed(reference: Reference, races: int) -> list[tuple[str, str]]:
    source = runner(reference, races)
    transcripts = {name: source.transcript(name) for name in KINDS}
    judged = verdicts(transcripts, [each for each in contract().clauses if each.theme == "races"])
    return [(each.name, each.actual or each.because) for each in judged if each.outcome is not Outcome.PASSED]


@pytest.mark.parametrize(
    ("races", "latency"),
    [
        (5, 0.01),
        pytest.param(200, 0.0, marks=pytest.mark.long),
        pytest.param(40, 0.05, marks=pytest.mark.long),
    ],
)
def test_the_sound_reference_is_found_sound_however_often_calls_meet(races: int, latency: float) -> None:
    """There are so many rounds of each of the five kinds: a thousand in all, and two hundred with slow answers."""
    with Reference.start(realism=Realism(latency=latency)) as reference:
        assert unlike_passed(reference, races) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_two_calls_are_under_way_at_once(kind: str) -> None:
    with Reference.start(realism=Realism(latency=0.02)) as reference:
        transcript = runner(reference, 10).transcript(kind)
    met = [
        first.started < second.started + second.seconds and second.started < first.started + first.seconds
        for first, second in (each.pair for each in rounds(Evidence(transcript)))
    ]
    assert met.count(True) > len(met) / 2


def test_without_races_they_are_not_applicable_and_the_report_says_what_would_change_that(tmp_path: Path) -> None:
    finished = suite(tmp_path, "--races=0", "-k", "test_races")
    found = {each.verdict.outcome for each in finished.run.judgements}
    assert found == {Outcome.NOT_APPLICABLE}
    assert {each.verdict.lacking for each in finished.run.judgements} == {RACES}
    assert "(--races)" in finished.output
    assert not finished.run.invitations


def test_the_real_service_has_one_round_of_each_kind() -> None:
    assert choose(options(target="aws"), {}).target.races == 1
    assert choose(options(target="aws", races=0), {}).target.races == 0
    with pytest.raises(UnsupportedSetting, match="--races=2: on the real service each round uses up"):
        choose(options(target="aws", races=2), {})
    assert choose(options(), {}).target.races > 1


def test_an_interrupted_race_waits_for_its_calls_and_leaves_nothing_open() -> None:
    with Reference.start(realism=Realism(latency=0.6)) as reference:
        source = runner(reference)
        start = Race.run

        def interrupted(race: Race) -> None:
            main = threading.main_thread().ident or 0
            timer = threading.Timer(0.2, signal.pthread_kill, [main, signal.SIGINT])
            timer.start()
            try:
                start(race)
            finally:
                timer.join()

        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # the signal isn't for the run of the tests
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Race, "run", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    source.transcript("race-invite")
        finally:
            signal.signal(signal.SIGINT, before)
        (transcript,) = [each for each in source.new_transcripts() if each.scenario == "race-invite"]
        went_out = {entry.agent.rpartition("/")[2] for entry in reference.log if "/round-1-" in entry.agent}
        assert "round-1-invite" in went_out
        assert went_out == {each.step for each in transcript.exchanges if each.step.startswith("round-")}
        assert {each.state for each in reference.store.handshakes()} <= {"CANCELED", "EXPIRED"}
    assert not [each for each in threading.enumerate() if each.name.startswith("race ")]


def test_an_invitation_of_a_race_stands_in_the_ledger_before_it_is_sent(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    entered: list[int] = []
    run = Race.run

    def counted(race: Race) -> None:
        entered.append(len(ledger.unsettled()))
        run(race)

    with Reference.start() as reference, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Race, "run", counted)
        source = runner(reference, 1, ledger)
        source.transcript("race-invite")
    assert entered == [2]
    assert ledger.unsettled() == ()


def test_a_report_shows_the_two_lanes(tmp_path: Path) -> None:
    finished = suite(tmp_path, "--fault=both-succeed", "-k", "one_winner")
    assert finished.code == 1
    assert "sender CancelHandshake" in (tmp_path / "junit.xml").read_text(encoding="utf-8")
    with Reference.start(parts=Parts(operations=BothSucceed)) as reference:
        assert {name.partition(":")[0] for name, _ in unlike_passed(reference, 1)} >= {"races.one-winner"}


def test_the_published_table_has_every_fault_of_races_and_none_was_missed() -> None:
    rows = (ROOT / "proof" / "races.md").read_text(encoding="utf-8").splitlines()
    found = {row.split("`")[1]: row.split("|")[2:4] for row in rows if row.startswith("| `")}
    assert found == {each.name: [" 100 of 100 ", " 0 of 100 "] for each in faults()}
