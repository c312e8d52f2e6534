"""The page of a run: whole, valid, small, and deaf to what a target says."""

from __future__ import annotations

import base64
import itertools
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.deviations.entries import Deviation
from contracts.deviations.matching import Filed
from contracts.deviations.observation import Observation
from contracts.vocabulary import Actor, Outcome
from reports.formats.content.cells import cells
from reports.formats.content.documents import NotLaidOut, body_text, read, side_by_side
from reports.formats.content.sequence import leading_to
from reports.formats.content.words import compared
from reports.formats.html.anchors import RESERVED, Anchors
from reports.formats.html.page import render
from reports.formats.html.sources import source_of
from reports.formats.tally import results_of
from reports.rendering import FORMATS
from tests.pages import FAULT, OWNED, faulty, hostile
from tests.suite import ROOT

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree import ElementTree as ET

    from reports.run import Run

LARGEST = 1_000_000
HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def folder() -> Path:
    return faulty().folder


@pytest.fixture(scope="module")
def run() -> Run:
    return faulty().run


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return render(run)


@pytest.fixture(scope="module")
def hostile_page(run: Run) -> str:
    return render(hostile(run))


def parsed(text: str) -> ET.Element:
    """Parse the page; the first mistake in it raises html5lib's ParseError."""
    root: ET.Element = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True).parse(text)
    return root


@pytest.fixture(scope="module")
def root(page: str) -> ET.Element:
    return parsed(page)


@pytest.fixture(scope="module")
def hostile_root(hostile_page: str) -> ET.Element:
    return parsed(hostile_page)


def text_of(root: ET.Element) -> str:
    return "".join(root.itertext())


def tags(root: ET.Element) -> Counter[str]:
    return Counter(each.tag.rpartition("}")[2] for each in root.iter() if isinstance(each.tag, str))


def ids(root: ET.Element) -> list[str]:
    return [each.attrib["id"] for each in root.iter() if "id" in each.attrib]


