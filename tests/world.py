"""A reference whose accounts stand like a company's, and the suite that takes it for the real service."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from contracts.vocabulary import ALL_FEATURES, CLOCK, IMMEDIATE, TRANSFERS, Actor
from fixtures.preflight.allowance import within_allowance
from fixtures.preflight.embedded import embedded_target
from fixtures.preflight.inventory import Inventory, take_inventory
from fixtures.reference.clock import DAY
from fixtures.reference.organizations.store import Handshake, Organization, Party
from fixtures.scenarios.catalogue import scenarios
from fixtures.scenarios.runner import ScenarioRunner
from fixtures.target.accounts import Identities, Identity, Strategy, by_key
from fixtures.target.model import Setup, Target

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.reference import Reference
    from fixtures.scenarios.ledger import Ledger

OWN, OTHER = "o-0wn0wn0wn0", "o-0ther0ther"
IDS = {
    Actor.SENDER: "222222222222",
    Actor.RECIPIENT: "333333333333",
    Actor.MEMBER: "444444444444",
    Actor.STRANGER: "555555555555",
}
CHANGES = {
    "InviteAccountToOrganization",
    "CancelHandshake",
    "AcceptHandshake",
    "DeclineHandshake",
    "CreateOrganization",
}


@dataclass
class World:
    """A reference furnished like a company's accounts, and how the suite sees it as the real service."""

    reference: Reference
    actors: dict[Actor, Identity] = field(default_factory=lambda: {actor: by_key(name) for actor, name in IDS.items()})
    begins: frozenset[str] = frozenset()  # the capabilities of other actions that a profile names

    def __post_init__(self) -> None:
        store, now = self.reference.store, self.reference.clock.now()
        store.add_organization(Organization(OWN, IDS[Actor.SENDER], "ALL"), now)
        store.join(IDS[Actor.MEMBER], OWN, now)
        store.add_organization(Organization(OTHER, IDS[Actor.STRANGER], "ALL"), now)
        time.sleep(self.reference.realism.lag)  # all this is no news
        for _ in range(self.reference.realism.expired):
            past = self.invite(Party("EMAIL", "late@example.com"), None)
            store.keep(replace(past, requested=now - 20 * DAY, expires=now - 5 * DAY))

    def target(self, **changes: Any) -> Target:
        traits: dict[str, Any] = {
            "name": "like aws",
            "strategy": Strategy.PROFILES,
            "real": True,
            "setup": Setup.EXISTS,
            "may_join": False,
            "quota": 20,
            "races": 1,
            "answers": {"sender": IDS[Actor.SENDER]},
            "clock": None,
        }
        target = replace(embedded_target(self.reference), **traits | changes)
        lacking = {CLOCK, IMMEDIATE, *(str(actor) for actor in Actor if actor not in self.actors)}
        lacking |= {ALL_FEATURES, TRANSFERS} - self.begins
        return replace(target, capabilities={k: v for k, v in target.capabilities.items() if k not in lacking})

    def inventory(self, **changes: Any) -> Inventory:
        return take_inventory(self.target(**changes), self.actors, handshakes=True)

    def runner(self, ledger: Ledger | None = None, **changes: Any) -> ScenarioRunner:
        return ScenarioRunner(
            self.inventory(**changes).target, Identities(Strategy.PROFILES, self.actors, None), ledger=ledger
        )

    def invitations(self, most: int | None = None) -> int:
        """How many invitations a run makes, if it may make so many."""
        inventory = self.inventory()
        target = inventory.target if most is None else within_allowance(inventory, most, 1).target
        can = [each for each in scenarios().values() if not each.needs or target.has(each.needs)]
        return sum(each.invitations for each in can if each.name not in target.left_out)

    def invite(self, party: Party, notes: str | None, state: str = "OPEN") -> Handshake:
        """Somebody else's invitation."""
        store, now = self.reference.store, self.reference.clock.now()
        made = Handshake(store.new_id("h-", 32), OWN, party, party, notes, now, now + 10**9, state)
        store.keep(made)
        return made

    def open_now(self) -> list[Handshake]:
        """What is open, and hasn't expired."""
        now = self.reference.clock.now()
        return [each for each in self.reference.store.handshakes() if each.state == "OPEN" and each.expires > now]

    def open(self) -> list[str]:
        return [each.id for each in self.open_now()]

    def changes(self) -> list[str]:
        return [entry.operation for entry in self.reference.log if entry.operation in CHANGES]

    def profile(self, folder: Path, **changes: Any) -> str:
        """The file of a profile that has the reference taken for the real service."""
        keys = {"real": "true", "may_join": "false", "throttles": "true", "paced": 1000, "settle": 1}
        lines = [f"{name} = {value}" for name, value in (keys | changes).items()]
        text = "\n".join(['about = "the reference, as if it were real"', f'endpoint = "{self.reference.url}"', *lines])
        text += '\n[organization]\nsetup = "exists"\n[capabilities]\nsignatures = true\n'
        text += '[accounts]\nstrategy = "keys"\n'
        for actor, identity in self.actors.items():
            keys_of = f'access_key = "{identity.credentials.access_key}"\nsecret_key = "test"'
            text += f"[accounts.{actor}]\n{keys_of}\n"
        path = folder / "real.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)
