"""The table of hostile behaviours: the modules beside this one enter theirs with the decorator ``behaviour``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.vocabulary import ExitCode
from tests.hostile.server import STS, Acts

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Collection

    from tests.hostile.server import Call, Server

CANCEL = ("CancelHandshake",)
"""Every cancellation but the one by which the preflight asks for the operation, so that the run gets further."""
PROBED_CANCEL = ("CancelHandshake", "preflight")
"""Every cancellation, that of the preflight too."""
DESCRIBE = ("DescribeHandshake",)
LISTS = ("ListHandshakesForOrganization", "ListHandshakesForAccount", "ListAccounts")
INVITE = ("InviteAccountToOrganization",)
IDENTITY = (STS,)
ALL = ("*",)
NOT_IDENTITY = (f"not {STS}",)

WRONG = frozenset({ExitCode.FAILED})
"""What a server does whose handshakes can be seen and are not right."""
HALF = frozenset({ExitCode.FAILED, ExitCode.INCONCLUSIVE})
"""What a server does whose answers are missing or can't be read at some calls: clauses fail, or are blocked."""
AWAY = frozenset({ExitCode.UNREACHABLE})
"""What a server does that can't be talked to at all."""
NEVER = frozenset({ExitCode.UNREACHABLE, ExitCode.INCONCLUSIVE, ExitCode.NOT_IMPLEMENTED})
"""What a server does that answers, and none of it is of use."""
DEAD = frozenset({ExitCode.UNREACHABLE, ExitCode.INCONCLUSIVE})
"""What a server does that goes away in mid-run."""
LEGAL = frozenset({ExitCode.CONFORMANT})
"""What a server does that is unusual and legal."""


@dataclass(frozen=True)
class Behaviour:
    """One hostile behaviour: its name, what the server does, in which calls, and which exit codes are right.

    ``takes`` is set for one that deals with connections and not with calls. ``keys`` says that each actor has keys of
    its own, which look like real ones; otherwise the sender has such keys, and emulators' free accounts are used where
    the server knows them. ``quick`` ones are plain tests.
    """

    name: str
    does: str
    family: str
    codes: frozenset[ExitCode]
    acts: Acts
    takes: Callable[[Server, socket.socket], None] | None = None
    keys: bool = False
    quick: bool = False


TABLE: dict[str, Behaviour] = {}


def behaviour(
    codes: Collection[ExitCode], on: tuple[str, ...] = ALL, *, keys: bool = False, quick: bool = False
) -> Callable[[Acts], Acts]:
    """Enter the function into the table: it is called for calls of these operations, the others are answered well."""

    def enter(acts: Acts) -> Acts:
        def choosing(call: Call) -> None:
            meant = call.operation in on and not (on == CANCEL and call.is_probe)
            if meant or on == ALL or (on == NOT_IDENTITY and call.operation != STS):
                acts(call)
            else:
                call.answer()

        _enter(Behaviour(*_texts(acts), frozenset(codes), choosing, keys=keys, quick=quick))
        return acts

    return enter


def connections(
    codes: Collection[ExitCode], *, quick: bool = False
) -> Callable[[Callable[[Server, socket.socket], None]], Callable[[Server, socket.socket], None]]:
    """Enter the function into the table: it is given each connection."""

    def enter(takes: Callable[[Server, socket.socket], None]) -> Callable[[Server, socket.socket], None]:
        _enter(Behaviour(*_texts(takes), frozenset(codes), lambda call: call.answer(), takes, quick=quick))
        return takes

    return enter


def _texts(function: object) -> tuple[str, str, str]:
    name = str(getattr(function, "__name__", "")).replace("_", "-")
    return name, " ".join((function.__doc__ or "").split()), str(function.__module__).rpartition(".")[2]


def _enter(entry: Behaviour) -> None:
    if entry.name in TABLE or not entry.does:
        raise ValueError(f"{entry.name}: expected a name of its own and a docstring that says what the server does")
    TABLE[entry.name] = entry
