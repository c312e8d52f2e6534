"""Time is judged on every target whose clock may be moved, and the clock is as it was afterwards."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, ClassVar
from unittest import mock

import pytest

from contracts.clauses import contract
from contracts.transitions import pending
from contracts.vocabulary import CLOCK, Outcome
from fixtures.errors import AdminRequestRefused, ConfigurationError, MissingProfileKey, UnsupportedSetting
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Clock, Parts, Reference
from fixtures.reference.administration import CLOCK_PATH, FURTHEST
from fixtures.reference.faults import FAULTS
from fixtures.reference.organizations.views import Views
from fixtures.reference.protocol.authentication import Authenticator, Claim
from fixtures.reference.realism import WITH_EXPIRED
from fixtures.scenarios.runner import ScenarioRunner, clock_put_back
from fixtures.target.accounts import Identities, Strategy
from fixtures.target.choice import choose
from fixtures.target.clock import NEVER_MOVED, ClockControl, filled_in
from fixtures.target.describe import describe_choice
from fixtures.target.model import Target
from fixtures.transport.administration import clock as administration
from fixtures.transport.administration.clock import ClockNotPutBack, TargetClock, with_probed_clock
from proof.matrix import verdicts
from tests.endpoints import proxy
from tests.options import options
from tests.suite import ROOT, Finished, clean_environment, once, suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from contracts.judging.exchange import Transcript

DAY = 24 * 60 * 60
NEAR = 60  # seconds for a machine that is busy
PLAIN = """
endpoint = "{url}"
settle = 0
[accounts]
strategy = "key"
[capabilities]
signatures = true
"""
ADVANCE = f"[clock]\npath = '{CLOCK_PATH}'\nbody = {{ advance = '{{seconds}}' }}\n"
BACK = f"back = {{ path = '{CLOCK_PATH}', body = {{ reset = true }} }}\n"
MOVES = "moves = true\n"
BY_SETTING = (
    f"[clock]\npath = '{CLOCK_PATH}'\nmoves = true\nbody = {{ set = '{{epoch}}' }}\n"
    f"back = {{ path = '{CLOCK_PATH}', body = {{ set = '{{epoch}}' }} }}\n"
)
ONE = "--only=time.expired-described"


def profile(folder: Path, url: str, clock: str) -> str:
    path = folder / "own.toml"
    path.write_text(PLAIN.format(url=url) + clock, encoding="utf-8")
    return f"--target={path}"


def ask(url: str, body: object = None, media_type: str = "application/json") -> tuple[int, dict[str, Any]]:
    """Asks for the time of a reference's clock, or has it moved."""
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=10)) as connection:
        method, data = ("GET", None) if body is None else ("POST", json.dumps(body))
        connection.request(method, CLOCK_PATH, data, {"Content-Type": media_type})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def is_now(moment: float) -> bool:
    return abs(moment - time.time()) < NEAR


def of_time(finished: Finished) -> dict[str, str]:
    return {name: outcome for name, outcome in finished.verdicts().items() if name.startswith("time.")}


