"""The rates at which the real service lets an account call each operation.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple


class Rate(NamedTuple):
    """A token bucket: calls a second in the long run, and calls at once."""

    per_second: float
    burst: int


RATES = MappingProxyType(
    {
        "CreateOrganization": Rate(1, 1),
        "DescribeOrganization": Rate(1, 2),
        "ListAccounts": Rate(8, 12),
        "CancelHandshake": Rate(2, 3),
        "DescribeHandshake": Rate(1, 2),
        "AcceptHandshake": Rate(1, 2),
        "DeclineHandshake": Rate(1, 1),
        "InviteAccountToOrganization": Rate(3, 5),
        "ListHandshakesForOrganization": Rate(5, 8),
        "ListHandshakesForAccount": Rate(5, 8),
    }
)
"""The rates by operation, each for one account. Rates for a whole organization are left out."""
