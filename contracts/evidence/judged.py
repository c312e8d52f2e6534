"""The exchanges that a clause names as judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.model.operation import OPERATION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.judging.exchange import Exchange

EVERY_CASE = "*"
"""Stands in place of a step for every call of the operation in the scenario."""
REFUSALS = "refusals"
"""Stands in place of a step for every refused call of the operation in the scenario."""


def is_judged(judges: Iterable[str], exchange: Exchange) -> bool:
    """Return whether the exchange is among what a clause judges, each as ``scenario/step``."""
    return any(_names(judged, exchange) for judged in judges)


def _names(judged: str, exchange: Exchange) -> bool:
    scenario, _, step = judged.partition("/")
    if scenario != exchange.situation:
        return False
    if step in {EVERY_CASE, REFUSALS}:
        refused = exchange.status is not None and exchange.status >= 400
        return exchange.operation == OPERATION and (refused or step == EVERY_CASE)
    return step == exchange.step
