"""What does a clause come to on a transcript? The one way from an exchange to a verdict, with or without a target."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contracts.clauses import CAPABILITIES, Clause
from contracts.judging.absence import ASKED_AT, absence
from contracts.judging.summary import call_summary
from contracts.judging.throttling import is_superseded
from contracts.judging.verdict import Verdict
from contracts.model.operation import INVITE, OPERATION, shape
from contracts.model.patterns import matches
from contracts.vocabulary import Outcome

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange, Transcript

Judge = Callable[..., None]
HANDSHAKE_ID = shape("HandshakeId").metadata["pattern"]


class Deviation(Exception):
    """The target differs from the contract: what was expected, and what came instead."""

    def __init__(self, *, expected: str, actual: str) -> None:
        self.expected = expected
        self.actual = actual
        super().__init__(f"expected {expected}; got {actual}")


class Blocked(Exception):
    """There is nothing to judge, because a call that had to come first failed. Says which one, and how."""

    def __init__(self, because: str, by: str = "") -> None:
        self.because = because
        self.by = by
        super().__init__(because)


class NotApplicable(Exception):
    """The clause can't be put to this target, because it lacks the capability named."""

    def __init__(self, because: str, lacking: str = "") -> None:
        self.because = because
        self.lacking = lacking
        super().__init__(because)


class UnreachedStep(LookupError):
    """A clause asks for a step that its scenario neither took nor skipped: the suite's mistake, not the target's."""

    def __init__(self, scenario: str, step: str) -> None:
        self.step = f"{scenario}/{step}"
        super().__init__(f"{self.step} was neither sent nor skipped; mend the scenario or the clause's `judges`")


