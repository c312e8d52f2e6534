"""The way from a transcript to a verdict, with or without a target."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from contracts.judging.absence import ASKED_AT, absence
from contracts.judging.busy import SUPERSEDED, is_superseded
from contracts.judging.summary import answer_summary, call_summary
from contracts.judging.verdict import MOST_KEPT, Verdict
from contracts.model.operation import INVITE, OPERATION, shape
from contracts.model.patterns import matches
from contracts.transitions import ended
from contracts.vocabulary import BUSY, CAPABILITIES, NOT_RECORDED, REFUSALS, Outcome

if TYPE_CHECKING:
    from contracts.clauses import Clause
    from contracts.judging.exchange import Exchange, Transcript

Judge = Callable[..., None]
HANDSHAKE_ID = shape("HandshakeId").metadata["pattern"]


class Deviation(Exception):
    """The target differs from the contract: what was expected, and what it did instead."""

    def __init__(self, *, expected: str, actual: str) -> None:
        self.expected = expected
        self.actual = actual
        super().__init__(f"expected {expected}; got {actual}")


class Blocked(Exception):
    """There is nothing to judge, because an earlier call failed.

    ``because`` says which operation it called and how it was answered; ``by`` is the id of its exchange.
    """

    def __init__(self, because: str, by: str = "") -> None:
        self.because = because
        self.by = by
        super().__init__(because)


class NotApplicable(Exception):
    """The clause doesn't apply, because the target or the transcript lacks something it needs.

    ``lacking`` is the missing capability, empty where it isn't one. ``because`` names neither actor nor step, so that
    a report can print it once for all checks that share it.
    """

    def __init__(self, because: str, lacking: str = "") -> None:
        self.because = because
        self.lacking = lacking
        super().__init__(because)


class UnreachedStep(LookupError):
    """A clause names a step that its scenario neither took nor skipped: a mistake of the suite, not of the target."""

    def __init__(self, scenario: str, step: str) -> None:
        self.step = f"{scenario}/{step}"
        super().__init__(f"{self.step} was neither sent nor skipped; mend the scenario or the clause's `judges`")


class Evidence:
    """A transcript as judges see it: exchanges by step, and the readings before and after. Keeps track of its use."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self.looked_at: list[Exchange] = []

    @property
    def organization(self) -> str:
        """The id, with ``o-``, of the organization that sends the handshakes."""
        if self._transcript.organization is None:
            raise NotApplicable("the transcript has no organization id")
        return self._transcript.organization

    def account(self, actor: str) -> str:
        """Return the account id of this actor. Raises :class:`NotApplicable` if the transcript lacks it."""
        if actor not in self._transcript.accounts:
            raise NotApplicable("the transcript lacks an account id")
        return self._transcript.accounts[actor]

    def __getitem__(self, step: str) -> Exchange:
        exchange = self._transcript.find(step)
        if exchange is not None:
            if exchange.lost:
                raise Blocked(call_summary(exchange), exchange.id)
            return self._seen(exchange)
        if lacking := self._missing_capability(step):
            raise NotApplicable(f"applies only where {CAPABILITIES[lacking]}", lacking)
        if self._transcript.stop is not None:
            raise Blocked(self._transcript.stop.because, self._transcript.stop.step)
        raise UnreachedStep(self._transcript.scenario, step)

    def _missing_capability(self, step: str) -> str | None:
        """Return the capability for lack of which the step was skipped, None if it wasn't skipped."""
        capability = self._transcript.skipped.get(step, self._transcript.skipped.get("*"))
        if capability is None or capability == NOT_RECORDED or not step.startswith(SUPERSEDED):
            return capability
        return BUSY  # in a scenario that was skipped for another reason, the target was never busy either

    def all(self) -> tuple[Exchange, ...]:
        """Return the exchanges of the scenario, in order, without those that were made again."""
        return tuple(each for each in self._transcript.exchanges if not is_superseded(each))

    def pages(self, step: str) -> tuple[Exchange, ...]:
        """Return every page that was read of the list in this step, in order."""
        last = self[step]
        return (*(each for each in self.all() if each.step.startswith(f"{step}-page-")), last)

    def succeeded(self, operation: str) -> bool:
        """Return whether a call of this operation was answered with success in the scenario."""
        return any(each.operation == operation and each.status == 200 for each in self._transcript.exchanges)

    def busy(self) -> tuple[Exchange, ...]:
        """Return the exchanges in which the target was busy, and that were made again.

        A page by which an endpoint says that it lacks an operation is none, unless that succeeded in the scenario.
        """
        busy = filter(is_superseded, self._transcript.exchanges)
        return tuple(each for each in busy if absence(each) is None or self.succeeded(each.operation))

    def failed_before(self, exchange: Exchange) -> Exchange | None:
        """Return the HTTP 5xx by which the same cancellation may have been carried out before, or None."""
        if (exchange.operation, exchange.code) != (OPERATION, "HandshakeAlreadyInStateException"):
            return None
        exchanges = self._transcript.exchanges
        return _failed_before(exchange, exchanges[: exchanges.index(exchange)])

    def refusals(self) -> tuple[Exchange, ...]:
        """Return the well-formed calls of the operation that were answered with an error.

        Raises :class:`Blocked` or :class:`NotApplicable` if there are none.
        """
        refused = tuple(
            each for each in self.all() if each.operation == OPERATION and each.well_formed and each.refused
        )
        if not refused:
            skipped = (step for step in self._transcript.skipped if not step.startswith(SUPERSEDED))
            if lacking := self._missing_capability(next(skipped, "*")):
                raise NotApplicable(f"applies only where {CAPABILITIES[lacking]}", lacking)
            if self._transcript.stop is not None:
                raise Blocked(self._transcript.stop.because, self._transcript.stop.step)
            raise Blocked(f"no call of {OPERATION} was answered with an error")
        return refused

    def read_before(self, exchange: Exchange, handshake: str = "") -> dict[str, Any]:
        """Return the handshake as the sender last saw it before this exchange.

        It is the one that the exchange is about, unless another's id is given. Raises :class:`NotApplicable` where a
        transcript on file has no such exchange.
        """
        earlier = self.all()[: self.all().index(exchange)]
        for each in reversed(earlier):
            if self._shows_sender(each, exchange, handshake):
                return handshake_in(self._seen(each))
        raise self._unread("before", exchange)

    def read_after(self, exchange: Exchange, handshake: str = "") -> Exchange:
        """Return the sender's reading of the handshake right after this exchange.

        It is the one that the exchange is about, unless another's id is given. Raises :class:`NotApplicable` where a
        transcript on file has no such exchange.
        """
        later = self.all()[self.all().index(exchange) + 1 :]
        if later and self._shows_sender(later[0], exchange, handshake):
            return self._seen(later[0])
        raise self._unread("after", exchange)

    def _unread(self, when: str, judged: Exchange) -> Exception:
        """Return the exception for a missing reading: a scenario that was driven lacks one only if it ended early."""
        if self._transcript.stop is not None:
            return Blocked(self._transcript.stop.because, self._transcript.stop.step)
        if "*" in self._transcript.skipped:
            return NotApplicable(f"the transcript has no read of the handshake right {when} the call")
        return UnreachedStep(self._transcript.scenario, f"(reading {when} {judged.step})")

    @staticmethod
    def _shows_sender(each: Exchange, judged: Exchange, handshake: str = "") -> bool:
        """Return whether an exchange shows the sender the handshake of this id, or the one that another call is about.

        A call without a legal id is about the scenario's only handshake.
        """
        if each.actor != "sender" or each.operation not in {"DescribeHandshake", INVITE}:
            return False
        if each.operation == INVITE and each.handshake is None:
            return False
        shown = each.sent.get("HandshakeId", (each.handshake or {}).get("Id"))
        meant = handshake or judged.sent.get("HandshakeId")
        return shown == meant or not (isinstance(meant, str) and matches(HANDSHAKE_ID, meant))

    def _seen(self, exchange: Exchange) -> Exchange:
        if exchange not in self.looked_at:
            self.looked_at.append(exchange)
        return exchange


