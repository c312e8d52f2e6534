"""Where nobody but the sender can act, it answers its own invitations, if the target lets it and isn't real."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from contracts.vocabulary import Actor
from fixtures.reference import Parts, Reference
from fixtures.reference.organizations.lifecycle import ACCEPTED, DECLINED, Lifecycle, Role
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Strategy, by_key, mint_account
from fixtures.target.model import Target
from tests.suite import suite
from tests.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.reference.clock import Millis
    from fixtures.reference.organizations.store import Handshake, Store

ONE = "--account-strategy=one"
KEYS = {"AWS_ACCESS_KEY_ID": "210987654321", "AWS_SECRET_ACCESS_KEY": "test"}
ANSWERS = {"AcceptHandshake", "DeclineHandshake"}


class Anybody(Lifecycle):
    """Tells no callers apart."""

    def roles(self, handshake: Handshake, caller: str, store: Store) -> frozenset[Role]:
        return frozenset(Role)


class AnybodyCancelsAgain(Anybody):
    """Tells no callers apart, and cancels what was declined or accepted."""

    closed: ClassVar[set[str]] = {DECLINED, ACCEPTED}

    def apply(self, operation: str, handshake: Handshake, now: Millis) -> Handshake:
        if operation == "CancelHandshake" and handshake.state in self.closed:
            return handshake
        return super().apply(operation, handshake, now)


def test_the_sender_stands_in_where_the_target_tells_no_callers_apart(tmp_path: Path) -> None:
    with Reference.start(parts=Parts(lifecycle=Anybody)) as reference:
        done = suite(tmp_path, f"--endpoint-url={reference.url}", ONE, **KEYS)
    assert done.code == 0, done.output
    assert {"transitions.sender-declined", "transitions.sender-accepted"} <= done.clauses("passed")
    assert {"callers.recipient-closed", "callers.member"} <= done.clauses("not-applicable")
    assert "The sender answered its own invitations (declined, accepted)" in done.output
    steps = {each.id for each in done.run.exchanges}
    assert {"declined/decline-by-the-sender", "accepted/accept-by-the-sender"} <= steps


@pytest.mark.long
def test_what_it_finds_there_is_judged(tmp_path: Path) -> None:
    with Reference.start(parts=Parts(lifecycle=AnybodyCancelsAgain)) as reference:
        done = suite(tmp_path, f"--endpoint-url={reference.url}", ONE, **KEYS)
    assert done.code == 1
    assert done.clauses("failed") == {"transitions.sender-declined", "transitions.sender-accepted"}


@pytest.mark.long
def test_where_the_target_refuses_that_nothing_is_judged(tmp_path: Path) -> None:
    with Reference.start() as reference:
        done = suite(tmp_path, f"--endpoint-url={reference.url}", ONE, **KEYS)
        assert all(each.state != "OPEN" for each in reference.store.handshakes())
    assert done.code == 0, done.output
    assert {"transitions.sender-declined", "transitions.sender-accepted"} <= done.clauses("not-applicable")
    assert not done.clauses("blocked")
    assert "The sender answered" not in done.output


@pytest.mark.parametrize("name", ["declined", "accepted"])
@pytest.mark.parametrize("spared", [{"real": True}, {"may_join": False}])
def test_the_sender_never_stands_in_where_anything_has_to_be_spared(name: str, spared: dict[str, bool]) -> None:
    with Reference.start(parts=Parts(lifecycle=Anybody)) as reference:
        target = Target("here", reference.url, "us-east-1", Strategy.ONE, **spared)
        identities = Identities(Strategy.ONE, {Actor.SENDER: by_key(mint_account())}, None)
        transcript = ScenarioRunner(target, identities).transcript(name)
        assert not transcript.exchanges
        assert not ANSWERS & {entry.operation for entry in reference.log}


def test_a_recipient_who_can_act_answers_itself() -> None:
    with Reference.start() as reference:
        transcript = World(reference).runner().transcript("declined")
    assert transcript.find("decline") is not None
    assert transcript.find("decline-by-the-sender") is None
