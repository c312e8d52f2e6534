"""The contract as a document: complete, up to date, and a page that loads and runs nothing."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from contracts.clauses import THEMES, contract
from proof.document import forms
from proof.document.content import ABOUT, Document, document
from tests.suite import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = ROOT / "docs"


class Page(HTMLParser):
    """What a page has: its ids, the targets of its links, the elements that aren't closed."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: set[str] = set()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.ids.update([named["id"]] if named.get("id") else [])
        self.links.update([named["href"]] if named.get("href") else [])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def shown() -> Document:
    return document()


@pytest.mark.parametrize(("name", "form"), [(forms.MARKDOWN, forms.markdown), (forms.HTML, forms.page)])
def test_the_published_document_is_the_contract_as_it_stands(
    shown: Document, name: str, form: Callable[[Document], str]
) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == form(shown), "run `make docs`"


def test_every_clause_stands_in_it_with_its_sources(shown: Document) -> None:
    entries = [entry for theme in shown.themes for entry in theme.entries]
    assert sorted(entry.clause.id for entry in entries) == sorted(clause.id for clause in contract().clauses)
    assert all(entry.sources for entry in entries)
    weighty = [entry for entry in entries if entry.clause.level != "advisory"]
    assert all(entry.catches for entry in weighty), "run `make proof` first"
    assert {*ABOUT} == {*THEMES}


def test_the_page_is_well_formed_and_its_links_lead_somewhere(shown: Document) -> None:
    page = Page(forms.page(shown))
    assert page.open == []
    assert [each for each, count in page.ids.items() if count > 1] == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= {*page.ids}
    files = {link for link in page.links if not link.startswith(("#", "https://"))}
    assert [link for link in files if not (DOCS / link).is_file()] == []


def test_the_links_of_the_markdown_lead_somewhere(shown: Document) -> None:
    targets = {each.partition("#")[0] for each in re.findall(r"\]\(([^)\s]+)\)", forms.markdown(shown))}
    files = {each for each in targets if each and not each.startswith("https://")}
    assert files
    assert [each for each in files if not (DOCS / each).is_file()] == []


def test_the_page_loads_and_runs_nothing(shown: Document) -> None:
    text = forms.page(shown)
    assert Page(text).tags & {"script", "img", "link", "iframe"} == set()
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text


def test_the_anchors_of_the_markdown_are_those_of_its_headings(shown: Document) -> None:
    text = forms.markdown(shown)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
    assert {*re.findall(r"\]\(#([^)]+)\)", text)} <= anchors
