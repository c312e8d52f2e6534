"""The contract: read from the model, sound, and refused with one clear line where it isn't."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from botocore.model import ServiceModel, StructureShape
from botocore.retries.standard import ThrottledRetryableChecker
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import clauses, recordings, transitions
from contracts.clauses import UnsoundClause, UnsoundContract, contract
from contracts.judging import busy
from contracts.judging.conclusion import Conclusion, Terms, conclude
from contracts.judging.verdict import Verdict
from contracts.model import neighbors, operation, patterns, shapes, violations
from contracts.model.snapshot import installed
from contracts.vocabulary import ExitCode, Level, Outcome

if TYPE_CHECKING:
    from pathlib import Path

ID = operation.shape("HandshakeId").metadata["pattern"]
RECORDING = "organizations-2026-09-13"


def test_the_model_declares_what_the_contract_counts_on() -> None:
    assert operation.target_header() == "AWSOrganizationsV20161128.CancelHandshake"
    assert operation.content_type() == "application/x-amz-json-1.1"
    assert sorted(operation.error_shapes()) == [
        "AccessDeniedException",
        "ConcurrentModificationException",
        "HandshakeAlreadyInStateException",
        "HandshakeNotFoundException",
        "InvalidHandshakeTransitionException",
        "InvalidInputException",
        "ServiceException",
        "TooManyRequestsException",
    ]


@pytest.mark.parametrize(
    "text", ["h-12345678\n", "h-１２３４５６７８", "H-12345678", "h-1234567", "h-" + "0" * 33, "xh-12345678"]
)
def test_patterns_have_ecma_meaning(text: str) -> None:
    assert patterns.matches(ID, "h-12345678")
    assert not patterns.matches(ID, text)


@settings(deadline=None)  # the first example compiles; no test asserts a time
@given(st.from_regex(ID, fullmatch=True))
def test_pattern_and_schema_agree_on_what_is_legal(text: str) -> None:
    legal = re.fullmatch(r"h-[0-9a-z]{8,32}", text, re.ASCII) is not None
    assert patterns.matches(ID, text) is legal
    assert (shapes.mismatches(text, shapes.schema(operation.shape("HandshakeId"))) == ()) is legal


def test_an_arn_may_be_of_any_partition_and_of_nothing_else() -> None:
    described = shapes.schema(operation.shape("HandshakeArn"))
    arn = "arn:{}:organizations::111111111111:handshake/o-exampleorgid/invite/h-00000001"
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        assert not shapes.mismatches(arn.format(partition), described)
    for partition in ("gcp", "awsome", "aws-", ""):
        assert shapes.mismatches(arn.format(partition), described)


def test_the_recorded_answers_are_instances_of_the_schemas() -> None:
    seen = set()
    for each in recordings.recording(RECORDING).observations:
        if each.operation != operation.OPERATION:
            continue
        shape = operation.error_shapes().get(each.body.get("__type", ""), operation.output_shape())
        make = shapes.error_schema if shape in operation.error_shapes().values() else shapes.schema
        assert shapes.mismatches(each.body, make(shape, closed=True)) == (), each.case
        seen.add(shape.name)
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"State": "CANCELLED"}, "/Handshake/State"),
        ({"RequestedTimestamp": "2026-09-13T03:43:47Z"}, "/Handshake/RequestedTimestamp"),
        ({"Parties": [{"Id": "exampleorgid"}]}, "/Handshake/Parties/0"),
        ({"Parties": [{"Id": "", "Type": "EMAIL"}]}, "/Handshake/Parties/0/Id"),
        (
            {"Resources": [{"Resources": [{"Resources": [{"Type": "NONE"}]}]}]},
            "/Handshake/Resources/0/Resources/0/Resources/0/Type",
        ),
        ({"Id": None}, "/Handshake/Id"),
    ],
)
def test_a_schema_names_the_place_of_a_mismatch(change: dict[str, object], place: str) -> None:
    recorded = dict(recordings.resolve(f"{RECORDING}#sender cancels OPEN").body["Handshake"])
    found = shapes.mismatches({"Handshake": recorded | change}, shapes.schema(operation.output_shape()))
    assert [each.instance for each in found] == [place]


def test_unknown_members_fail_the_closed_schema_only() -> None:
    body = {"Handshake": {"Id": "h-00000001", "Notes": "at the top"}}
    assert not shapes.mismatches(body, shapes.schema(operation.output_shape()))
    assert shapes.mismatches(body, shapes.schema(operation.output_shape(), closed=True))


@pytest.mark.parametrize(
    ("reason", "sound"),
    [
        ("INPUT_REQUIRED", True),
        ("INPUT_REQUIRED:HANDSHAKE_ID", True),
        ("HANDSHAKE_ID", False),
        ("INPUT_REQUIRED:", False),
        ("input_required", False),
    ],
)
def test_a_reason_is_a_value_of_the_enum_with_or_without_a_parameter(reason: str, *, sound: bool) -> None:
    described = shapes.error_schema(operation.error_shapes()["InvalidInputException"])
    assert (shapes.mismatches({"__type": "InvalidInputException", "Reason": reason}, described) == ()) is sound


def test_every_violation_is_one_by_a_second_opinion() -> None:
    found = violations.violations(operation.input_shape(), near="h-ab12cd34ef56ab12cd34ef56")
    assert len(found) > 20
    assert len({each.name for each in found}) == len(found)
    for each in found:
        value = each.document.get("HandshakeId")
        assert value is None or not re.fullmatch(r"h-[0-9a-z]{8,32}", value, re.ASCII), each


@settings(deadline=None)  # the first example compiles; no test asserts a time
@given(st.from_regex(r"\Ah-[0-9a-z]{8,32}\Z"))
def test_the_names_of_violations_do_not_depend_on_the_id_that_they_resemble(near: str) -> None:
    canonical = [each.name for each in violations.violations(operation.input_shape())]
    assert [each.name for each in violations.violations(operation.input_shape(), near=near)] == canonical


@settings(deadline=None)
@given(st.from_regex(r"\Ah-[0-9a-z]{8,32}\Z"))
def test_every_neighbor_is_another_legal_id_under_a_fixed_name(near: str) -> None:
    shape = operation.input_shape()
    found = neighbors.neighbors(shape, near)
    assert tuple(found) == neighbors.neighbor_names(shape)
    derived = [each["HandshakeId"] for each in found.values() if each is not None]
    assert near not in derived
    assert all(re.fullmatch(r"h-[0-9a-z]{8,32}", value, re.ASCII) for value in derived)
    assert found["near-last-changed"] is not None
    assert found["near-one-more"] is not None or near.endswith("z" * 31)


def test_an_id_as_short_as_can_be_has_no_beginning_and_one_as_long_as_can_be_makes_room_for_one_more() -> None:
    shape = operation.input_shape()
    short = neighbors.neighbors(shape, "h-0a1b2c3d")
    absent = {name for name, each in short.items() if each is None}
    assert absent == {"near-shortest-beginning", "near-half", "near-all-but-last", "near-all-but-first"}
    long = neighbors.neighbors(shape, "h-a" + "0" * 31)
    assert long["near-one-more"] == {"HandshakeId": "h-" + "0" * 31 + "z"}


def test_an_arn_stands_for_the_made_up_one() -> None:
    given = "arn:aws:organizations::1:handshake/o-a/invite/h-0a1b2c3d"
    found = {each.name: each.document for each in violations.violations(operation.input_shape(), arn=given)}
    assert found["max-arn"] == {"HandshakeId": given}


def test_the_boundaries_are_legal_and_as_short_and_long_as_can_be() -> None:
    values = [each.document["HandshakeId"] for each in violations.boundaries(operation.input_shape())]
    assert [len(value) for value in values] == [10, 34]
    assert all(re.fullmatch(r"h-[0-9a-z]{8,32}", value, re.ASCII) for value in values)


def structure(**member: object) -> StructureShape:
    model = {
        "metadata": {"protocol": "json"},
        "shapes": {
            "In": {"type": "structure", "required": ["Code"], "members": {"Code": {"shape": "Code"}}},
            "Code": {"type": "string"} | member,
        },
    }
    shape = ServiceModel(model, "other").shape_for("In")
    assert isinstance(shape, StructureShape)
    return shape


def test_another_pattern_gives_other_inputs() -> None:
    digits = structure(pattern=r"^\d{12}$", min=12, max=12)
    values = {each.name: each.document.get("Code") for each in violations.violations(digits)}
    assert values["min-one-short"] == "0" * 11
    assert values["max-one-past"] == "0" * 12 + "9"
    assert values["min-empty"] == ""
    assert not any("prefix" in name for name in values)
    assert [each.document["Code"] for each in violations.boundaries(digits)] == ["0" * 12, "9" * 12]


def test_upper_case_is_no_violation_where_it_is_allowed() -> None:
    either = violations.violations(structure(pattern="^[0-9A-Za-z]{3}$"))
    assert not any("upper" in each.name for each in either)


@pytest.mark.parametrize("pattern", [r"^\p{L}+$", r"^(a|b)+$", "^[^x]*$"])
def test_a_pattern_that_can_not_be_exemplified_is_refused(pattern: str) -> None:
    with pytest.raises(patterns.UnreadablePattern, match="derived"):
        violations.boundaries(structure(pattern=pattern))


def test_the_table_of_transitions_has_no_hole_and_names_real_clauses() -> None:
    cells = {(state, actor) for state in transitions.states() for actor in transitions.Actor}
    assert set(transitions.TABLE) == cells
    assert len(cells) == 30
    for cell in transitions.TABLE.values():
        authorities = {cell.authority, cell.code_authority}
        assert {contract()[clause].authority for clause in cell.clauses} <= authorities
        assert set(cell.codes) <= set(operation.error_shapes())
        assert bool(cell.codes) == (cell.code_authority is not None)
    judged = {clause for cell in transitions.TABLE.values() for clause in cell.clauses}
    themes = ("transitions.sender", "callers.", "time.cancel-", "time.others-")
    two_actors_at_once = {"callers.recipient-member-code"}
    named = {clause.id for clause in contract().clauses if clause.id.startswith(themes)}
    assert judged == named - two_actors_at_once


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "Request.X"}, "theme.subject"),
        ({"level": "mandatory"}, "none of"),
        ({"authority": "inferred"}, "must be advisory"),
        ({"authority": "model", "observed": "2026-09-13"}, "observed"),
        ({"observed": ""}, "observed"),
        ({"sources": []}, "no source"),
        ({"sources": ["model:/shapes/Nowhere"]}, "has nothing at"),
        ({"sources": ["recording:organizations-2026-09-13#nobody"]}, "no recorded observation"),
        ({"sources": ["recording:other#x"]}, "no recorded observation"),
        ({"sources": ["hearsay"]}, "neither"),
        ({"judges": ["cancel"]}, "scenario/step"),
        ({"needs": ["patience"]}, "capabilities"),
        ({"sentence": "No stop"}, "full stop"),
        ({"weight": 1}, "unknown keys"),
    ],
)
def test_an_unsound_row_is_refused_with_its_id_and_the_rule(
    change: dict[str, object], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        clauses, "snapshot", lambda: installed([])
    )  # with another model, a clause on what it lacks is left out
    rows = tomllib.loads(clauses.CLAUSES.read_text(encoding="utf-8"))["clause"]
    row = next(row for row in rows if row["authority"] == "observed") | change
    lines = "\n".join(f"{key} = {_toml(value)}" for key, value in row.items())
    path = tmp_path / "clauses.toml"
    path.write_text(f"[[clause]]\n{lines}\n[[later]]\nsentence = 'x'\nmissing = 'y'\n", encoding="utf-8")
    with pytest.raises(UnsoundClause, match=problem) as caught:
        contract(path)
    assert caught.value.clause == row["id"]


def test_an_id_may_stand_in_the_file_once_only(tmp_path: Path) -> None:
    text = clauses.CLAUSES.read_text(encoding="utf-8")
    first = text[text.index("[[clause]]") : text.index("[[clause]]", text.index("[[clause]]") + 1)]
    path = tmp_path / "clauses.toml"
    path.write_text(first + text, encoding="utf-8")
    with pytest.raises(UnsoundClause, match="2 times"):
        contract(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "can't be read: No such file"),
        ("[[clause]", "is not TOML in UTF-8"),
        ("", r"has the keys \[\]; expected the tables \['clause', 'later'\]"),
        ("clause = 'x'\nlater = []\n", r"'clause' is no array of tables; expected \[\[clause\]\] above each row"),
        ("clause = []\n[[later]]\nsentence = 'x'\n", r"has the keys \['sentence'\]; expected"),
        ("later = []\n[[clause]]\nid = 'x'\n", "clause 'x': lacks"),
        ("later = []\n[[clause]]\nlevel = 'required'\n", "no id"),
    ],
)
def test_an_unsound_file_is_refused_in_one_line(text: str | None, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "clauses.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UnsoundContract, match=problem) as caught:
        contract(path)
    assert str(caught.value).startswith("clauses.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["sources = 'x'", "judges = [1]", "needs = 'member'", "sentence = 3", "level = []"])
def test_a_value_of_the_wrong_type_is_refused(line: str, tmp_path: Path) -> None:
    sound = (
        "id = 'a.b'",
        "sentence = 'X.'",
        "level = 'required'",
        "authority = 'model'",
        "sources = []",
        "judges = []",
    )
    lines = [*(each for each in sound if each.split()[0] != line.split(maxsplit=1)[0]), line]
    path = tmp_path / "clauses.toml"
    path.write_text("\n".join(["later = []", "[[clause]]", *lines]), encoding="utf-8")
    with pytest.raises(UnsoundClause, match="expected a"):
        contract(path)


def test_every_throttling_code_is_one_that_botocore_retries() -> None:
    assert set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES) >= busy.THROTTLING_CODES
    assert "TooManyRequestsException" in busy.THROTTLING_CODES & operation.known_errors()


def _toml(value: object) -> str:
    return str([str(item) for item in value]) if isinstance(value, list) else repr(str(value))


PROMISED = {
    "a.happy": Level.REQUIRED,
    "b.required": Level.REQUIRED,
    "c.recommended": Level.RECOMMENDED,
    "d.advisory": Level.ADVISORY,
}


def concluded(outcomes: dict[str, Outcome], *, strict: bool = False) -> Conclusion:
    verdicts = [Verdict(clause, "", PROMISED[clause], outcome) for clause, outcome in outcomes.items()]
    return conclude(verdicts, Terms(PROMISED, "a.happy", strict=strict))


GOOD = dict.fromkeys(PROMISED, Outcome.PASSED)


@pytest.mark.parametrize(
    ("change", "code", "strict_code"),
    [
        ({}, 0, 0),
        ({"b.required": Outcome.FAILED}, 1, 1),
        ({"c.recommended": Outcome.FAILED}, 0, 1),
        ({"d.advisory": Outcome.FAILED}, 0, 0),
        ({"d.advisory": Outcome.ERROR, "b.required": Outcome.FAILED}, 3, 3),
        ({"b.required": Outcome.NOT_IMPLEMENTED}, 7, 7),
        ({"b.required": Outcome.NOT_IMPLEMENTED, "a.happy": Outcome.FAILED}, 7, 7),
        ({"a.happy": Outcome.BLOCKED}, 8, 8),
        ({"a.happy": Outcome.NOT_APPLICABLE}, 8, 8),
        ({"b.required": Outcome.BLOCKED}, 8, 8),
        ({"c.recommended": Outcome.BLOCKED}, 0, 8),
        ({"b.required": Outcome.NOT_APPLICABLE}, 0, 0),
        ({"b.required": Outcome.KNOWN}, 0, 0),
        (dict.fromkeys(PROMISED, Outcome.NOT_APPLICABLE), 5, 5),
        (dict.fromkeys(PROMISED, Outcome.BLOCKED), 8, 8),
    ],
)
def test_the_exit_code_is_the_worst_finding(change: dict[str, Outcome], code: int, strict_code: int) -> None:
    assert concluded(GOOD | change).code == code
    assert concluded(GOOD | change, strict=True).code == strict_code


def test_a_check_that_was_not_run_is_no_success() -> None:
    assert concluded({"a.happy": Outcome.PASSED}).code is ExitCode.INCONCLUSIVE
    assert "b.required" in concluded({"a.happy": Outcome.PASSED}).sentence
    assert concluded({}).code is ExitCode.NOTHING_JUDGED