@contextmanager
def own_process(*arguments: str) -> Iterator[str]:
    """Starts the reference as its users do; gives its URL."""
    command = [sys.executable, "-m", "fixtures.reference", "--expired=1", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found
            yield found[0]
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def embedded() -> Finished:
    return once()


def test_a_reference_in_its_own_process_gets_the_verdicts_of_the_embedded_one(
    tmp_path: Path, embedded: Finished
) -> None:
    assert embedded.code == 0, embedded.output
    assert set(of_time(embedded).values()) == {"passed"}
    with own_process("--clock") as url:
        finished = suite(tmp_path, profile(tmp_path, url, ADVANCE + BACK + MOVES), "-n", "2")
        assert finished.code == 0, finished.output
        assert finished.verdicts() == embedded.verdicts() | {
            name: outcome
            for name, outcome in finished.verdicts().items()
            if name.startswith(("callers.principal", "actions.transfer-principal"))
        }
        assert is_now(ask(url)[1]["now"])


@pytest.mark.long
def test_without_a_clock_time_is_not_applicable_and_the_run_says_what_would_change_that(tmp_path: Path) -> None:
    with own_process() as url:
        finished = suite(tmp_path, profile(tmp_path, url, ""))
        assert finished.code == 0, finished.output
        assert set(of_time(finished).values()) == {"not-applicable"}
        assert finished.verdicts()["transitions.sender-expired"] == "passed"  # of one that had expired before
        assert "the profile has no [clock], which would say how the target's time is moved" in " ".join(
            finished.output.split()
        )
        refused = suite(tmp_path, "--target=reference", f"--endpoint-url={url}")
        assert set(of_time(refused).values()) == {"not-applicable"}
        told = " ".join(refused.output.split())
        assert f"clock: probed: POST {CLOCK_PATH} is answered HTTP" in told


def test_a_clock_is_moved_only_where_somebody_says_that_it_may_be(tmp_path: Path) -> None:
    with Reference.start() as reference:
        target = profile(tmp_path, reference.url, ADVANCE + BACK)
        left = suite(tmp_path, target, ONE)
        assert set(left.verdicts().values()) == {"not-applicable"}
        assert "--move-clock would allow it" in " ".join(left.output.split())
        assert not any("time/" in each.agent for each in reference.log)
        moved = suite(tmp_path, target, ONE, "--move-clock")
        assert set(moved.verdicts().values()) == {"passed"}
        assert "--move-clock" in moved.run.header.target.options
        assert is_now(reference.clock.now() / 1000)


@pytest.mark.long
def test_a_clock_that_goes_forward_only_is_said_to_stay_there(tmp_path: Path) -> None:
    with Reference.start() as reference:
        finished = suite(tmp_path, profile(tmp_path, reference.url, ADVANCE + MOVES), "-n", "2")
        assert finished.code == 0, finished.output
        assert set(of_time(finished).values()) == {"passed"}
        assert "moves the clock of own forward and can't put it back" in finished.output
        ahead = reference.clock.now() / 1000 - time.time()
        assert abs(ahead - (15 + 31) * DAY) < DAY
        scenarios = [scenario_of(each.agent) for each in reference.log]
        assert set(scenarios[scenarios.index("time") :]) == {"time"}  # nothing else comes after the first move


def scenario_of(agent: str) -> str:
    """The scenario that a request is of, by its User-Agent."""
    found = re.search(r" ([a-z-]+)/[\w.-]+$", agent)
    return found[1] if found else agent


def test_a_clock_that_is_told_the_time_is_told_its_own(tmp_path: Path) -> None:
    start = time.time() + 5 * 365 * DAY
    with Reference.start(clock=Clock(start)) as reference:
        finished = suite(tmp_path, profile(tmp_path, reference.url, BY_SETTING), ONE, "--only=time.canceled-forgotten")
        assert set(finished.verdicts().values()) == {"passed"}
        assert abs(reference.clock.now() / 1000 - start) < 2 * NEAR


@pytest.mark.long
def test_nothing_else_is_driven_while_the_clock_is_moved(tmp_path: Path) -> None:
    with Reference.start() as reference:
        finished = suite(tmp_path, profile(tmp_path, reference.url, ADVANCE + BACK + MOVES), "-n", "2", "--repeat=2")
        assert finished.code == 0, finished.output
        agents = [each.agent for each in reference.log]
        moved = [number for number, agent in enumerate(agents) if re.search(r" time(\.2)?/(late|gone)\b", agent)]
        first = agents[moved[0] : moved[1]]
        assert {scenario_of(agent) for agent in first} == {"time"}


def interrupted(folder: Path, clock: str, *options: str) -> tuple[int, str, bool]:
    """Interrupt a run whose clock is moved; return its exit code and output, and whether the clock is back then."""
    reached, goes_on = threading.Event(), threading.Event()

    def hold(_: int, operation: str, status: int) -> None:
        if operation == "AcceptHandshake" and not status:
            reached.set()
            goes_on.wait(60)

    with Reference.start() as reference, proxy(reference.url, hold) as url:
        target = profile(folder, url, clock)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", target, "--only=time.answer-refused"]
        running = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=clean_environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert reached.wait(60)
        assert not is_now(reference.clock.now() / 1000)
        running.send_signal(signal.SIGINT)
        goes_on.set()
        output = running.communicate(timeout=60)[0]
        is_back = is_now(reference.clock.now() / 1000)
        left = [each for each in reference.store.handshakes() if each.state in pending()]
        if is_back:
            assert left == []
        return running.returncode, output, is_back


def test_the_clock_is_put_back_after_an_interruption(tmp_path: Path) -> None:
    code, output, is_back = interrupted(tmp_path, ADVANCE + BACK + MOVES)
    assert (code, is_back) == (2, True), output


UNKNOWN_BACK = f"back = {{ path = '{CLOCK_PATH}', body = {{ advance = 'x{{seconds}}' }} }}\n"
"""A clock that can't be put back, for the target doesn't understand the request."""


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_a_run_says_that_the_clock_could_not_be_put_back(options: tuple[str, ...], tmp_path: Path) -> None:
    with Reference.start() as reference:
        target = profile(tmp_path, reference.url, ADVANCE + UNKNOWN_BACK + MOVES)
        finished = suite(tmp_path, target, "--only=time.answer-refused", *options)
    assert finished.code == 0, finished.output
    assert finished.output.count("\nthe clock of own was moved and not put back (") == 1, finished.output


@pytest.mark.long
def test_an_exploration_says_that_the_clock_could_not_be_put_back(tmp_path: Path) -> None:
    with Reference.start() as reference:
        target = profile(tmp_path, reference.url, ADVANCE + UNKNOWN_BACK + MOVES)
        finished = suite(tmp_path, target, "--only=transitions.sender-open", "--explore=5", "--seed=1")
        assert not is_now(reference.clock.now() / 1000)
    assert finished.code == 0, finished.output
    assert "ClockNotPutBack" not in finished.output
    assert finished.output.count("\nthe clock of own was moved and not put back (") == 1, finished.output


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_an_interrupted_run_says_that_the_clock_could_not_be_put_back(options: tuple[str, ...], tmp_path: Path) -> None:
    code, output, is_back = interrupted(tmp_path, ADVANCE + UNKNOWN_BACK + MOVES, *options)
    assert (code, is_back) == (2, False), output
    assert "\nthe clock of own was moved and not put back (" in output


def drive(reference: Reference, **changes: Any) -> Transcript:
    """Drives the scenario of time on the reference, as a target with these changes."""
    target = replace(embedded_target(reference), **changes)
    return ScenarioRunner(target, Identities(Strategy.KEY, {}, None)).transcript("time")


def test_the_scenario_leaves_nothing_open_when_the_clock_is_back() -> None:
    with Reference.start() as reference:
        transcript = drive(reference)
        assert transcript.stop is None
        assert len(transcript.exchanges) < 50
        assert [each for each in reference.store.handshakes() if each.state in pending()] == []


class ByMovedClock(Authenticator):
    """Compares signatures with the clock of the handshakes."""

    clock: ClassVar[Clock]

    def check_date(self, claim: Claim) -> None:
        super().check_date(replace(claim, moment=claim.moment + time.time() - self.clock.now() / 1000))


def test_a_target_that_refuses_everything_after_a_move_is_blocked_by_that() -> None:
    clock = ByMovedClock.clock = Clock()
    with Reference.start(parts=Parts(authenticator=ByMovedClock), clock=clock) as reference:
        transcript = drive(reference)
        assert transcript.stop is not None
        assert (transcript.stop.step, "InvalidSignatureException" in transcript.stop.because) == (
            "time/invite-later",
            True,
        )
        assert transcript.find("late") is None
        assert is_now(clock.now() / 1000)
        assert [each for each in reference.store.handshakes() if each.state in pending()] == []


def test_a_clock_that_says_that_it_was_moved_and_stands_still_blocks() -> None:
    with Reference.start() as reference:
        move = {"path": f"{CLOCK_PATH}?by={{seconds}}", "body": {"advance": 0}}
        transcript = drive(reference, clock=ClockControl(move, None, "here"))
        assert transcript.stop is not None
        assert "the clock was moved, but a new handshake has the RequestedTimestamp" in transcript.stop.because


def test_a_clock_that_refuses_to_be_moved_blocks_and_stays_where_it_is() -> None:
    with Reference.start() as reference:
        move = {"path": CLOCK_PATH, "body": {"backward": "{seconds}"}}
        back = {"path": CLOCK_PATH, "body": {"advance": "{seconds}"}}
        transcript = drive(reference, clock=ClockControl(move, back, "here"))
        assert transcript.stop is not None
        assert f"POST {reference.url}{CLOCK_PATH} is answered HTTP 400" in transcript.stop.because
        assert is_now(reference.clock.now() / 1000)


def test_a_clock_that_cannot_be_put_back_is_warned_about() -> None:
    with Reference.start() as reference:
        clock = embedded_target(reference).clock
        assert clock is not None
        broken = replace(clock, back={"path": CLOCK_PATH, "body": {"rewind": True}})
        with pytest.warns(ClockNotPutBack, match="was moved and not put back .* restart the target"):
            drive(reference, clock=broken)


class Refusing:
    """Stands in for the administrative requests of a target: refuses them so often, and then does what they ask."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = [*statuses]
        self.sent: list[Any] = []
        self.timeouts: list[float] = []

    def __call__(self, target: Target, request: Mapping[str, Any], origin: str, step: str = "") -> bytes:
        self.sent.append(request.get("body"))
        self.timeouts.append(target.timeout)
        if self.statuses:
            raise AdminRequestRefused(origin, f"POST {target.url}", self.statuses.pop(0), target.name)
        return b""


@pytest.mark.parametrize(
    ("statuses", "back", "sent", "problem"),
    [
        ((503,), {"rewind": "{seconds}"}, 2, ""),
        ((400,), {"reset": True}, 2, ""),  # what has the same effect twice can be sent again, whatever was answered
        ((400,), {"rewind": "{seconds}"}, 1, "HTTP 400"),
        ((503,) * 9, {"reset": True}, 4, "HTTP 503"),
    ],
)
def test_a_clock_is_put_back_by_more_than_one_try(
    statuses: tuple[int, ...], back: dict[str, Any], sent: int, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = ClockControl({"path": "/clock"}, {"path": "/clock", "body": back}, "clock")
    with Reference.start() as reference:
        clock = TargetClock(replace(embedded_target(reference), clock=control))
    monkeypatch.setattr(administration, "send_admin_request", Refusing())
    clock.advance(60)
    refusing = Refusing(*statuses)
    monkeypatch.setattr(administration, "send_admin_request", refusing)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    told = clock.put_back()
    assert len(refusing.sent) == sent
    assert problem in told
    assert bool(told) == bool(problem)


def test_after_an_interruption_a_clock_is_put_back_by_one_try_in_little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    control = ClockControl({"path": "/clock"}, {"path": "/clock", "body": {"reset": True}}, "clock")
    with Reference.start() as reference:
        clock = TargetClock(replace(embedded_target(reference), clock=control, timeout=60.0))
    monkeypatch.setattr(administration, "send_admin_request", Refusing())
    clock.advance(60)
    refusing = Refusing(503, 503)
    monkeypatch.setattr(administration, "send_admin_request", refusing)
    assert "HTTP 503" in clock.put_back(hurried=True)
    assert refusing.timeouts == [2.0]


def test_a_clock_is_put_back_although_a_signal_comes_between_two_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    control = ClockControl({"path": "/clock"}, {"path": "/clock", "body": {"reset": True}}, "clock")
    with Reference.start() as reference:
        target = replace(embedded_target(reference), clock=control)
    clock, drive, refusing = TargetClock(target), mock.Mock(), Refusing()
    monkeypatch.setattr(administration, "send_admin_request", refusing)
    monkeypatch.setattr(time, "sleep", interrupted)

    def move() -> None:
        with clock_put_back(clock, drive):
            clock.advance(60)
            refusing.statuses = [503]

    with pytest.raises(KeyboardInterrupt):
        move()
    assert refusing.sent == [None, {"reset": True}, {"reset": True}]


@pytest.mark.parametrize(
    ("statuses", "present", "sent"),
    [
        ((), True, [{"advance": 0}]),
        ((400,), True, [{"advance": 0}, {"advance": 36}, {"reset": True}]),
        ((400, 400), False, [{"advance": 0}, {"advance": 36}]),
        ((404, 404), False, [{"advance": 0}, {"advance": 36}]),
    ],
)
def test_a_clock_may_insist_on_being_moved_at_all(
    statuses: tuple[int, ...], present: bool, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = Refusing(*statuses)
    monkeypatch.setattr(administration, "send_admin_request", refusing)
    with Reference.start() as reference:
        target = with_probed_clock(embedded_target(reference))
    assert (target.clock is not None) == present
    assert refusing.sent == sent
    assert filled_in({"path": "/", "body": "{hours}"}, 36, 0)["body"] > 0


def test_where_an_expired_invitation_can_be_canceled_none_is_looked_for_later() -> None:
    parts = FAULTS["expired-is-canceled"].parts
    with Reference.start(parts=parts) as reference:
        transcript = drive(reference)
    ids = ("time.expired-kept", "time.expired-forgotten")
    judged = verdicts({"time": transcript}, [contract()[each] for each in ids])
    assert {each.outcome for each in judged} == {Outcome.NOT_APPLICABLE}


class TimesAre(Views):
    """Gives the same number for every time."""

    number: ClassVar[float]

    def timestamp(self, moment: int) -> Any:
        return moment if self.number is None else self.number


@pytest.mark.parametrize("number", [None, 0, -1, 10**300, 1e300, "soon", [1]])
def test_a_handshake_that_does_not_say_how_long_it_lasts_moves_no_clock(number: Any) -> None:
    too_short = "the lifetime is 0 s; the scenario needs between 30 minutes and 400 days"
    parts = Parts(views=type("Odd", (TimesAre,), {"number": number}))
    with Reference.start(parts=parts, realism=WITH_EXPIRED) as reference:
        transcript = drive(reference)
        assert transcript.stop is not None
        assert (too_short if number == 0 else "don't tell how long it lasts") in transcript.stop.because
        assert is_now(reference.clock.now() / 1000)


@pytest.mark.parametrize(
    ("request_", "filled"),
    [
        ({"body": {"advance": "{seconds}s"}}, {"body": {"advance": "5400s"}}),
        ({"body": {"advance": "{hours}h"}}, {"body": {"advance": "1.5h"}}),
        ({"body": {"by": ["{seconds}", 3, True]}}, {"body": {"by": [5400, 3, True]}}),
        ({"body": {"deep": {"set": "{epoch}"}}}, {"body": {"deep": {"set": 1800000000.25}}}),
        ({"body": {"set": "{iso}"}}, {"body": {"set": "2027-01-15T08:00:00.250Z"}}),
        ({"method": "PUT", "body": {}}, {"method": "PUT", "body": {}}),
    ],
)
def test_a_step_is_filled_into_the_request(request_: dict[str, Any], filled: dict[str, Any]) -> None:
    given = {"path": "/clock?by={hours}", **request_}
    assert filled_in(given, 5400, 1_800_000_000.25) == {"path": "/clock?by=1.5", **filled}


@pytest.mark.parametrize(
    ("clock", "given", "error", "told"),
    [
        ("", {"move_clock": True}, MissingProfileKey, "clock.path"),
        ("[clock]\npath = '/clock'\n", {}, UnsupportedSetting, "doesn't say how far the clock is moved"),
        ("[clock]\npath = '/{days}'\n", {}, UnsupportedSetting, "there is no placeholder {days}"),
        (ADVANCE + "back = { path = '/{later}' }\n", {}, UnsupportedSetting, "clock.back: there is no placeholder"),
        (ADVANCE + "moves = 'yes'\n", {}, ConfigurationError, "clock.moves: expected true if every run may move"),
        (ADVANCE + "forward = true\n", {}, ConfigurationError, "'clock.forward' is not a key"),
    ],
)
def test_a_clock_that_cannot_be_moved_as_told_is_refused_in_one_line(
    tmp_path: Path, clock: str, given: dict[str, Any], error: type[ConfigurationError], told: str
) -> None:
    target = profile(tmp_path, "http://127.0.0.1:1", clock).removeprefix("--target=")
    with pytest.raises(error, match=re.escape(told)) as caught:
        choose(options(target=target, **given), {})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("clock", ["", ADVANCE])
def test_the_clock_of_the_real_service_is_never_moved(tmp_path: Path, clock: str) -> None:
    path = tmp_path / "real.toml"
    path.write_text(f"extends = 'aws'\n{clock}", encoding="utf-8")
    with pytest.raises(UnsupportedSetting, match="is the real service, whose clock is never moved"):
        choose(options(target=str(path), move_clock=not clock), {})


def test_a_run_on_the_real_service_says_that_its_clock_is_never_moved() -> None:
    target = choose(options(target="aws"), {}).target
    assert (target.clock, target.capabilities[CLOCK]) == (None, NEVER_MOVED)


def test_a_target_with_a_clock_survives_the_way_to_a_worker() -> None:
    with Reference.start() as reference:
        target = embedded_target(reference)
        assert target.clock is not None
        assert Target.from_json(json.loads(json.dumps(target.to_json()))) == target


def test_show_target_says_how_the_clock_is_moved_and_whether_it_may_be() -> None:
    for moves, told in ((True, "declared: --move-clock"), (False, "--move-clock would allow it")):
        shown = describe_choice(choose(options(target="stackd", move_clock=moves), {}))
        line = next(line for line in shown.splitlines() if line.startswith("  clock "))
        assert "POST /_stackd/clock" in line
        assert told in line


def test_a_plan_counts_the_calls_at_a_moved_clock_and_moves_none(tmp_path: Path) -> None:
    with Reference.start() as reference:
        planned = suite(tmp_path, profile(tmp_path, reference.url, ADVANCE + MOVES), "--plan")
        assert "clock        moved by 46 days, and never put back" in planned.output
        assert is_now(reference.clock.now() / 1000)


def test_the_reference_tells_its_time_and_moves_it_as_it_is_asked() -> None:
    with Reference.start(clock=Clock(1_000_000_000, source=lambda: 0.0)) as reference:
        assert ask(reference.url) == (200, {"now": 1_000_000_000})
        assert ask(reference.url, {"advance": 1.5}) == (200, {"now": 1_000_000_001.5})
        assert ask(reference.url, {"advance": -2}) == (200, {"now": 999_999_999.5})
        assert ask(reference.url, {"set": 5}) == (200, {"now": 5})
        assert ask(reference.url, {"reset": True}) == (200, {"now": 1_000_000_000})


@pytest.mark.parametrize(
    "body", [{}, [], "now", {"advance": "1"}, {"advance": True}, {"set": FURTHEST * 2}, {"reset": False}, {"set": None}]
)
def test_the_reference_moves_its_clock_by_nothing_that_it_does_not_understand(body: object) -> None:
    with Reference.start() as reference:
        status, told = ask(reference.url, body)
        assert (status, told["message"].startswith("expected {")) == (400, True)
        assert is_now(reference.clock.now() / 1000)


def test_no_web_page_moves_the_clock_of_the_reference() -> None:
    with Reference.start() as reference:
        assert ask(reference.url, {"advance": DAY}, media_type="text/plain")[0] == 415
        assert is_now(reference.clock.now() / 1000)


def test_a_reference_whose_clock_may_not_be_moved_has_no_such_request() -> None:
    with Reference.start(moves_clock=False) as reference:
        assert ask(reference.url, {"advance": DAY})[0] >= 400
        assert is_now(reference.clock.now() / 1000)
