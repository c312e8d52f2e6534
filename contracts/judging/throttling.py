"""Does an answer refuse a call for nothing but its rate, so that it is to be made again?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange

THROTTLED = "throttled-"
"""Before a number: the step of such an answer. The call was made again; the later answer has the step's own name."""
CODES = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
"""The errors that SDKs take for it. Which of them is the right one is for a clause to say."""


def is_throttling(exchange: Exchange) -> bool:
    """Is the call refused for its rate, in whichever way?"""
    return exchange.status == 429 or exchange.code in CODES


def is_superseded(exchange: Exchange) -> bool:
    """Is the exchange kept for its own sake only, because its call was made again?"""
    return exchange.step.startswith(THROTTLED)
