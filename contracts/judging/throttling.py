"""Answers that refuse a call only for its rate, so that it has to be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange

THROTTLED = "throttled-"
"""Stands before a number in the step of such an answer. The answer to the repeated call has the step's own name."""
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
"""The error codes that botocore retries as throttling, without those of other services only.

Source: botocore.retries.standard.ThrottledRetryableChecker, whose list is private. A clause says which code is right.
"""


def is_throttling(exchange: Exchange) -> bool:
    """Return whether the call is refused for its rate, with whatever status or code."""
    return exchange.status == 429 or exchange.code in CODES


def is_superseded(exchange: Exchange) -> bool:
    """Return whether the call was refused for its rate and made again."""
    return exchange.step.startswith(THROTTLED)
