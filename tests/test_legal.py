"""Seven odd but legal endpoints: none of them fails, and what is only recommended fails under --strict by its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from contracts.clauses import HAPPY_PATH, contract
from contracts.judging.conclusion import Terms, conclude
from contracts.vocabulary import ExitCode, Level
from fixtures.reference import Parts, Reference
from fixtures.reference.http.transmission import Handler, Transmission
from fixtures.reference.organizations.operations import Input, Operations
from fixtures.reference.organizations.store import Account, Store
from fixtures.reference.organizations.views import Document, Views
from fixtures.reference.protocol.pipeline import Pipeline
from fixtures.reference.protocol.refusal import Conflict, Refusal, Unavailable
from tests.suite import suite

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.judging.exchange import Response
    from fixtures.reference.clock import Millis
    from fixtures.reference.organizations.store import Handshake
    from fixtures.reference.protocol.parsing import ReceivedCall

IDLE_SECONDS = 0.002


class EndsIdleConnections(Transmission):
    """Ends a connection two milliseconds after each answer, unless the next call comes before."""

    def send(self, response: Response, handler: Handler) -> None:
        handler.connection.settimeout(None)
        super().send(response, handler)
        handler.wfile.flush()
        handler.connection.settimeout(IDLE_SECONDS)


class _BusyOnce(Pipeline):
    """Is too busy for the first call of each operation."""

    reasons: ClassVar[tuple[Refusal, ...]]

    def admit(self, account: str, call: ReceivedCall) -> None:
        super().admit(account, call)
        seen = {entry.operation for entry in self.log}
        if call.operation not in seen:
            raise self.reasons[len(seen) % len(self.reasons)]


class BusyOnce(_BusyOnce):
    """Is too busy for the first call of each operation, in three ways."""

    reasons = (Unavailable("InternalFailure", 500), Unavailable("ServiceUnavailable", 503), Conflict())


class ThrottledOnce(_BusyOnce):
    """Refuses the first call of each operation for its rate, with the error of the service's common errors."""

    reasons = (Refusal("ThrottlingException", "Rate exceeded"),)


class _MoreDetails(Views):
    """Shows more details of the organization."""

    details: ClassVar[tuple[tuple[str, str], ...]]

    def handshake(self, handshake: Handshake) -> Document:
        shown = super().handshake(handshake)
        more = [{"Type": kind, "Value": value} for kind, value in self.details]
        resources = [
            each | {"Resources": [*each.get("Resources", ()), *more]} if each["Type"] == "ORGANIZATION" else each
            for each in shown["Resources"]
        ]
        return shown | {"Resources": resources}


class ManagementNamed(_MoreDetails):
    """Shows the management account under its new names as well."""

    details = (("MANAGEMENT_EMAIL", "boss@example.com"), ("MANAGEMENT_NAME", "Boss"))


class UnheardOfDetail(_MoreDetails):
    """Shows a detail that came after the model."""

    details = (("ORGANIZATION_COLOUR", "green"),)


class Nameless(Store):
    """Knows no account by a name."""

    def account(self, account: str) -> Account:
        return replace(super().account(account), name="")


class NotFoundForTheRecipient(Operations):
    """Hides from a recipient who is in no organization what it may not cancel."""

    def cancel_handshake(self, caller: str, request: Input, now: Millis) -> Document:
        try:
            return super().cancel_handshake(caller, request, now)
        except Refusal as refusal:
            handshake = self.store.handshake(request["HandshakeId"])
            received = handshake is not None and self.store.account_of(handshake.party) == caller
            if received and self.store.organization_of(caller) is None:
                raise Refusal("HandshakeNotFoundException") from refusal
            raise


@dataclass(frozen=True)
class Legal:
    """A legal endpoint, and the recommended clauses that it fails."""

    parts: Parts
    fails: frozenset[str] = frozenset()


ONLY_KNOWN = frozenset({"response.organization-details-only"})
LEGAL = {
    "ends idle connections": Legal(Parts(transmission=EndsIdleConnections)),
    "busy once": Legal(Parts(pipeline=BusyOnce)),
    "throttled once": Legal(Parts(pipeline=ThrottledOnce), frozenset({"errors.throttled-code"})),
    "management named": Legal(Parts(views=ManagementNamed), ONLY_KNOWN),
    "unheard-of detail": Legal(Parts(views=UnheardOfDetail), ONLY_KNOWN | {"response.known-values"}),
    "nameless": Legal(Parts(store=Nameless), ONLY_KNOWN),
    "not found for the recipient": Legal(Parts(operations=NotFoundForTheRecipient)),
}


@pytest.mark.long
@pytest.mark.parametrize("name", LEGAL)
def test_what_is_legal_fails_nothing_but_what_is_recommended(name: str, tmp_path: Path) -> None:
    legal = LEGAL[name]
    with Reference.start(parts=legal.parts) as reference:
        finished = suite(tmp_path, f"--endpoint-url={reference.url}", "--strict")
        assert not [each for each in reference.store.handshakes() if each.state == "OPEN"]
    assert finished.code == bool(legal.fails), finished.output
    levels = {clause.id: clause.level for clause in contract().clauses}
    failed = {clause for clause in finished.clauses("failed") if levels[clause] is not Level.ADVISORY}
    assert failed == legal.fails
    assert {levels[clause] for clause in failed} <= {Level.RECOMMENDED}
    busy = legal.parts.pipeline is not Pipeline
    assert (finished.run.busy > 5) is busy
    assert (f"{finished.run.busy} made again as the target was busy" in finished.output) is busy
    assert ("errors.conflict" in finished.clauses("passed")) is (name == "busy once")
    verdicts = [each.verdict for each in finished.run.judgements]
    assert conclude(verdicts, Terms({}, HAPPY_PATH)).code is ExitCode.CONFORMANT
    assert {levels[clause] for clause in finished.clauses("blocked")} <= {Level.ADVISORY}
