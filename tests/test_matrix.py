"""Several runs beside each other and one after the other: matrices and histories, as Markdown and as HTML."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from contracts.vocabulary import Level, Outcome
from reports import stream
from reports.formats.several import html, markdown
from reports.several.entries import Entry, slugs
from reports.several.history import histories
from reports.several.matrix import matrix
from tests import example
from tests.suite import ROOT, suite
from tests.test_formats import MIXED, old_report
from tests.test_reports import judgement
from tests.test_reports import run as made_up

if TYPE_CHECKING:
    from pathlib import Path

    from reports.run import Judgement, Run

VOID = {"meta", "br", "polyline"}


def entry(target: str, day: int, *judgements: Judgement, options: tuple[str, ...] = (), suite: str = "0.1") -> Entry:
    made = made_up(*judgements)
    facts = replace(made.header.target, name=target, options=options)
    header = replace(made.header, target=facts, started=f"2026-11-{day:02}T12:00:00+00:00", suite=suite)
    return Entry(f"{target}-{day}.jsonl", replace(made, header=header))


def passed(clause: str) -> Judgement:
    return judgement(Outcome.PASSED, clause)


def wrong(clause: str, level: Level = Level.REQUIRED) -> Judgement:
    return judgement(Outcome.FAILED, clause, level)


class Page(HTMLParser):
    """Reads a page, and complains of elements that aren't closed and of ids that stand twice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        self.told = ""
        self.feed(text)
        self.close()
        assert not self.open
        assert len(self.ids) == len({*self.ids})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open += [] if tag in VOID else [tag]
        given = dict(attrs)
        assert not [name for name in given if name.startswith("on") or name in {"style", "src"}]
        self.ids += [str(given["id"])] if "id" in given else []
        self.links += [str(given["href"])] if "href" in given else []

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.told += data


def rows_of(text: str) -> list[list[str]]:
    """Return the texts of the cells of each row of the tables in the page of Markdown."""
    rows: list[list[str]] = []
    inside = False
    for token in MarkdownIt("gfm-like").parse(text):
        inside = token.type == "tr_open" or (inside and token.type != "tr_close")
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and inside:
            rows[-1].append("".join(each.content for each in token.children or [] if each.type.startswith("text")))
    return rows


class TestMatrix:
    def test_clauses_by_targets_in_the_order_of_the_newest_contract(self) -> None:
        one = entry("one", 1, passed("errors.a"), wrong("errors.b"), suite="0.1")
        two = entry("two", 2, passed("errors.c"), wrong("errors.a"), suite="0.2")
        made = matrix([one, two])
        assert [row.clause for row in made.rows] == ["errors.c", "errors.a", "errors.b"]
        assert [[each and each.name for each in row.cells] for row in made.rows] == [
            [None, "passed"],
            ["passed", "failed"],
            ["failed", None],
        ]
        text = markdown.matrix_page(made)
        assert "2 versions of suite and contract" in text
        assert "2 clauses are not in all of them" in text
        assert ["errors.c", "required", "not in the report", "✓ passed"] in rows_of(text)
        assert "not in the report" in Page(html.matrix_page(made)).told

    def test_of_one_target_the_newest_run_counts_and_the_others_are_named(self) -> None:
        runs = [entry("one", day, passed("errors.a")) for day in (2, 3, 1)]
        (column,) = matrix(runs).columns
        assert (column.entry.day, [each.day for each in column.older]) == ("2026-11-03", ["2026-11-01", "2026-11-02"])
        for text in (markdown.matrix_page(matrix(runs)), markdown.target_page(column)):
            assert "2026-11-01" in text
        assert "2026-11-01" in Page(html.target_page(column)).told

    def test_faults_tell_references_apart_and_every_target_has_a_page(self) -> None:
        runs = [entry("reference", 1, wrong("errors.a"), options=(f"--fault={name}",)) for name in ("a", "b")]
        assert [column.entry.target for column in matrix(runs).columns] == ["reference with a", "reference with b"]
        assert [*slugs(["A b", "a-b", "a/b", "✓"]).values()] == ["a-b", "a-b-2", "a-b-3", "target"]

    def test_a_page_says_how_the_target_was_run(self) -> None:
        (column,) = matrix([entry("one", 1, wrong("errors.a"), passed("errors.b"), options=("--target=one",))]).columns
        page, told = rows_of(markdown.target_page(column)), Page(html.target_page(column)).told
        assert ["Options", "--target=one"] in page
        assert ["recipient", "missing", "the call as 222222222222 answered 403"] in page
        assert ["errors.a", "required", "✗ failed", "errors.a holds.", "400 That"] in page
        assert "errors.b" not in told
        for part in ("--target=one", "missing", "errors.a", "400 That", "exit 1", "not strict"):
            assert part in told


