"""The suite as an installed command, and as a library for the tests of an endpoint's own project.

Importing this package leaves ``sys.path`` alone: the rooms have names that a project of yours may have, too, and are
imported only in the process of the command.
"""

from cancelhandshake_conformance.library import (
    BadUsage,
    Interrupted,
    NotChecked,
    NotConformant,
    Result,
    SuiteBroke,
    Unreachable,
    Verdict,
    check,
)

__all__ = [
    "BadUsage",
    "Interrupted",
    "NotChecked",
    "NotConformant",
    "Result",
    "SuiteBroke",
    "Unreachable",
    "Verdict",
    "check",
]
