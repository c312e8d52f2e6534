"""Answers that mean "try again": they refuse a call for its rate, or for what goes on in the service at the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange

SUPERSEDED = "busy-"
"""Stands before a number in the step of such an answer. The answer to the repeated call has the step's own name."""
THROTTLING_CODES = frozenset(
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
CONFLICT = "ConcurrentModificationException"
FAILURE_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
"""The error codes by which the service, and others that SDKs retry, say that they failed for the moment.

Source: https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html, and botocore's own list.
"""
FAILURE_STATUSES = (500, 503)


def is_throttling(exchange: Exchange) -> bool:
    """Return whether the call is refused for its rate, with whatever status or code."""
    return exchange.status == 429 or exchange.code in THROTTLING_CODES


def is_busy(exchange: Exchange) -> bool:
    """Return whether the call was answered that it be made again, with whatever status or code."""
    failed = exchange.status in FAILURE_STATUSES or exchange.code in FAILURE_CODES
    return failed or exchange.code == CONFLICT or is_throttling(exchange)


def is_superseded(exchange: Exchange) -> bool:
    """Return whether the target was busy and the call was made again."""
    return exchange.step.startswith(SUPERSEDED)
