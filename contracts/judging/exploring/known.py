"""What is known of the answer to each call of a sequence, and from what.

What rests on inference alone isn't known here. Where it is documented that a call is refused but not with which error,
no code is known.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.judging.exploring.moves import ACCEPT, DESCRIBE, RECEIVED, SENT, Move, Situation
from contracts.model.operation import OPERATION
from contracts.transitions import DUPLICATE, INVALID, TABLE
from contracts.vocabulary import INVITATION, Actor, Authority

_PAGES = "https://docs.aws.amazon.com/organizations/latest/APIReference/"
_CERTAIN = frozenset({Authority.MODEL, Authority.PROTOCOL, Authority.DOCUMENTED, Authority.OBSERVED})
_OWN = (Actor.SENDER, Actor.PRINCIPAL)


@dataclass(frozen=True)
class Known:
    """What is known of one answer. ``refused`` is None where nothing is.

    ``codes`` are the errors that may refuse the call, none where that isn't known. ``clauses`` say it, and ``pages``
    are the documentation where no clause does. ``rest`` are the clauses on all that an answer shows but the state,
    where they are others.
    """

    refused: bool | None
    codes: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


UNKNOWN = Known(None)
INVITED = Known(refused=False, clauses=("transitions.fresh-open", "aftermath.invite-again"))
INVITED_TWICE = Known(refused=True, codes=(DUPLICATE,), clauses=("aftermath.duplicate-while-open",))
_SENT_PAGE = f"{_PAGES}API_{SENT}.html"
LISTED = Known(refused=False, pages=(_SENT_PAGE, f"{_PAGES}API_{RECEIVED}.html"))
NOT_MANAGER = Known(refused=True, pages=(_SENT_PAGE,))
JOINED = Known(refused=False, pages=(f"{_PAGES}API_{ACCEPT}.html",))
NOT_JOINED = Known(refused=False, clauses=("aftermath.not-joined", "time.not-joined"))


def known_of_call(operation: str, situation: Situation) -> Known:
    """Return what is known of the answer to a call about one handshake."""
    if situation.state is None:
        return UNKNOWN
    if operation == DESCRIBE:
        return _described(situation)
    if not situation.state:
        if operation == OPERATION and situation.role in _OWN and situation.ended == "EXPIRED":
            return UNKNOWN  # as it was while the handshake was EXPIRED
        return Known(refused=True, clauses=("time.canceled-forgotten",))
    return _canceled(situation) if operation == OPERATION else _answered(operation, situation)


def _canceled(situation: Situation) -> Known:
    cell = TABLE[str(situation.state), situation.role]
    if cell.authority not in _CERTAIN:
        return UNKNOWN
    codes = cell.codes if cell.code_authority in _CERTAIN else ()
    clauses = tuple(each for each in cell.clauses if codes or not each.endswith("-code"))
    if not cell.refused:
        clauses = (*clauses, "response.state-canceled")
    return Known(cell.refused, codes, clauses, (f"{_PAGES}API_{OPERATION}.html",), ("response.rest-unchanged",))


def _answered(operation: str, situation: Situation) -> Known:
    """Return what is known of accepting or declining. That an answer is the recipient's alone is documented."""
    page = (f"{_PAGES}API_{operation}.html",)
    if situation.role is not Actor.RECIPIENT:
        return Known(refused=True, pages=page)
    if situation.state == "OPEN":
        return Known(refused=False, pages=page)
    if situation.state == "CANCELED":
        clause = "aftermath.accept-refused" if operation == ACCEPT else "aftermath.decline-refused"
        return Known(refused=True, codes=INVALID, clauses=(clause,))
    if situation.state == "EXPIRED":
        return Known(refused=True, clauses=("time.answer-refused",))
    return Known(refused=True, pages=page)


_SEEN = {
    ("OPEN", True): ("time.open-until-expiration", "views.sender-before"),
    ("OPEN", False): ("time.open-until-expiration", "views.recipient-before"),
    ("CANCELED", True): ("aftermath.sender-reads-canceled", "views.sender-after"),
    ("CANCELED", False): ("aftermath.recipient-reads-canceled", "views.recipient-after"),
    ("EXPIRED", True): ("time.expired-described", ""),
    ("EXPIRED", False): ("time.expired-described", ""),
}
"""The clauses on the state that a reading shows, and on the rest of it, by state and whether the sender reads."""


def _described(situation: Situation) -> Known:
    """Return what is known of reading a handshake. Who is no party to it may or may not read it."""
    if situation.role not in {*_OWN, Actor.RECIPIENT}:
        return UNKNOWN
    if not situation.state:
        # Of an expired handshake only the lists are documented to forget it.
        forgotten = situation.ended != "EXPIRED"
        return Known(refused=True, clauses=("time.canceled-forgotten",)) if forgotten else UNKNOWN
    page = f"{_PAGES}API_{DESCRIBE}.html"
    shown, rest = _SEEN.get((situation.state, situation.role in _OWN), ("", ""))
    return Known(refused=False, clauses=_named(shown), pages=(page,), rest=_named(rest))


def _named(*clauses: str) -> tuple[str, ...]:
    return tuple(filter(None, clauses))


def known_of_entry(move: Move, situation: Situation) -> tuple[bool | None, Known]:
    """Return whether the list shows the handshake, None where that isn't known, and what it is known from."""
    if situation.state is None:
        return None, UNKNOWN
    wanted = move.action or INVITATION
    sent = move.operation == SENT
    kind = "organization-list" if sent else "account-list"
    if wanted != INVITATION:
        return False, Known(refused=False, clauses=(f"views.{kind}-of-others",))
    if sent:
        belongs = situation.role in _OWN
    elif situation.role is Actor.RECIPIENT:
        belongs = True
    else:
        clause = "views.sender-account-list" if situation.role in _OWN else "views.stranger-lists"
        return False, Known(refused=False, clauses=(clause,))
    if not belongs:
        return False, Known(refused=False, pages=(_SENT_PAGE,))
    if not situation.state:
        forgotten = "time.expired-forgotten" if situation.ended == "EXPIRED" else "time.canceled-forgotten"
        return False, Known(refused=False, clauses=(forgotten,))
    shown, rest = _LISTED.get((situation.state, sent), ("", ""))
    filtered = f"views.{kind}-of-invitations" if move.action else ""
    paged = f"views.{kind}-paged" if move.most else ""
    return True, Known(
        refused=False, clauses=_named(shown, filtered, paged), pages=(_SENT_PAGE,), rest=_named(rest, filtered)
    )


_LISTED = {
    ("OPEN", True): ("views.organization-list-before", ""),
    ("OPEN", False): ("views.account-list-before", ""),
    ("CANCELED", True): ("aftermath.organization-lists-canceled", "views.organization-list-after"),
    ("CANCELED", False): ("aftermath.account-lists-canceled", "views.account-list-after"),
    ("EXPIRED", True): ("time.expired-listed", ""),
    ("EXPIRED", False): ("time.expired-listed", ""),
}
"""The clauses on the state that an entry shows, and on the rest of it, by state and whether the sender reads."""


def known_of_list(move: Move, *, manages: bool) -> Known:
    """Return what is known of reading a list: that of an organization is its manager's."""
    return LISTED if move.operation != SENT or manages else NOT_MANAGER