class TestHistory:
    def test_what_broke_what_was_mended_and_since_when(self) -> None:
        blocked = judgement(Outcome.BLOCKED, "errors.a")
        runs = [
            entry("one", 1, passed("errors.a"), wrong("errors.b"), passed("errors.c")),
            entry("one", 2, blocked, passed("errors.b"), passed("errors.c")),
            entry("one", 3, wrong("errors.a"), passed("errors.b"), passed("errors.d")),
            entry("one", 4, wrong("errors.a"), passed("errors.b"), passed("errors.d")),
        ]
        (made,) = histories(reversed(runs))
        assert [(each.kind, each.clause, each.entry.day[-2:]) for each in made.events] == [
            ("mended", "errors.b", "02"),
            ("no longer judged", "errors.a", "02"),
            ("broke", "errors.a", "03"),
            ("new", "errors.d", "03"),
            ("gone", "errors.c", "03"),
        ]
        (since,) = made.wrong
        assert (since.standing.clause, since.first.day, since.passed and since.passed.day) == (
            "errors.a",
            "2026-11-03",
            "2026-11-01",
        )
        text = markdown.history_page((made,))
        assert any(row[0].startswith("2026-11-03") and "broke: errors.a" in row[-1] for row in rows_of(text))
        assert "broke: errors.a" in " ".join(Page(html.history_page((made,))).told.split())

    def test_what_never_passed_is_said(self) -> None:
        (made,) = histories([entry("one", 1, wrong("errors.a")), entry("two", 1, passed("errors.a"))][:1])
        assert [each.passed for each in made.wrong] == [None]
        assert "never" in markdown.history_page((made,))

    def test_targets_apart(self) -> None:
        made = histories([entry("one", 1, passed("errors.a")), entry("two", 2, wrong("errors.a"))])
        assert [(each.target, each.events) for each in made] == [("one", ()), ("two", ())]

    def test_the_trend_goes_down_where_less_passes(self) -> None:
        (made,) = histories([entry("one", 1, passed("errors.a")), entry("one", 2, wrong("errors.a"))])
        assert html.trend(made) == {"passed": "0.0,0.0 240.0,48.0", "failed": "0.0,48.0 240.0,0.0"}


def hostile() -> Entry:
    told = judgement(Outcome.FAILED, "errors.a", actual=MIXED + "x" * 1_000_000, because=MIXED)
    return entry(MIXED, 1, replace(told, sentence=MIXED), options=(MIXED,))


