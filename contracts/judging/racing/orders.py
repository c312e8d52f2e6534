"""A search for an order of calls that explains their answers: whether a history is linearizable.

After Wing and Gong, "Testing and Verifying Concurrent Objects", 1993: of the calls that no other one precedes, each is
tried as the first; the rest must then have an order from the state that it leaves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

S = TypeVar("S", bound="Hashable")
NEVER = math.inf


@dataclass(frozen=True)
class TimedCall(Generic[S]):
    """One call: when it began and ended, and what it does.

    ``leaves`` returns the states that the call may leave if it is carried out in the given one and is answered as it
    was: none if that answer is wrong in this state. A call that was never answered ends at :data:`NEVER`.
    """

    leaves: Callable[[S], Iterable[S]]
    began: float
    ended: float

    def precedes(self, other: TimedCall[S]) -> bool:
        """Return whether the call had ended before the other one began."""
        return self.ended < other.began


def has_order(calls: Sequence[TimedCall[S]], state: S) -> bool:
    """Return whether the calls can be carried out one at a time, in an order that agrees with when each was made."""
    tried: set[tuple[frozenset[int], S]] = set()

    def search(left: frozenset[int], state: S) -> bool:
        if not left:
            return True
        if (left, state) in tried:
            return False
        tried.add((left, state))
        first = [each for each in left if not any(calls[other].precedes(calls[each]) for other in left - {each})]
        return any(search(left - {each}, then) for each in first for then in calls[each].leaves(state))

    return search(frozenset(range(len(calls))), state)