def _failed_before(exchange: Exchange, earlier: Sequence[Exchange]) -> Exchange | None:
    """Return the HTTP 5xx to the same cancellation right before, by which it may have been carried out, or None.

    ``earlier`` are the exchanges before it. Only where the handshake was open: it is said to be canceled by now.
    """
    tries = takewhile(lambda each: is_superseded(each) and each.sent == exchange.sent, reversed(earlier))
    failed = next((each for each in tries if (each.status or 0) >= 500), None)
    if failed is None:
        return None
    handshake = exchange.sent.get("HandshakeId")
    seen = (each.state for each in reversed(earlier) if each.state and each.handshake_id == handshake)
    state = next(seen, None)
    return None if state is None or state in ended() else failed


def handshake_in(exchange: Exchange) -> dict[str, Any]:
    """Return the handshake in the answer. Raises :class:`Blocked` if there is none."""
    if exchange.handshake is None:
        raise Blocked(f"{call_summary(exchange)}, so there is no handshake to judge", exchange.id)
    return exchange.handshake


def on_file(verdict: Verdict, known: Mapping[str, str]) -> Verdict:
    """Return the verdict with the deviations on file applied, by clause id. One that no longer deviates fails."""
    reason = known.get(verdict.clause)
    if reason is None or verdict.outcome not in {Outcome.PASSED, Outcome.FAILED}:
        return verdict
    if verdict.outcome is Outcome.FAILED:
        return replace(verdict, outcome=Outcome.KNOWN, because=reason)
    return replace(verdict, outcome=Outcome.FAILED, expected=f"the deviation on file: {reason}", actual="none")


