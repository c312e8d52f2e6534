"""The model and the contract: no part of it without a clause or a reason, and no entry for nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from contracts.actions import TABLE, actions
from contracts.clauses import contract
from contracts.coverage import cover, listing
from contracts.model import operation, parts
from contracts.transitions import states
from contracts.vocabulary import Actor

WITHOUT_ANY = "/shapes/HandshakeState/enum/FROZEN"


def covered(found: parts.Parts) -> dict[str, cover.Cover]:
    return {each.part: each for each in cover.covers(found)}


def test_every_part_of_the_model_has_a_clause_or_a_reason() -> None:
    assert [each.part for each in cover.covers(parts.parts()) if each.is_open] == []


def test_a_part_without_a_clause_or_a_reason_is_told() -> None:
    found = covered(parts.parts() | {WITHOUT_ANY: None})
    assert [each.part for each in found.values() if each.is_open] == [WITHOUT_ANY]


def unknown_entries(table: cover.Table) -> list[str]:
    known, clauses = parts.parts(), {clause.id for clause in contract().clauses}
    places = [*table.judged, *table.unjudged, *(each for row in table.whole for each in (row["of"], *row["but"]))]
    named = [*(each for row in table.judged.values() for each in row), *(row["clause"] for row in table.whole)]
    return [*(each for each in places if each not in known), *(each for each in named if each not in clauses)]


def test_the_table_has_no_entry_for_a_part_or_a_clause_that_is_gone() -> None:
    assert unknown_entries(cover.table()) == []


def test_an_entry_for_what_is_gone_is_told() -> None:
    stale = replace(cover.table(), unjudged={WITHOUT_ANY: "gone"}, judged={WITHOUT_ANY: ("wire.gone",)})
    assert unknown_entries(stale) == [WITHOUT_ANY, WITHOUT_ANY, "wire.gone"]


def test_a_clause_judges_what_it_cites_and_what_only_it_can_mean() -> None:
    found = covered(parts.parts())
    assert "request.longest-id-accepted" in found["/shapes/HandshakeId/max"].clauses
    assert "transitions.sender-expired" in found["/shapes/HandshakeState/enum/EXPIRED"].clauses
    assert "errors.unavailable" in found["/operations/CancelHandshake/errors/ServiceException"].clauses
    assert found["/shapes/HandshakePartyType/enum/EMAIL"].clauses == (
        "response.parties",
    )  # the resources have one, too
    assert "response.schema" not in found["/shapes/ActionType/enum"].clauses


def test_an_item_of_the_documentation_goes_with_the_value_that_it_is_about() -> None:
    found = covered(parts.parts())
    labelled = next(part for part in found if "#" in part and " DECLINED: " in part)
    assert found[labelled].clauses == found["/shapes/HandshakeState/enum/DECLINED"].clauses


def test_a_sentence_that_is_worded_anew_is_another_part(monkeypatch: pytest.MonkeyPatch) -> None:
    model: dict[str, Any] = operation.raw_model()
    described = {**model["operations"]["CancelHandshake"], "documentation": "<p>Cancels a handshake. Or not.</p>"}
    monkeypatch.setattr(parts, "raw_model", lambda: {**model, "operations": {operation.OPERATION: described}})
    texts = [part.partition(" ")[2] for part in parts.parts() if part.startswith("/operations/CancelHandshake#")]
    assert texts == ["Cancels a handshake.", "Or not."]
    assert [each.part.partition(" ")[2] for each in cover.covers(parts.parts()) if each.is_open] == texts


def test_no_more_than_ten_words_of_a_sentence_are_quoted() -> None:
    quotes = [part.partition(" ")[2] for part in parts.parts() if "#" in part]
    assert len(quotes) > 50
    assert max(len(quote.split()) for quote in quotes) <= 10


@pytest.mark.parametrize("lines", [listing.of_model, listing.of_table])
def test_what_is_printed_fits_a_terminal(lines: Any) -> None:
    assert max(map(len, lines())) <= 100


def test_the_listing_of_the_model_names_every_part_and_every_clause_that_judges_it() -> None:
    text = "\n".join(listing.of_model())
    flat = " ".join(text.split())
    for each in cover.covers(parts.parts()):
        assert each.part.removeprefix(listing.owner(each.part)).removeprefix("/") in flat
        assert all(clause in flat for clause in each.clauses)
    found = re.search(r"(\d+) parts: (\d+) judged, (\d+) not judged for a reason, 0 with neither$", text)
    assert found is not None
    assert int(found[1]) == int(found[2]) + int(found[3]) == len(parts.parts())


def test_the_table_of_states_has_every_caller_with_its_clauses_and_what_is_unknown() -> None:
    text = "\n".join(listing.of_table())
    named = Counter[tuple[str, str, str]]()
    for block in text.split("\n\n")[1:]:
        heading, *lines = block.splitlines()
        action, *same = heading.split(", ")
        callers = [actor for line in lines if re.match(r"  \S", line) for actor in line.strip().split(", ")]
        named.update(product([action], states() if same == ["in every state"] else same, callers))
    assert named == Counter(product(actions(), states(), Actor))
    assert "refused (documented); error unknown" in text
    assert "judged by transitions.sender-open" in text
    assert all(each.clauses or each.reason for each in TABLE.values())
