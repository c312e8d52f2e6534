"""How does an account sign where nobody had to register it?"""

from __future__ import annotations

BY_KEY = "key"
"""The strategy by which an access key id of 12 digits is the account, and its secret is the fixed one."""

BY_HEADER = "header"
"""The strategy by which a header names the account, and everybody signs with the sender's credentials."""

FIXED_SECRET = "test"  # noqa: S105  # no secret at all: emulators expect it, and every instruction prints it
