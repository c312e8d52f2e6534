"""The rounds of a scenario in which two callers call at once, and the orders that explain what they were answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.judging.absence import absence
from contracts.judging.busy import is_busy
from contracts.judging.exchange import TRY, objects
from contracts.judging.judge import Blocked
from contracts.judging.racing.orders import NEVER, TimedCall, has_order
from contracts.judging.racing.situation import (
    Situation,
    changing,
    has_succeeded,
    is_uncertain,
    listing,
    showing,
)
from contracts.judging.racing.steps import ACCOUNTS, AT_ONCE, BEFORE, CANCEL, VIEWS
from contracts.judging.summary import call_summary
from contracts.model.operation import OPERATION
from contracts.vocabulary import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.judging.exchange import Exchange
    from contracts.judging.judge import Evidence
    from contracts.judging.racing.situation import Leaves

CLOCK_SECONDS = 0.001
"""How exact the moments of a transcript are: within it, two calls count as made at the same time."""
_ROUND = re.compile(r"round-(?P<number>[0-9]+)-(?P<step>[a-z-]+)")


@dataclass(frozen=True)
class Round:
    """One race: the two calls at once, and the calls by which its end was seen, by the ends of their steps' names."""

    number: int
    pair: tuple[Exchange, Exchange]
    later: dict[str, Exchange]
    account: str = ""

    @property
    def is_decided(self) -> bool:
        """Whether the calls are a race to judge: each was made once, and one of them wasn't refused for being busy."""
        lost = any(each.lost or each.resent for each in self.pair)
        return not lost and not all(is_busy(each) and not is_uncertain(each) for each in self.pair)

    @property
    def answers_have_order(self) -> bool:
        """Whether some order of the two calls explains their answers."""
        return has_order(self._calls(), Situation())

    @property
    def states_have_order(self) -> bool:
        """Whether some order explains the answers together with the states that reads show afterwards."""
        shown = map(showing, self.shown_states().values())
        return has_order([*self._calls(), *self._reads(shown)], Situation())

    @property
    def membership_has_order(self) -> bool:
        """Whether some order explains the answers together with whether the account is a member afterwards."""
        member = self.is_member
        if member is None:
            return True
        return has_order([*self._calls(), *self._reads([listing(member=member)])], Situation())

    @property
    def is_member(self) -> bool | None:
        """Whether the account is among the organization's; None if no list that was read tells."""
        listed = self.later.get(ACCOUNTS)
        if listed is None:
            return None
        if any(each.get("Id") == self.account for each in objects(listed.readable.get("Accounts"))):
            return True
        return False if _is_whole(listed, "Accounts") else None

    def shown_states(self) -> dict[str, str | None]:
        """Return the state in each view, None for one that has to show the handshake and doesn't.

        A party is known to see a canceled handshake; of one that it has answered, only its sender is.
        """
        handshake = self.pair[0].sent.get("HandshakeId")
        canceled = any(each.operation == OPERATION and has_succeeded(each) for each in self.pair)
        shown: dict[str, str | None] = {}
        for step in VIEWS:
            view = self.later.get(step)
            if view is None:
                continue
            entries = objects(view.readable.get("Handshakes"))
            states = [each.get("State") for each in entries if each.get("Id") == handshake]
            if view.state is not None:
                states = [view.state]
            if states and isinstance(states[0], str):
                shown[step] = states[0]
            elif _lacks(view) and not states and (canceled or view.actor == Actor.SENDER):
                shown[step] = None
        return shown

    def _calls(self) -> list[TimedCall[Situation]]:
        """Return the two calls. Where writes may show late, neither is known to be over when the other one begins."""
        late = min(each.started for each in self.pair) if BEFORE in self.later else None
        return [timed for each in self.pair for timed in _timed(each, each.started if late is None else late)]

    def _reads(self, shown: Iterable[Leaves]) -> Iterator[TimedCall[Situation]]:
        """Yield the reads, each made after the answers to the two calls and to the read before it."""
        moment = max(each.started + each.seconds for each in self.pair)
        for leaves in shown:
            moment += 1
            yield TimedCall(leaves, moment, moment)


def _is_whole(page: Exchange, member: str) -> bool:
    """Return whether the page is the last one of a list."""
    return page.status == 200 and isinstance(page.readable.get(member), list) and not page.readable.get("NextToken")


def _lacks(view: Exchange) -> bool:
    """Return whether the view says that there is no such handshake, of which other answers tell nothing."""
    if view.operation == "DescribeHandshake":
        return view.code == "HandshakeNotFoundException"
    return _is_whole(view, "Handshakes")


def _timed(call: Exchange, started: float) -> Iterator[TimedCall[Situation]]:
    """Yield the call as the search takes it. A read that shows no handshake tells nothing."""
    ended = NEVER if is_uncertain(call) else call.started + call.seconds + CLOCK_SECONDS
    if call.operation != "DescribeHandshake":
        yield TimedCall(changing(call), started, ended)
    elif call.state is not None:
        yield TimedCall(showing(call.state), started, ended)


def rounds(evidence: Evidence) -> tuple[Round, ...]:
    """Return the rounds of the transcript that are decided, as far as they were driven.

    Raises :class:`Blocked` if there are none, or the target lacks the operation of the call at once.
    """
    steps: dict[int, dict[str, Exchange]] = {}
    for exchange in evidence.all():
        if TRY not in exchange.step and (match := _ROUND.fullmatch(exchange.step)):
            steps.setdefault(int(match["number"]), {})[match["step"]] = exchange
    every = [_round(number, found, evidence) for number, found in steps.items() if {CANCEL, AT_ONCE} <= found.keys()]
    if not every:
        raise Blocked("the run ended before any two calls were made at once")
    _require_operation(every[0].pair[1], evidence)
    decided = tuple(each for each in every if each.is_decided)
    if not decided:
        first = every[0].pair[0]
        because = "no round can be judged: in each, both calls were refused as busy, or a connection was closed"
        raise Blocked(f"{because} ({call_summary(first)}); --races=N makes more rounds", first.id)
    return decided


def _round(number: int, found: dict[str, Exchange], evidence: Evidence) -> Round:
    pair = (found[CANCEL], found[AT_ONCE])
    party = found["invite"].sent.get("Target", {})
    account = str(party.get("Id")) if party.get("Type") == "ACCOUNT" else ""
    if not account and ACCOUNTS in found:
        account = evidence.account(pair[1].actor)
    return Round(number, pair, found, account)


def _require_operation(call: Exchange, evidence: Evidence) -> None:
    if call.operation != OPERATION and not evidence.succeeded(call.operation) and (sign := absence(call)):
        raise Blocked(f"{call.operation} is not implemented: {sign}", call.id)


def losers(decided: Iterable[Round]) -> Iterator[tuple[Round, Exchange]]:
    """Yield each call that was refused, and not for being busy, with its round."""
    for each in decided:
        for call in each.pair:
            if call.refused and not has_succeeded(call) and not is_uncertain(call) and not is_busy(call):
                yield each, call