def judge(
    clause: Clause, step: str, function: Judge, transcript: Transcript, *, absent: str | None = None, case: str = ""
) -> Verdict:
    """Return the verdict of the clause on this step of the transcript.

    ``absent`` is the sign that the target doesn't have the operation at all, None if there is none.
    """
    evidence = Evidence(transcript)
    missing = None if absent is None else f"{OPERATION} is not implemented: {absent}"
    if missing is not None and transcript.stop is not None and not transcript.exchanges:
        # Not even the set-up worked; the missing operation is the better reason.
        return Verdict(clause.id, case, clause.level, Outcome.NOT_IMPLEMENTED, missing, exchanges=(ASKED_AT,))
    fields: dict[str, Any] = {}
    blocking: tuple[str, ...] = ()
    try:
        outcome, fields = _judge_step(function, step, evidence, missing)
    except NotApplicable as reason:
        outcome, fields = Outcome.NOT_APPLICABLE, {"because": reason.because, "lacking": reason.lacking}
    except Blocked as block:
        outcome = Outcome.NOT_IMPLEMENTED if block.because == missing else Outcome.BLOCKED
        fields, blocking = {"because": block.because}, (block.by,) if block.by else ()
    except Deviation as deviation:
        outcome = Outcome.FAILED
        fields = {"expected": deviation.expected, "actual": deviation.actual}
        if lost := next((each for each in evidence.looked_at if each.lost), None):
            outcome, fields = Outcome.BLOCKED, {"because": call_summary(lost)}
    except RecursionError:
        outcome = Outcome.FAILED
        fields = {"expected": "an answer that can be read", "actual": "one that is nested too deep"}
    except Exception:  # noqa: BLE001  # any other exception is a mistake of the suite, with an outcome of its own
        outcome, fields = Outcome.ERROR, {"because": traceback.format_exc(limit=-4)}
    verdict = Verdict(
        clause=clause.id,
        case=case,
        level=clause.level,
        outcome=outcome,
        exchanges=tuple(dict.fromkeys([*(each.id for each in evidence.looked_at), *blocking])),
        **fields,
    )
    return verdict.shortened(MOST_KEPT)


def _judge_step(function: Judge, step: str, evidence: Evidence, missing: str | None) -> tuple[Outcome, dict[str, str]]:
    if step != REFUSALS:
        return _judge_exchange(function, evidence[step], evidence, missing)
    refusals = evidence.refusals()
    outcome, fields = Outcome.PASSED, dict[str, str]()
    for exchange in refusals:
        evidence.looked_at = [exchange]
        outcome, fields = _judge_exchange(function, exchange, evidence, missing)
    evidence.looked_at = [*refusals]
    return outcome, fields


def _judge_exchange(
    function: Judge, exchange: Exchange, evidence: Evidence, missing: str | None
) -> tuple[Outcome, dict[str, str]]:
    if exchange.operation == OPERATION and missing is not None:
        return Outcome.NOT_IMPLEMENTED, {"because": missing}
    if exchange.lost:
        raise Blocked(call_summary(exchange), exchange.id)
    if failed := evidence.failed_before(exchange):
        because = (
            f"{call_summary(failed)}, which doesn't say that nothing was done, and then {answer_summary(exchange)}"
        )
        raise Blocked(because, failed.id)
    # Where the operation was answered before, the same page is no sign of its absence, but a wrong answer.
    if exchange.operation != OPERATION and (sign := absence(exchange)) and not evidence.succeeded(exchange.operation):
        raise Blocked(f"{exchange.operation} is not implemented: {sign}", exchange.id)
    offered: Mapping[str, Any] = {"answer": exchange, "evidence": evidence}
    function(**{name: offered[name] for name in _parameters(function)})
    return Outcome.PASSED, {}


@cache
def _parameters(function: Judge) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)
