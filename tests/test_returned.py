"""One answer as an SDK's caller got it: judged without a wire, and the example on boto3's own page in particular."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from contracts.model.operation import SERVICE, output_shape
from contracts.model.returned import on_wire, returned
from fixtures.reference import FIXED_SECRET, Reference
from tests.suite import ROOT, Finished, suite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXAMPLE = ROOT / "docs/boto3-example.json"
ERRORS = {
    "wire.sdk-success": "time tuples",
    "response.expiry": "14 days",
    "response.invited-resource": "by EMAIL, and an ACCOUNT as the resource",
    "response.organization-party-bare": "with o-",
}
NO_WIRE = "what an SDK returned doesn't show what was on the wire"
SENDER = "111111111111"


def example() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return content


def judged(content: dict[str, Any], folder: Path, *options: str) -> Finished:
    path = folder / "answer.json"
    path.write_text(json.dumps(content, default=str), encoding="utf-8")
    return suite(folder, f"--replay={path}", *options)


def test_the_example_on_boto3s_page_has_four_errors_that_are_known_and_no_other(tmp_path: Path) -> None:
    finished = suite(tmp_path, "--replay=docs/boto3-example.json", "--strict")
    assert finished.code == 0, finished.output
    assert finished.clauses("known") == ERRORS.keys()
    assert set(finished.counts()) == {"passed", "known", "not-applicable"}
    for clause, words in ERRORS.items():
        assert words in " ".join(finished.fields_of(clause)["because"])
    assert "SDK's answer boto3-example" in finished.output


def test_without_the_reasons_on_file_exactly_these_four_fail(tmp_path: Path) -> None:
    finished = judged(example() | {"known": {}}, tmp_path, "--strict")
    assert finished.code == 1, finished.output
    assert finished.clauses("failed") == ERRORS.keys()
    actual = {clause: " ".join(finished.fields_of(clause)["actual"]) for clause in ERRORS}
    assert "RequestedTimestamp (2017, 2, 14, 12, 15, 0, 1, 45, 0)" in actual["wire.sdk-success"]
    assert f"{14 * 24 * 60 * 60}.000 s after it" in actual["response.expiry"]
    assert "['ACCOUNT']" in actual["response.invited-resource"]
    assert "o-" in actual["response.organization-party-bare"]


def test_the_example_put_right_fails_nothing_and_its_reasons_are_out_of_date(tmp_path: Path) -> None:
    content = example()
    handshake = content["output"]["Handshake"]
    handshake |= {"RequestedTimestamp": "2017-02-14T12:15:00+00:00", "ExpirationTimestamp": "2017-03-01 12:15:00+00:00"}
    handshake["Parties"][0]["Id"] = "exampleorgid"
    handshake["Resources"][1] = {"Type": "EMAIL", "Value": "susan@example.com"}
    finished = judged(content | {"known": {}}, tmp_path, "--strict")
    assert (finished.code, finished.clauses("failed")) == (0, set()), finished.output
    assert finished.clauses("passed") >= ERRORS.keys()
    assert judged(content, tmp_path).clauses("failed") == ERRORS.keys()


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    """Return what a boto3 client returned for a cancellation, and what was asked for, of a reference."""
    with Reference.start(seed=7) as reference:
        client = boto3.Session().client(
            SERVICE,
            endpoint_url=reference.url,
            region_name="us-east-1",
            aws_access_key_id=SENDER,
            aws_secret_access_key=FIXED_SECRET,
        )
        organization = client.create_organization()["Organization"]["Id"]
        invited = client.invite_account_to_organization(Target={"Type": "EMAIL", "Id": "a@example.com"}, Notes="n")
        asked = {"HandshakeId": invited["Handshake"]["Id"]}
        output = client.cancel_handshake(**asked)
    return {
        "kind": "sdk",
        "organization": organization,
        "accounts": {"sender": SENDER},
        "input": asked,
        "output": output,
    }


def test_what_boto3_returned_is_judged_as_its_callers_keep_it(answer: dict[str, Any], tmp_path: Path) -> None:
    finished = judged(answer, tmp_path, "--strict")
    assert (finished.code, finished.clauses("failed")) == (0, set()), finished.output
    assert finished.clauses("passed") >= {"response.schema", "response.arn", "transitions.sender-open", *ERRORS}
    because = {each.verdict.clause for each in finished.run.judgements if each.verdict.because == NO_WIRE}
    assert because >= {
        "response.no-unknown-members",
        "response.timestamps-in-seconds",
        "wire.content-type",
        "wire.no-nulls",
    }
    assert not because & finished.clauses("passed")


def test_no_more_is_needed_than_what_was_asked_and_returned(answer: dict[str, Any], tmp_path: Path) -> None:
    finished = judged({key: answer[key] for key in ("kind", "input", "output")}, tmp_path)
    assert (finished.code, finished.clauses("failed")) == (0, set()), finished.output
    assert {"response.state-canceled", "wire.sdk-success"} <= finished.clauses("passed")
    assert "response.arn" not in finished.clauses("passed")  # nobody knows whose handshake it is


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        (lambda handshake: handshake.update(State="OPEN"), "response.state-canceled"),
        (lambda handshake: handshake.pop("Arn"), "response.members-present"),
        (lambda handshake: handshake.update(RequestedTimestamp="2026-11-28T12:00:00"), "wire.sdk-success"),  # no zone
        (lambda handshake: handshake.update(ExpirationTimestamp="soon"), "response.schema"),
    ],
    ids=["another state", "a member missing", "no time zone", "no timestamp"],
)
def test_what_is_wrong_with_it_is_found(
    change: Callable[[dict[str, Any]], Any], clause: str, answer: dict[str, Any], tmp_path: Path
) -> None:
    content = json.loads(json.dumps(answer, default=str))
    change(content["output"]["Handshake"])
    finished = judged(content, tmp_path)
    assert clause in finished.clauses("failed"), finished.output
    assert finished.code == 1


def test_its_report_is_replayed_to_the_same_verdicts(tmp_path: Path) -> None:
    first = judged(example() | {"known": {}}, tmp_path)
    kept = tmp_path / "kept.jsonl"
    (tmp_path / "report.jsonl").rename(kept)
    again = suite(tmp_path, f"--replay={kept}")
    assert again.verdicts() == Finished(first.code, first.output, tmp_path, kept.name).verdicts()


@pytest.mark.parametrize("lacking", ["input", "output"])
def test_a_file_that_lacks_what_is_needed_is_bad_usage(lacking: str, tmp_path: Path) -> None:
    content = {key: value for key, value in example().items() if key != lacking}
    finished = judged(content, tmp_path)
    assert (finished.code, lacking in finished.output) == (4, True), finished.output


@pytest.mark.parametrize("output", [{}, "x", {"Handshake": {"Parties": "x", "Resources": [3]}}])
def test_no_odd_output_is_an_error_of_the_suite(output: Any, tmp_path: Path) -> None:
    finished = judged(example() | {"output": output, "known": {}}, tmp_path)
    assert finished.code in {1, 5, 8}, finished.output
    assert finished.clauses("error") == set()


def test_a_timestamp_is_read_as_its_caller_sees_it_and_as_it_was_sent() -> None:
    kept = {
        "Handshake": {"Id": "h-1", "RequestedTimestamp": "1970-01-02T00:00:00+00:00", "Resources": [{"Value": "x"}]}
    }
    assert on_wire(kept, output_shape()) == {"Handshake": kept["Handshake"] | {"RequestedTimestamp": 86400.0}}
    assert returned(kept, output_shape())["Handshake"]["RequestedTimestamp"].isoformat() == "1970-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    "odd", [[10**30] * 6, [], [1], ["x"] * 9, {}, None, True, "0001-01-01T00:00:00+23:59", "9" * 400]
)
def test_no_odd_timestamp_breaks_the_reading(odd: Any) -> None:
    kept = {"Handshake": {"RequestedTimestamp": odd}}
    as_returned = tuple(odd) if isinstance(odd, list) else odd
    assert on_wire(kept, output_shape()) is not None
    if not isinstance(odd, str):
        assert on_wire(kept, output_shape()) == kept
        assert returned(kept, output_shape()) == {"Handshake": {"RequestedTimestamp": as_returned}}
