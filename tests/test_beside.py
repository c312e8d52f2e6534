"""The invitations beside the one that a scenario is about are made, watched and ended, whatever the target does."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from contracts.clauses import contract
from contracts.judging.conclusion import Conclusion
from contracts.judging.judge import judge
from contracts.model.operation import INVITE
from contracts.values import TargetFacts
from contracts.vocabulary import FOREIGN, Actor, ExitCode, Outcome
from fixtures.reference import Parts, Reference
from fixtures.reference.faults import FAULTS
from fixtures.reference.organizations.invitations import Invitations
from fixtures.reference.organizations.store import Handshake, Party
from fixtures.reference.protocol.refusal import Refusal
from fixtures.scenarios.checks import checks
from fixtures.scenarios.ledger import Entry, Ledger, mark
from fixtures.scenarios.ledger_file import LedgerFile
from proof.matrix import drive, judge_of, verdicts
from reports.redaction.redact import redacted
from reports.run import Header, Run
from tests.suite import suite
from tests.world import IDS, OTHER, OWN, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.reference.organizations.store import Organization


@pytest.fixture
def world() -> Iterator[World]:
    with Reference.start() as reference:
        yield World(reference)


class NothingUnusual(Invitations):
    """Refuses an address with a plus sign."""

    def check_target(self, target: Party) -> None:
        super().check_target(target)
        if "+" in target.id:
            raise Refusal("InvalidInputException", Reason="INVALID_EMAIL_ADDRESS_TARGET")


class NoUnknownAddress(Invitations):
    """Refuses to invite an address."""

    def check_target(self, target: Party) -> None:
        super().check_target(target)
        if target.type == "EMAIL":
            raise Refusal("HandshakeConstraintViolationException")


class OneOrganizationForEachParty(Invitations):
    """Refuses to invite whom another organization has invited."""

    def is_duplicate(self, handshake: Handshake, organization: Organization, target: Party) -> bool:
        return handshake.party == target and handshake.state == "OPEN"


def blocked(parts: Parts, scenario: str) -> set[str]:
    clauses = [each for each in contract().clauses if any(place.startswith(f"{scenario}/") for place in each.judges)]
    transcripts = drive(parts)
    assert "OPEN" not in {each.state for each in transcripts[scenario].exchanges if each.step.startswith("clean-up")}
    found = [*verdicts(transcripts, clauses)]
    assert not {each.name for each in found if each.outcome is Outcome.FAILED}
    places = {each.name for each in found if each.outcome is Outcome.BLOCKED}
    return {name.partition(":")[0] for name in places if f":{scenario}/" in name or ":" not in name}


def test_an_invitation_with_nothing_unusual_about_it_takes_the_place_of_one_that_is_refused() -> None:
    assert blocked(Parts(invitations=NothingUnusual), "account") == {
        "response.address-as-given",
        "response.notes-as-given",
    }


def test_without_another_invitation_everything_else_is_judged() -> None:
    assert blocked(Parts(invitations=NoUnknownAddress), "account") == {
        "aftermath.other-invitation-unchanged",
        "response.address-as-given",
        "response.notes-as-given",
    }


def test_without_another_organizations_invitation_everything_else_is_judged() -> None:
    assert blocked(Parts(invitations=OneOrganizationForEachParty), "managers") == {
        "aftermath.foreign-invitation-unchanged"
    }


def test_another_organization_is_made_to_send_nothing_on_the_real_service(world: World) -> None:
    transcript = world.runner().transcript("managers")
    assert transcript.stop is None
    assert transcript.skipped["foreign-after"] == transcript.skipped["foreign-last"] == FOREIGN
    assert {each.actor for each in transcript.exchanges if each.operation == INVITE} == {"sender"}
    assert {each.organization for each in world.reference.store.handshakes()} == {OWN}


def test_named_accounts_of_another_target_do_it_and_their_invitation_is_ended(world: World, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", "run")
    runner = world.runner(ledger, real=False)
    transcript = runner.transcript("managers")
    sent = [each.organization for each in world.reference.store.handshakes()]
    assert sorted(sent) == sorted([OWN, OTHER])
    clause = contract()["aftermath.foreign-invitation-unchanged"]
    for asked in checks(clause):
        assert judge(clause, asked.step, judge_of(clause), transcript).outcome is Outcome.PASSED
    assert world.open() == []
    assert ledger.unsettled() == ()


def foreign_entry(made: Handshake, handshake: str | None = None) -> Entry:
    party = {"Type": made.party.type, "Id": made.party.id}
    name = "old:managers/foreign-invite"
    return Entry(name, 1.0, OTHER, party, made.notes, handshake, sender=str(Actor.STRANGER))


def invited_by_other(world: World) -> Handshake:
    store, now = world.reference.store, world.reference.clock.now()
    party = Party("ACCOUNT", IDS[Actor.RECIPIENT])
    made = Handshake(
        store.new_id("h-", 32), OTHER, party, party, f"{mark('old')} theirs, and ours", now, now + 10**9, "OPEN"
    )
    store.keep(made)
    return made


@pytest.mark.parametrize("known", [True, False])
def test_what_the_other_organization_sent_is_ended_by_its_own_sender(world: World, *, known: bool) -> None:
    made = invited_by_other(world)
    entry = foreign_entry(made, made.id if known else None)
    became = world.runner(real=False).end_invitations([entry], OWN)
    assert became.left == ()
    assert world.open() == []
    assert {each.actor for each in became.transcript.exchanges} == {"stranger"}


def test_the_next_run_ends_what_the_other_organization_sent(world: World, tmp_path: Path) -> None:
    made = invited_by_other(world)
    ledger = LedgerFile(tmp_path / "ledger.jsonl")
    ledger.append(asdict(foreign_entry(made)))
    finished = suite(
        tmp_path,
        *(f"--target={world.profile(tmp_path, real='false')}", f"--ledger={ledger.path}", "-k", "sdk-success"),
    )
    assert "Invitations left open by earlier runs are ended." in finished.output
    assert world.reference.store.handshake(made.id) == replace(made, state="CANCELED", ended=mock.ANY)
    assert not ledger.path.exists()


def test_what_its_sender_sent_stays_noted_where_nobody_plays_the_sender(world: World) -> None:
    made = invited_by_other(world)
    entry = foreign_entry(made, made.id)
    del world.actors[Actor.STRANGER]
    became = world.runner(real=False).end_invitations([entry], OWN)
    assert became.left == (entry,)
    assert became.transcript.exchanges == ()


def test_an_entry_of_an_older_run_is_the_senders(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", "run")
    old = {"name": "run:s/t", "at": 1.0, "organization": OWN, "party": {"Type": "EMAIL", "Id": "a@b.c"}, "notes": None}
    ledger.file.append(old)
    assert [each.sender for each in ledger.unsettled()] == ["sender"]


RESPELT = [name for name, each in FAULTS.items() if each.module.endswith(".response.spellings")]


@pytest.mark.parametrize("name", RESPELT)
def test_a_redacted_report_shows_the_same_difference(name: str) -> None:
    transcript = drive(FAULTS[name].parts, scenarios={"account"})["account"]
    header = Header("0", "", "", TargetFacts("here", "", "", ""))
    shown = redacted(Run(header, (transcript,), (), Conclusion(ExitCode.CONFORMANT, "so it is"))).transcripts[0]
    clauses = [contract()[each] for each in ("response.address-as-given", "response.notes-as-given")]
    for clause in clauses:
        for asked in checks(clause):
            before, after = (judge(clause, asked.step, judge_of(clause), each) for each in (transcript, shown))
            assert (
                before.outcome
                is after.outcome
                is (Outcome.FAILED if clause.id in FAULTS[name].kills else Outcome.PASSED)
            )
