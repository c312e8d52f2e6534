"""Every format of a report, by its own schema or parser, for a healthy run, a faulty one, moto and a hostile target."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator, Draft6Validator
from markdown_it import MarkdownIt

from contracts.judging.conclusion import Conclusion
from contracts.printing.visible import visible
from contracts.vocabulary import ExitCode, Level, Outcome
from fixtures.reference import Reference
from fixtures.reference.faults import fault
from fixtures.reference.faults.composition import compose
from fixtures.reference.parts import Parts
from fixtures.reference.protocol.rendering import Renderer
from reports import stream
from reports.formats import junit
from reports.formats.badge.message import badge
from reports.formats.interchange.checks import COLUMNS, cell
from reports.formats.interchange.sarif_rules import LEVELS
from reports.formats.markdown import escape, report
from reports.formats.tally import results_of
from reports.rendering import FORMATS, STREAM_FILE
from tests.endpoints import moto
from tests.suite import ROOT, Finished, suite
from tests.test_reports import everything, judgement
from tests.test_reports import run as made_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.judging.exchange import Exchange
    from fixtures.reference.organizations.views import Document
    from fixtures.reference.protocol.refusal import Refusal
    from reports.run import Judgement, Run

SCHEMAS = Path(__file__).parent / "schemas"
THREE = ("denied-is-403", "reason-missing", "timestamps-in-milliseconds")
MIXED = (
    "<script>alert(1)</script> `code` ``` | \\| a | [link](https://evil.example/a) ![i](https://evil.example/b.png) "
    "www.evil.example https://evil.example/c someone@evil.example @everyone #1 *b* _i_ ~s~ $x$ :bug: &lt; <!-- --> "
    "</details> \x1b[2J\x00\u202e =1+1\n# heading\n| a | b |\n|---|---|\n~~~\n"
)
HTML = {"<code>", "</code>", "<br>", "<!-- -->", "<details><summary>Evidence</summary>", "</details>"}


class Hostile(Renderer):
    """Says in each refusal what would be obeyed somewhere."""

    def error(self, refusal: Refusal) -> Document:
        return super().error(refusal) | {"Message": MIXED, "Reason": MIXED}


def swollen(run: Run) -> Run:
    """Return the run as if the target had said a megabyte more where it failed first, and a lone surrogate."""
    more = "\ud800" + "<b>" * 350_000
    wrong = [each for each in run.judgements if each.verdict.outcome is Outcome.FAILED][:1]
    judged = {each.verdict.exchanges[0] for each in wrong}
    grown = {
        id(each): replace(each, verdict=replace(each.verdict, actual=each.verdict.actual + more)) for each in wrong
    }
    transcripts = [
        replace(each, exchanges=tuple(answered(one, more) if one.id in judged else one for one in each.exchanges))
        for each in run.transcripts
    ]
    return replace(
        run,
        judgements=tuple(grown.get(id(each), each) for each in run.judgements),
        transcripts=tuple(transcripts),
    )


def answered(exchange: Exchange, more: str) -> Exchange:
    assert exchange.response is not None
    body = json.dumps(exchange.document | {"Message": f"{exchange.message}{more}"}).encode()
    return replace(exchange, response=replace(exchange.response, body=body))


@pytest.fixture(scope="module", params=["healthy", "faulty", pytest.param("moto", marks=pytest.mark.long), "hostile"])
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "moto":
        with moto() as url:
            yield suite(folder, f"--endpoint-url={url}")
        return
    parts = {"healthy": Parts(), "faulty": compose(map(fault, THREE)), "hostile": Parts(renderer=Hostile)}
    with Reference.start(parts=parts[request.param]) as reference:
        done = suite(folder, "--target=reference", f"--endpoint-url={reference.url}")
    if request.param == "hostile":
        stream.write(swollen(stream.read(folder / STREAM_FILE)), folder / STREAM_FILE)
        for each in FORMATS.values():
            each.write(done.run, folder / each.file)
    yield done


def text_of(finished: Finished, name: str) -> str:
    return (finished.folder / FORMATS[name].file).read_bytes().decode()


def failed(run: Run) -> list[str]:
    return [each.verdict.name for each in run.judgements if each.verdict.outcome is Outcome.FAILED]


def test_the_runs_are_what_they_are_for(finished: Finished) -> None:
    code = {"healthy": 0, "faulty": 1, "moto": 7, "hostile": 1}[finished.folder.name[:-1]]
    assert finished.code == code, finished.output[-2000:]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_and_made_again_from_the_stream(finished: Finished, name: str) -> None:
    assert FORMATS[name].render(finished.run) == text_of(finished, name)


def test_nothing_that_a_terminal_obeys_is_in_any_file(finished: Finished) -> None:
    for each in FORMATS.values():
        text = text_of(finished, each.name)
        assert not {*"\x1b\x00\u202e"} & {*text}, each.name


def parsed(text: str) -> list[Any]:
    """Return the tokens of the page, with what GitHub makes a link of by itself."""
    tokens = MarkdownIt("gfm-like").parse(text)
    return [each for token in tokens for each in [token, *(token.children or [])]]


def told(tokens: list[Any]) -> str:
    return "".join(
        each.content for each in tokens if each.type in {"text", "text_special", "fence"} and not each.children
    )


class TestMarkdown:
    def test_nothing_in_it_is_obeyed(self, finished: Finished) -> None:
        text = text_of(finished, "markdown")
        tokens = parsed(text)
        sources = {source for each in finished.run.judgements for source in each.sources}
        links = {str(each.attrs["href"]) for each in tokens if each.type == "link_open"}
        assert links <= sources
        assert not [each for each in tokens if each.type == "image"]
        assert {each.content.strip() for each in tokens if each.type in {"html_inline", "html_block"}} <= HTML
        opened = [each.tag for each in tokens if each.type == "heading_open"]
        assert opened.count("h1") == 1

    def test_its_tables_hold_together_and_it_fits_a_summary(self, finished: Finished) -> None:
        text = text_of(finished, "markdown")
        assert len(text.encode()) < 2**20
        tokens = parsed(text)
        cells, rows, inside = 0, [], False
        for each in tokens:
            inside = each.type == "tr_open" or (inside and each.type != "tr_close")
            cells = 0 if each.type == "tr_open" else cells + (each.type in {"td_open", "th_open"})
            rows += [cells] if each.type == "tr_close" else []
        lines = [line for line in text.splitlines() if line.startswith("| ")]
        assert len(rows) == len(lines), "each of them is a row of a table"

    def test_it_names_every_failed_clause_and_says_the_verdict(self, finished: Finished) -> None:
        text = told(parsed(text_of(finished, "markdown")))
        assert finished.run.conclusion.sentence.rpartition(": ")[2] in text
        for name in failed(finished.run):
            assert name.partition(":")[0] in text

    def test_hostile_text_is_shown_as_it_is(self) -> None:
        for show in (escape.plain, escape.code, escape.prose):
            tokens = parsed(f"| a |\n|---|\n| {show(MIXED)} |\n")
            assert told(tokens) == "a" + " ".join(visible(MIXED).split()) or show is escape.prose
            assert not [each for each in tokens if each.type in {"link_open", "image", "em_open", "strong_open"}]
            html = {each.content for each in tokens if each.type.startswith("html")}
            assert html <= {"<!-- -->", "<code>", "</code>"}

    def test_a_block_of_code_ends_where_it_should(self) -> None:
        tokens = parsed("\n".join([*escape.fence([MIXED, "````"]), "after"]))
        assert [each.type for each in tokens if each.type == "fence"] == ["fence"]
        assert "after" not in next(each.content for each in tokens if each.type == "fence")

    def test_what_is_too_much_is_left_out_and_counted(self) -> None:
        many = [judgement(Outcome.FAILED, f"errors.x{n}", actual="y" * 2_500) for n in range(20)]
        page = report.render(made_up(*many), most=30_000)
        kept = page.count("\n### ")
        assert 0 < kept < 20
        assert f"\n{20 - kept} failed clauses left out of these details: the page would be too large.\n" in page
        assert len(page.encode()) <= 30_000
        assert len(report.render(made_up(*many)).encode()) < 2**20
        huge = [judgement(Outcome.FAILED, f"errors.x{n}", actual=MIXED * 5) for n in range(60)]
        assert len(report.render(made_up(*huge)).encode()) < 2**20

    def test_a_sentence_keeps_its_code(self) -> None:
        assert escape.prose("The `bad` id | is") == "The <code>bad</code> id &#124; is"


@pytest.fixture(scope="module")
def sarif_schema() -> Draft4Validator:
    return Draft4Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))


class TestSarif:
    def log(self, text: str, schema: Draft4Validator) -> dict[str, Any]:
        log: dict[str, Any] = json.loads(text)
        assert [error.message for error in schema.iter_errors(log)] == []
        (run,) = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
        prints = [each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]]
        assert len(prints) == len({*prints})
        return dict(run)

    def test_it_is_valid_and_holds_every_failure(self, finished: Finished, sarif_schema: Draft4Validator) -> None:
        run = self.log(text_of(finished, "sarif"), sarif_schema)
        results = run["results"]
        found = [f"{each['ruleId']}:{each['properties']['case']}".rstrip(":") for each in results]
        lacking = [each.verdict.name for each in finished.run.judgements if each.verdict.outcome == "not-implemented"]
        assert found == failed(finished.run) + lacking[:1]
        assert run["invocations"][0]["exitCode"] == finished.code
        assert len(text_of(finished, "sarif")) < 10 * 2**20
        clauses = (ROOT / "contracts" / "clauses.toml").read_text(encoding="utf-8").splitlines()
        for each in results:
            line = each["locations"][0]["physicalLocation"]["region"]["startLine"]
            assert clauses[line - 1] == f'id = "{each["ruleId"]}"'

    def test_levels_suppressions_and_the_suites_own_errors(self, sarif_schema: Draft4Validator) -> None:
        run = self.log(FORMATS["sarif"].render(everything()), sarif_schema)
        by_rule = {each["ruleId"]: each for each in run["results"]}
        assert by_rule.keys() == {"errors.failed", "errors.known", "errors.not-implemented"}
        assert by_rule["errors.known"]["suppressions"][0]["justification"] == "because known"
        assert "suppressions" not in by_rule["errors.failed"]
        (notified,) = run["invocations"][0]["toolExecutionNotifications"]
        assert notified["message"]["text"] == "errors.error: because error"
        for level, word in LEVELS.items():
            made = FORMATS["sarif"].render(made_up(judgement(Outcome.FAILED, "errors.x", level)))
            assert self.log(made, sarif_schema)["results"][0]["level"] == word
        assert [*LEVELS] == [*Level]

    def test_a_run_without_a_verdict_is_no_success(self, sarif_schema: Draft4Validator) -> None:
        for code in ExitCode:
            value = replace(made_up(), conclusion=Conclusion(code, "so it was"))
            (invocation,) = self.log(FORMATS["sarif"].render(value), sarif_schema)["invocations"]
            assert invocation["executionSuccessful"] is (code in {ExitCode.CONFORMANT, ExitCode.FAILED})
            assert bool(invocation["toolExecutionNotifications"]) is not invocation["executionSuccessful"]

    def test_a_fingerprint_is_the_same_whatever_was_answered(self) -> None:
        one, other = (
            json.loads(FORMATS["sarif"].render(made_up(judgement(Outcome.FAILED, "errors.x", actual=told))))
            for told in ("this", "that")
        )
        first, second = (log["runs"][0]["results"][0]["partialFingerprints"] for log in (one, other))
        assert first == second


class TestHar:
    def test_it_is_valid_and_holds_every_exchange(self, finished: Finished) -> None:
        schema = json.loads((SCHEMAS / "har-1.2.json").read_text(encoding="utf-8"))
        archive = json.loads(text_of(finished, "har"))
        assert [error.message for error in Draft6Validator(schema).iter_errors(archive)] == []
        pages = {each["id"] for each in archive["log"]["pages"]}
        entries = archive["log"]["entries"]
        for entry, exchange in zip(entries, finished.run.exchanges, strict=True):
            assert entry["comment"].startswith(f"{exchange.id}: {exchange.operation} as {exchange.actor}")
            assert entry["pageref"] in pages
            assert entry["response"]["status"] == (exchange.status or 0)
            content = entry["response"]["content"]
            body = base64.b64decode(content["text"]) if "encoding" in content else content["text"].encode()
            assert body == (exchange.response.body if exchange.response else b"")

    def test_an_answer_that_never_came_and_bytes_that_are_no_text(self) -> None:
        entries = json.loads(FORMATS["har"].render(made_up()))["log"]["entries"]
        lost, echo = entries[3], entries[1]
        assert (lost["response"]["status"], lost["response"]["bodySize"]) == (0, -1)
        assert "no answer: reset by peer" in lost["comment"]
        assert base64.b64decode(echo["request"]["postData"]["text"]) == b"\xff\x00{"


class TestCsv:
    def test_a_row_for_each_check_and_no_formula(self, finished: Finished) -> None:
        text = text_of(finished, "csv")
        columns, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        assert tuple(columns) == COLUMNS
        assert [(row[0], row[6]) for row in rows] == [
            (each.verdict.clause, each.verdict.outcome) for each in finished.run.judgements
        ]
        assert {len(row) for row in rows} == {len(COLUMNS)}
        assert max(len(each) for row in rows for each in row) < 32_767
        assert not [each for row in rows for each in row if each.lstrip().startswith(("=", "+", "-", "@"))]
        assert text.count("\r\n") >= len(rows) + 1

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\n=1"])
    def test_a_formula_is_shown_as_text(self, text: str) -> None:
        assert cell(text) == f"'{text}"

    def test_what_is_no_formula_stays(self) -> None:
        assert cell("HTTP status 400") == "HTTP status 400"
        assert cell("\t=1") == "\\t=1"


class TestBadge:
    def test_the_image_and_the_json_say_the_same(self, finished: Finished) -> None:
        image = ET.fromstring(text_of(finished, "badge"))
        value = json.loads(text_of(finished, "badge-json"))
        assert value.keys() == {"schemaVersion", "label", "message", "color", "isError"}
        name = f"{value['label']}: {value['message']}"
        assert image.attrib["aria-label"] == name == image[0].text
        texts = [each.text for each in image if each.tag.endswith("text")]
        assert texts == [value["label"], value["message"]]
        said = {"healthy": "conformant", "faulty": "4 failed", "moto": "not implemented", "hostile": "failed"}
        assert said[finished.folder.name[:-1]] in value["message"]

    @pytest.mark.parametrize("code", ExitCode)
    def test_nothing_but_conformance_is_green(self, code: ExitCode) -> None:
        value = replace(made_up(), conclusion=Conclusion(code, "so it was", 3, 3))
        assert (badge(value).color == "#1a7f37") is (code is ExitCode.CONFORMANT)
        assert badge(value).message

    def test_how_much_was_judged_and_what_is_on_file(self) -> None:
        part = replace(made_up(), conclusion=Conclusion(ExitCode.CONFORMANT, "in part", 3, 5))
        assert badge(part).message == "conformant, 3 of 5 judged"
        assert badge(part).color != "#1a7f37"
        known = replace(
            made_up(judgement(Outcome.KNOWN, "errors.x")), conclusion=Conclusion(ExitCode.CONFORMANT, "but", 5, 5)
        )
        assert badge(known).message == "conformant, 1 known deviation"


def command(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    line = [sys.executable, "-m", "reports", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, check=False, timeout=60)


class TestRender:
    def test_a_report_is_made_again_from_its_file(self, finished: Finished, tmp_path: Path) -> None:
        kept = finished.folder / "report.jsonl"
        done = command("render", str(kept), "--format=all", f"--output={tmp_path / 'new'}")
        assert (done.returncode, done.stderr) == (0, b"")
        for each in FORMATS.values():
            assert (tmp_path / "new" / each.file).read_bytes() == (finished.folder / each.file).read_bytes(), each.name
        printed = command("render", str(kept), "--format=markdown")
        assert printed.stdout == (finished.folder / "report.md").read_bytes()

    def test_what_cannot_be_rendered_is_said_in_a_line(self, tmp_path: Path) -> None:
        missing = command("render", str(tmp_path / "none"), "--format=text")
        assert (missing.returncode, missing.stderr.count(b"\n")) == (4, 1)
        stream.write(everything(), tmp_path / "report.jsonl")
        nowhere = command("render", str(tmp_path / "report.jsonl"), "--format=all")
        assert (nowhere.returncode, nowhere.stderr.count(b"\n")) == (4, 1)
        assert b"--output" in nowhere.stderr


OLD = Path(__file__).parent / "old_reports"


def old_report(number: int, folder: Path) -> Path:
    path = folder / "report.jsonl"
    path.write_bytes(gzip.decompress((OLD / f"format-{number}.jsonl.gz").read_bytes()))
    return path


@pytest.mark.parametrize("number", [1, 2])
def test_a_report_of_an_older_format_is_refused_with_both_versions(number: int, tmp_path: Path) -> None:
    path = old_report(number, tmp_path)
    done = command("render", str(path), "--format=text")
    assert done.returncode == 4
    (line,) = done.stderr.decode().splitlines()
    assert (
        f"it is in format {number}, written by version '0.1.0' of the suite; this one, 0.1.0, reads the formats 3 and 4"
        in line
    )
    with pytest.raises(stream.OtherFormat):
        stream.read(path)


def test_a_report_that_an_earlier_suite_wrote_in_this_format_renders(tmp_path: Path) -> None:
    path = old_report(3, tmp_path)
    run = stream.read(path)
    assert [each.clause for each in results_of(run)] == ["errors.reason"]
    for each in FORMATS.values():
        assert each.render(run), each.name


class TestJunit:
    @pytest.mark.parametrize("code", [each for each in ExitCode if each is not ExitCode.FAILED])
    @pytest.mark.parametrize("checks", [(), (judgement(Outcome.BLOCKED, "errors.x"),)])
    def test_a_run_without_success_is_red_although_no_check_failed(
        self, code: ExitCode, checks: tuple[Judgement, ...]
    ) -> None:
        root = ET.fromstring(junit.render(replace(made_up(*checks), conclusion=Conclusion(code, "so it was"))))
        told = [each.get("message") for each in root.iter("error")]
        assert told == ([] if code is ExitCode.CONFORMANT else ["so it was"])
        assert root.get("errors") == str(len(told))
        assert root.get("tests") == str(len([*root.iter("testcase")])) == str(len(told) + len(checks))