class Evidence:
    """A transcript as a judge sees it: exchanges by step, what came before and after. Remembers what was looked at."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self.looked_at: list[Exchange] = []

    @property
    def organization(self) -> str:
        """Which organization do the handshakes come from? Its id, with ``o-``."""
        if self._transcript.organization is None:
            raise NotApplicable("the transcript doesn't say which organization it is about")
        return self._transcript.organization

    def account(self, actor: str) -> str:
        """Which account id does this actor have?"""
        if actor not in self._transcript.accounts:
            raise NotApplicable(f"the transcript doesn't say which account the {actor} is")
        return self._transcript.accounts[actor]

    def __getitem__(self, step: str) -> Exchange:
        found = self._transcript.find(step)
        if found is not None:
            return self._seen(found)
        if lacked := self._transcript.skipped.get(step, self._transcript.skipped.get("*")):
            raise NotApplicable(f"needs {lacked}: {CAPABILITIES[lacked]}", lacked)
        if self._transcript.stop is not None:
            raise Blocked(self._transcript.stop.because, self._transcript.stop.step)
        raise UnreachedStep(self._transcript.scenario, step)

    def all(self) -> tuple[Exchange, ...]:
        """Which exchanges does the whole scenario have, in order, but for those whose calls were made again?"""
        return tuple(each for each in self._transcript.exchanges if not is_superseded(each))

    def throttled(self) -> tuple[Exchange, ...]:
        """Which calls were refused for their rate, and made again?"""
        return tuple(filter(is_superseded, self._transcript.exchanges))

    def read_before(self, exchange: Exchange) -> dict[str, Any]:
        """How did the sender last see the handshake before this exchange? Raises :class:`NotApplicable` if never."""
        earlier = self.all()[: self.all().index(exchange)]
        for each in reversed(earlier):
            if self._shows_sender(each, exchange):
                return handshake_in(self._seen(each))
        raise self._unread("before", exchange)

    def read_after(self, exchange: Exchange) -> Exchange:
        """How was the sender answered that read the handshake right after this exchange: the proof?

        Raises :class:`NotApplicable` where a transcript on file has no such exchange.
        """
        later = self.all()[self.all().index(exchange) + 1 :]
        if later and self._shows_sender(later[0], exchange):
            return self._seen(later[0])
        raise self._unread("after", exchange)

    def _unread(self, when: str, judged: Exchange) -> Exception:
        """Why is there no reading? In what was driven for the clauses, only because the scenario ended early."""
        if self._transcript.stop is not None:
            return Blocked(self._transcript.stop.because, self._transcript.stop.step)
        if "*" in self._transcript.skipped:
            return NotApplicable(f"the transcript has no reading of the handshake right {when} the call")
        return UnreachedStep(self._transcript.scenario, f"(reading {when} {judged.step})")

    @staticmethod
    def _shows_sender(each: Exchange, judged: Exchange) -> bool:
        """Does the sender read or make the handshake there that the other exchange is about, as far as one can tell?"""
        if each.actor != "sender" or each.operation not in {"DescribeHandshake", INVITE}:
            return False
        if each.operation == INVITE and each.handshake is None:
            return False
        shown = each.sent.get("HandshakeId", (each.handshake or {}).get("Id"))
        meant = judged.sent.get("HandshakeId")
        return shown == meant or not (isinstance(meant, str) and matches(HANDSHAKE_ID, meant))

    def _seen(self, exchange: Exchange) -> Exchange:
        if exchange not in self.looked_at:
            self.looked_at.append(exchange)
        return exchange


def handshake_in(exchange: Exchange) -> dict[str, Any]:
    """Which handshake does the answer carry? Raises :class:`Blocked` if it carries none."""
    if exchange.handshake is None:
        raise Blocked(f"{call_summary(exchange)}, so there is no handshake to look at", exchange.id)
    return exchange.handshake


def on_file(verdict: Verdict, known: Mapping[str, str]) -> Verdict:
    """What does the verdict come to where deviations are on file? One that no longer deviates fails."""
    reason = known.get(verdict.clause)
    if reason is None or verdict.outcome not in {Outcome.PASSED, Outcome.FAILED}:
        return verdict
    if verdict.outcome is Outcome.FAILED:
        return replace(verdict, outcome=Outcome.KNOWN, because=reason)
    return replace(verdict, outcome=Outcome.FAILED, expected=f"the deviation on file: {reason}", actual="none")


def judge(
    clause: Clause, step: str, function: Judge, transcript: Transcript, *, absent: str | None = None, case: str = ""
) -> Verdict:
    """What does the clause come to in this step of the transcript?

    ``absent`` is the sign by which the target said that it doesn't have the operation at all, if it did.
    """
    evidence = Evidence(transcript)
    missing = None if absent is None else f"{OPERATION} is not implemented: {absent}"
    if missing is not None and transcript.stop is not None and not transcript.exchanges:
        # Not even the set-up worked; that the operation isn't there is what matters.
        return Verdict(clause.id, case, clause.level, Outcome.NOT_IMPLEMENTED, missing, exchanges=(ASKED_AT,))
    found: dict[str, Any] = {}
    also: tuple[str, ...] = ()
    try:
        exchange = evidence[step]
        outcome, found = _judge_exchange(function, exchange, evidence, missing)
    except NotApplicable as reason:
        outcome, found = Outcome.NOT_APPLICABLE, {"because": reason.because, "lacking": reason.lacking}
    except Blocked as block:
        outcome = Outcome.NOT_IMPLEMENTED if block.because == missing else Outcome.BLOCKED
        found, also = {"because": block.because}, (block.by,) if block.by else ()
    except Deviation as deviation:
        outcome = Outcome.FAILED
        found = {"expected": deviation.expected, "actual": deviation.actual}
    except RecursionError:
        outcome = Outcome.FAILED
        found = {"expected": "an answer that can be read", "actual": "one that is nested too deep"}
    except Exception:  # noqa: BLE001  # whatever a judge raises by mistake is the suite's own fault and has to be told apart
        outcome, found = Outcome.ERROR, {"because": traceback.format_exc(limit=-4)}
    return Verdict(
        clause=clause.id,
        case=case,
        level=clause.level,
        outcome=outcome,
        exchanges=tuple(dict.fromkeys([*(each.id for each in evidence.looked_at), *also])),
        **found,
    )


def _judge_exchange(
    function: Judge, exchange: Exchange, evidence: Evidence, missing: str | None
) -> tuple[Outcome, dict[str, str]]:
    if exchange.operation == OPERATION and missing is not None:
        return Outcome.NOT_IMPLEMENTED, {"because": missing}
    if exchange.operation != OPERATION and (sign := absence(exchange)):
        raise Blocked(f"{exchange.operation} is not implemented: {sign}", exchange.id)
    offered: Mapping[str, Any] = {"answer": exchange, "evidence": evidence}
    function(**{name: offered[name] for name in inspect.signature(function).parameters})
    return Outcome.PASSED, {}