@pytest.mark.parametrize("name", ["root", "hostile_root"])
def test_the_page_is_valid_and_every_link_in_it_leads_somewhere(name: str, request: pytest.FixtureRequest) -> None:
    root = request.getfixturevalue(name)
    assert [name for name, count in Counter(ids(root)).items() if count > 1] == []
    links = [each.attrib["href"] for each in root.iter(f"{HTML}a")]
    assert {each[1:] for each in links if each.startswith("#")} <= {*ids(root)}
    assert {each.partition(":")[0] for each in links if not each.startswith("#")} == {"https"}
    levels = [int(each.tag[-1]) for each in root.iter() if re.fullmatch(rf"{HTML}h\d", str(each.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [pair for pair in itertools.pairwise(levels) if pair[1] > pair[0] + 1] == []


@pytest.mark.parametrize("name", ["root", "hostile_root"])
def test_its_policy_allows_its_own_style_and_script_and_nothing_else(name: str, request: pytest.FixtureRequest) -> None:
    root = request.getfixturevalue(name)
    (policy,) = (
        e.attrib["content"] for e in root.iter(f"{HTML}meta") if e.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for tag in ("style", "script"):
        (element,) = root.iter(f"{HTML}{tag}")
        digest = base64.b64encode(sha256((element.text or "").encode()).digest()).decode()
        assert rules.pop(f"{tag}-src") == f"'sha256-{digest}'"
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    attributes = {name for each in root.iter() for name in each.attrib}
    assert not {name for name in attributes if name.startswith("on") or name in {"src", "style", "srcdoc", "action"}}
    assert [each.attrib["href"] for each in root.iter(f"{HTML}link")] == ["data:,"]


def test_what_a_target_says_is_shown_as_text(root: ET.Element, hostile_root: ET.Element, hostile_page: str) -> None:
    count = tags(hostile_root)
    assert {*count} <= {*tags(root)}
    assert (count["script"], count["style"], count["img"]) == (1, 1, 0)
    text = text_of(hostile_root)
    assert OWNED in text
    assert r"{{ 7*7 }} {% raw %} <!-- \x1b[31m\x07\u202e\x85\ud800\x00" in text
    assert not [each for each in hostile_page if not each.isprintable() and each != "\n"]
    assert re.search(r"\.\.\. \(1,0\d\d,\d{3} (characters|bytes) left out\)", text)
    assert hostile_page.encode()


def test_a_full_run_fits_into_little_more_than_a_megabyte_whatever_the_target_says(
    page: str, hostile_page: str
) -> None:
    assert 100_000 < len(page.encode()) < LARGEST
    assert len(hostile_page.encode()) < 2 * LARGEST


def test_everything_of_the_run_is_in_it_once(run: Run, root: ET.Element) -> None:
    text = " ".join(text_of(root).split())
    for each in run.judgements:
        assert " ".join(each.sentence.split()) in text
    classes = [(each.attrib.get("class", "").split(), each) for each in root.iter(f"{HTML}details")]
    clauses = [each.attrib["id"] for names, each in classes if "clause" in names]
    assert clauses == [*dict.fromkeys(each.verdict.clause for each in run.judgements)]
    exchanges = [each for names, each in classes if "exchange" in names]
    assert len(exchanges) == run.calls
    assert run.conclusion.sentence.removeprefix("not conformant: ") in text
    assert f"exit code {run.conclusion.code.value}" in text
    assert f"looks like `{FAULT}`" in text
    assert "HTTP status 400" in text
    failed = {each.clause for each in results_of(run) if run.name_of(each.outcome, each.level) == "failed"}
    assert {each.attrib["id"] for names, each in classes if {"clause", "failed"} <= {*names}} == failed != set()


def test_a_failed_clause_shows_what_differs_and_how_to_get_there(root: ET.Element) -> None:
    (clause,) = (each for each in root.iter(f"{HTML}details") if each.get("id") == "errors.status")
    assert "open" in clause.attrib
    marked = [each.text for each in clause.iter(f"{HTML}mark")]
    assert {"400", "403"} <= {*marked}
    text = text_of(clause)
    assert "python3 - <<'END'" in text
    assert "Recorded answer of the service" in text_of(root)
    judged = [each for each in clause.iter(f"{HTML}li") if "is-judged" in each.attrib["class"]]
    assert len(judged) == 1
    assert "CancelHandshake" in text_of(judged[0])


def test_deviations_on_file_stand_with_their_dates_and_only_links_that_are_addresses(run: Run) -> None:
    entry = Deviation(
        "entry 1", "errors.status", Observation(403, "Denied", "HTTP status 403"), "later", date(2027, 1, 31)
    )
    bad = replace(entry, place="entry 2", link="javascript:alert(1)")
    good = replace(entry, place="entry 3", link="https://example.com/issue?a=1&b=2")
    filed = tuple(Filed(each, "known") for each in (entry, bad, good))
    root = parsed(render(replace(run, deviations=filed)))
    text = text_of(root)
    assert "2027-01-31" in text
    assert "javascript:alert(1)" in text
    links = [each.attrib["href"] for each in root.iter(f"{HTML}a")]
    assert good.link in links
    assert bad.link not in links


@pytest.mark.long
def test_the_folder_has_what_the_command_renders_from_the_stream(folder: Path, run: Run, tmp_path: Path) -> None:
    report = folder / "report.jsonl"
    for each in FORMATS.values():
        output = tmp_path / each.file
        command = [
            sys.executable,
            "-m",
            "reports",
            "render",
            str(report),
            f"--format={each.name}",
            f"--output={output}",
        ]
        subprocess.run(command, cwd=ROOT, check=True, timeout=60)
        assert output.read_bytes() == (folder / each.file).read_bytes() == each.render(run).encode()
    assert {each.name for each in tmp_path.iterdir()} == {each.file for each in FORMATS.values()}
    done = subprocess.run(
        [sys.executable, "-m", "reports", "render", str(report), "--format=text"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.decode() == FORMATS["text"].render(run)


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["old.jsonl"], "it is in format 2, written by version '0.1.0' of the suite"),
        (["report.jsonl", "--output=missing/report.html"], "missing/report.html: No such file or directory"),
        (["report.jsonl", "--format=pdf"], "invalid choice: 'pdf'"),
    ],
)
def test_what_cant_be_rendered_is_refused_in_one_line(
    folder: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    text = (folder / "report.jsonl").read_text()
    (tmp_path / "report.jsonl").write_text(text)
    (tmp_path / "old.jsonl").write_text(text.replace('"format": 4', '"format": 2', 1))
    command = [sys.executable, "-m", "reports", "render", *arguments]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert told in line


def test_a_cell_of_the_table_has_the_checks_on_its_state_only(run: Run) -> None:
    changed = tuple(
        replace(each, verdict=replace(each.verdict, outcome=Outcome.FAILED))
        if each.verdict.name == "callers.recipient-closed:declined/recipient-declined"
        else each
        for each in run.judgements
    )
    table = cells(replace(run, judgements=changed))
    wrong = [(each.row, each.actor) for row in table for each in row if each.outcome == "failed"]
    assert wrong == [("DECLINED", Actor.RECIPIENT)]
    by_place = {(each.row, each.actor): each for row in table for each in row}
    assert by_place["OPEN", Actor.SENDER].answers == ("HTTP 200 with a handshake in state CANCELED",)
    assert by_place["REQUESTED", Actor.SENDER].outcome == ""
    assert by_place["OPEN", Actor.RECIPIENT].answers == ("HTTP 403 AccessDeniedException",)


def marks(body: str, other: str) -> tuple[list[str], list[str]]:
    both = side_by_side(read(body.encode()), read(other.encode()))
    left, right = ([f"{each.mark}: {each.text.strip()}" for each in lines if each.mark] for lines in both)
    return left, right


def test_members_that_differ_are_marked_and_those_that_differ_in_every_run_are_not() -> None:
    same = '{"Handshake": {"Id": "h-1a2b", "Arn": "arn:aws:o::1:h/o-1/i", "RequestedTimestamp": 1795873733.1}}'
    other = '{"Handshake": {"Id": "h-zz99", "Arn": "arn:aws:o::2:h/o-2/i", "RequestedTimestamp": 1700000000.5}}'
    assert marks(same, other) == ([], [])
    assert marks(same, other.replace("1700000000.5", "1700000000500")) != ([], [])
    left, right = marks(
        '{"State": "OPEN", "Parties": [1], "x": {"y": 1.50}}', '{"State": "CANCELED", "Parties": [1, 2]}'
    )
    assert left == ['differs: "State": "OPEN",', 'only here: "x": {', 'only here: "y": 1.50', "only here: }"]
    assert right == ['differs: "State": "CANCELED",', "only here: 2"]
    assert marks('{"a": []}', '{"a": {}}') == (['differs: "a": []'], ['differs: "a": {}'])


def test_sentences_are_marked_word_by_word_unless_they_have_little_in_common() -> None:
    left, right = compared("HTTP status 400", "HTTP status 403")
    assert [each.text for each in (*left, *right) if each.differs] == ["400", "403"]
    assert not [each for side in compared("an error", "HTTP 200 with state OPEN") for each in side if each.differs]


def test_a_sequence_leads_to_the_call_that_is_judged(run: Run) -> None:
    transcript = next(each for each in run.transcripts if each.scenario == "callers")
    made = leading_to(transcript, "callers/recipient-open", {"callers/recipient-open", "callers/before"})
    assert [each.exchange.step for each in made.steps if each.judged] == ["recipient-open"]
    assert [each.exchange.step for each in made.steps][:2] == ["invite", "before"]
    assert made.steps[-1].judged
    assert made.left_out == len(transcript.exchanges) - len(made.steps) > 0
    assert {made.lanes[each.lane] == each.exchange.actor for each in made.steps} == {True}


def test_ids_are_unique_and_leave_the_sections_theirs() -> None:
    anchors = Anchors()
    names = [
        ("", "errors.status"),
        ("exchange", "a/b"),
        ("exchange", "a b"),
        ("exchange", "a#b"),
        ("", "section-counts"),
    ]
    given = [anchors.of(*name) for name in names]
    assert len({*given, anchors.of("", ""), anchors.of("", "<b>")}) == len(given) + 2
    assert given == [anchors.of(*name) for name in names]
    assert not [each for each in given if each.startswith(RESERVED)]


def test_sources_are_links_where_an_address_is_known() -> None:
    model = "organizations 2016-11-28, botocore 1.44.5"
    assert source_of("model:/shapes/X", model).address.startswith("https://github.com/boto/botocore/blob/1.44.5/")
    assert source_of("model:/shapes/X", "another").address == ""
    assert "9dc356f5" in source_of("recording:organizations-2026-09-13#sender cancels OPEN", model).address
    assert source_of("recording:nothing#x", model).address == ""
    assert source_of("javascript:alert(1)", model).address == ""


@given(
    st.binary(max_size=300) | st.sampled_from([b"[" * 100_000, b'{"a":' * 300 + b"1" + b"}" * 300, b"NaN", b"1e999"])
)
def test_any_answer_can_be_shown(body: bytes) -> None:
    assert isinstance(body_text(body), str)
    try:
        value = read(body)
        left, _ = side_by_side(value, {"State": "OPEN"})
    except NotLaidOut:
        return
    assert left