@pytest.mark.parametrize("kind", ["matrix", "target", "history"])
class TestPages:
    def pages(self, kind: str) -> tuple[str, str]:
        entries = [hostile(), entry("one", 2, wrong("errors.b"))]
        (column, _) = matrix(entries).columns
        if kind == "matrix":
            return markdown.matrix_page(matrix(entries)), html.matrix_page(matrix(entries))
        if kind == "target":
            return markdown.target_page(column), html.target_page(column)
        return markdown.history_page(histories(entries), (MIXED,)), html.history_page(histories(entries), (MIXED,))

    def test_hostile_text_is_text(self, kind: str) -> None:
        written, page = self.pages(kind)
        assert max(map(len, (written, page))) < 100_000
        assert not {*"\x1b\x00\u202e"} & {*written, *page}
        read = Page(page)
        assert "<script>alert(1)</script>" in read.told
        assert not {"script", "img", "b", "i"} & {*read.tags}
        assert not [each for each in read.links if ":" in each]
        tokens = [one for each in MarkdownIt("gfm-like").parse(written) for one in [each, *(each.children or [])]]
        links = [str(each.attrs["href"]) for each in tokens if each.type == "link_open"]
        assert not [each for each in links if ":" in each]
        assert {each.content.strip() for each in tokens if each.type.startswith("html")} <= {
            *("<code>", "</code>", "<br>", "<!-- -->")
        }

    def test_the_policy_allows_the_style_and_nothing_else(self, kind: str) -> None:
        _, page = self.pages(kind)
        (style,) = Page(page).styles
        digest = base64.b64encode(sha256(style.encode()).digest()).decode()
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
        assert policy.replace("&#39;", "'") == (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "reports", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two real runs of one target, and two files that are no reports of this format."""
    folder = tmp_path_factory.mktemp("kept")
    for name, options in {"first": (), "second": ("--only=errors.reason",)}.items():
        (folder / name).mkdir()
        assert suite(folder / name, *options).code == 0
    for number in (1, 2):
        (folder / f"old{number}").mkdir()
        old_report(number, folder / f"old{number}")
    (folder / "old2" / "report.jsonl").write_bytes(b'{"type": "he')
    return folder


class TestCommands:
    def test_matrix(self, kept: Path, tmp_path: Path) -> None:
        files = [str(kept / name / "report.jsonl") for name in ("first", "second", "old1")]
        done = command("matrix", *files, f"--output={tmp_path}")
        assert done.returncode == 1, done.stderr
        assert done.stderr.count("\n") == done.stderr.count("left out: ") == 1
        assert {each.name for each in tmp_path.iterdir()} == {
            *("matrix.md", "matrix.html", "reference.md", "reference.html", "reference.svg")
        }
        for name in ("matrix.html", "reference.html"):
            for link in Page((tmp_path / name).read_text(encoding="utf-8")).links:
                assert (tmp_path / link).is_file()
        alone = command("matrix", *files[:2])
        assert (alone.returncode, alone.stderr) == (0, "")
        assert alone.stdout == (tmp_path / "matrix.md").read_text(encoding="utf-8")

    def test_history(self, kept: Path, tmp_path: Path) -> None:
        done = command("history", str(kept), f"--output={tmp_path}")
        assert done.returncode == 1, done.stderr
        assert done.stderr.count("left out: ") == 2
        text = (tmp_path / "history.md").read_text(encoding="utf-8")
        assert text.count("left out: ") == 2
        assert "gone: " in text
        assert "Left out" in Page((tmp_path / "history.html").read_text(encoding="utf-8")).told

    def test_no_report_at_all_is_bad_usage(self, tmp_path: Path) -> None:
        for arguments in (["history", str(tmp_path)], ["matrix", str(tmp_path / "none")]):
            done = command(*arguments)
            assert done.returncode == 4
            assert "no report could be read" in done.stderr.splitlines()[-1]


def test_an_entry_reads_what_the_stream_holds(tmp_path: Path) -> None:
    made: Run = entry("one", 1, wrong("errors.a")).run
    stream.write(made, tmp_path / "report.jsonl")
    again = Entry("x", stream.read(tmp_path / "report.jsonl"))
    assert (again.target, again.counted("failed"), again.standings["errors.a"].seen) == ("one", 1, "400 That")


@pytest.mark.long
def test_the_published_example_is_what_the_suite_comes_to(tmp_path: Path) -> None:
    example.make(tmp_path)
    published = ROOT / "docs" / "example"
    # How many checks of a clause are blocked can differ from run to run.
    pages = (
        re.sub(r" \(\d+ of \d+ checks\)", "", (folder / "matrix.md").read_text()) for folder in (published, tmp_path)
    )
    clauses = [[row for row in rows_of(page) if len(row) > 1 and "." in row[0]] for page in pages]
    assert clauses[0] == clauses[1], "the example is stale: run `make example`"
    assert {each.name for each in published.iterdir()} == {each.name for each in tmp_path.iterdir()}
    assert sum(each.stat().st_size for each in published.iterdir()) < 500_000


def test_every_link_of_the_published_example_leads_somewhere() -> None:
    published = ROOT / "docs" / "example"
    for path in published.glob("*.html"):
        for link in Page(path.read_text(encoding="utf-8")).links:
            assert (published / link).is_file(), f"{path.name}: {link}"
