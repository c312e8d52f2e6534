"""The outcome of a cancellation for handshakes of every action, in every state, by every caller.

Sources: https://docs.aws.amazon.com/organizations/latest/APIReference/API_CancelHandshake.html for who may cancel,
https://docs.aws.amazon.com/organizations/latest/APIReference/API_Handshake.html for the states.
"""

from __future__ import annotations

from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.model import operation
from contracts.transitions import (
    ACCOUNT_COUNTS,
    ALREADY,
    DENIED,
    DENIED_OR_UNKNOWN,
    Cell,
    canceled,
    refused_other,
    refused_sender,
    states,
    unknown_code,
)
from contracts.transitions import TABLE as INVITATIONS
from contracts.vocabulary import INVITATION, Actor, Authority

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCENARIOS = MappingProxyType({"transfer": "TRANSFER_RESPONSIBILITY", "all-features": "ENABLE_ALL_FEATURES"})
"""The actions of the handshakes that scenarios are about, unless it is an invitation."""
_ONE_RECIPIENT = "OPEN means that all of several recipients have answered, and a transfer has only one"
_NO_MEMBER = "nobody joins the organization in the scenario of a transfer"
_NOT_A_PARTY = "nobody but the organization is a party"
_BILLS = "no scenario answers a transfer's handshake or lets it expire, because billing depends on it"
_LAST_APPROVAL = "it is OPEN once every member has approved, which no scenario lets happen"
_NO_END = "no scenario lets the enabling of all features come to an end: it can't be undone"
_AFTERWARDS = "the error that others get for a canceled handshake is unknown, so no scenario asks for it"
_CHILD_REQUESTED = "the user guide shows it as OPEN from the beginning"
_CHILD_RECORDED = "documented for handshakes in general; for this action the result is only recorded"
_CHILD_OVER = "no scenario answers it, and what becomes of it without an answer isn't documented"
_CHILD_OTHERS = "the recipient is a member, which has its own cell; no scenario makes this call"
_UNMADE = "nothing makes such a handshake any more"
_OTHERS = ("actions.others-refused", "actions.others-code")


def _unasked(state: str, actor: Actor, reason: str) -> Cell:
    """Return the cell that no clause judges, for this reason: what follows from who may cancel, and in which state."""
    if actor not in {Actor.SENDER, Actor.PRINCIPAL}:
        return unknown_code(reason)
    if not INVITATIONS[state, Actor.SENDER].refused:
        return canceled(Authority.DOCUMENTED, reason=reason)
    return refused_sender(INVITATIONS[state, Actor.SENDER].codes, Authority.INFERRED, reason=reason)


def _transfer(state: str, actor: Actor) -> Cell:
    if (state, actor) in _TRANSFER:
        return _TRANSFER[state, actor]
    if state == "REQUESTED":
        return _unasked(state, actor, _NO_MEMBER)
    if state == "CANCELED":
        return _unasked(state, actor, ACCOUNT_COUNTS if actor is Actor.PRINCIPAL else _AFTERWARDS)
    return _unasked(state, actor, _ONE_RECIPIENT if state == "OPEN" else _BILLS)


def _enabling(state: str, actor: Actor) -> Cell:
    if (state, actor) in _ENABLING:
        return _ENABLING[state, actor]
    if state in {"REQUESTED", "CANCELED"}:
        other = _NOT_A_PARTY if state == "REQUESTED" else _AFTERWARDS
        return _unasked(state, actor, ACCOUNT_COUNTS if actor is Actor.PRINCIPAL else other)
    return _unasked(state, actor, _LAST_APPROVAL if state == "OPEN" else _NO_END)


def _approving(state: str, actor: Actor) -> Cell:
    if (state, actor) == ("OPEN", Actor.MEMBER):
        return refused_other((), None, "actions.child-recipient-refused")
    if state == "OPEN":
        return _unasked(state, actor, _CHILD_RECORDED if actor is Actor.SENDER else _CHILD_OTHERS)
    return _unasked(state, actor, _CHILD_REQUESTED if state == "REQUESTED" else _CHILD_OVER)


_TRANSFER: Mapping[tuple[str, Actor], Cell] = {
    ("REQUESTED", Actor.SENDER): canceled(Authority.DOCUMENTED, "actions.transfer-canceled"),
    ("REQUESTED", Actor.PRINCIPAL): canceled(Authority.DOCUMENTED, "actions.transfer-principal"),
    ("REQUESTED", Actor.RECIPIENT): refused_other(DENIED, Authority.INFERRED, *_OTHERS),
    ("REQUESTED", Actor.STRANGER): refused_other(DENIED_OR_UNKNOWN, Authority.INFERRED, *_OTHERS),
    ("CANCELED", Actor.SENDER): refused_sender(ALREADY, Authority.INFERRED, "actions.canceled-again"),
}
_ENABLING: Mapping[tuple[str, Actor], Cell] = {
    ("REQUESTED", Actor.SENDER): canceled(Authority.DOCUMENTED, "actions.all-features-canceled"),
    ("REQUESTED", Actor.MEMBER): refused_other(DENIED, Authority.INFERRED, *_OTHERS),
    ("REQUESTED", Actor.STRANGER): refused_other(DENIED_OR_UNKNOWN, Authority.INFERRED, *_OTHERS),
    ("CANCELED", Actor.SENDER): refused_sender(ALREADY, Authority.INFERRED, "actions.canceled-again"),
}
_CELLS: Mapping[str, Callable[[str, Actor], Cell]] = {
    INVITATION: lambda state, actor: INVITATIONS[state, actor],
    "ENABLE_ALL_FEATURES": _enabling,
    "APPROVE_ALL_FEATURES": _approving,
    "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE": lambda state, actor: _unasked(state, actor, _UNMADE),
    "TRANSFER_RESPONSIBILITY": _transfer,
}
TABLE: Mapping[tuple[str, str, Actor], Cell] = MappingProxyType(
    {
        (action, state, actor): cell(state, actor)
        for (action, cell), state, actor in product(_CELLS.items(), states(), Actor)
    }
)
"""The cells by action, state and caller."""


def actions() -> tuple[str, ...]:
    """Return the actions in the model's enum."""
    return tuple(operation.shape("ActionType").metadata["enum"])


def outcome(action: str, state: str, actor: Actor) -> Cell:
    """Return the outcome for this actor and a handshake of this action in this state. Raises KeyError for another."""
    return TABLE[action, state, actor]


def is_about(place: tuple[str, str, Actor], clause: str, case: str) -> bool:
    """Return whether the check of this clause and case is about the cell at this place, which the clause judges.

    ``case`` is ``scenario/step``. A step of a clause on several states ends in its own, one of a clause on several
    callers begins with its own.
    """
    judged = [each for each, cell in TABLE.items() if clause in cell.clauses]
    actions_of, states_of, actors_of = ({each[part] for each in judged} for part in range(3))
    scenario, _, step = case.partition("/")
    action, state, actor = place
    return (
        (len(actions_of) == 1 or SCENARIOS.get(scenario, INVITATION) == action)
        and (len(states_of) == 1 or step.endswith(f"-{state.lower()}"))
        and (len(actors_of) == 1 or step.startswith(actor))
    )
