"""The page of a run in a real browser: what it looks like to people, to keys, to a screen reader and on paper."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Self

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from proof.document.content import document
from proof.document.forms import page as clauses_page
from reports.formats.html.page import render
from reports.formats.several import html as several
from reports.several.entries import Entry
from reports.several.history import histories
from reports.several.matrix import matrix
from tests.pages import OWNED, faulty, hostile, put_up_with
from tests.suite import once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.long
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = "REQUIRE_BROWSER"
NARROW, WIDE = 360, 1280
REPORTS = ("healthy", "faulty", "hostile", "known")
PAGES = (*REPORTS, "matrix", "target", "history", "clauses")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        told = f"no browser is installed: install Debian's package chromium (one of {', '.join(BROWSERS)} on the PATH)"
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, and {told}")
        pytest.skip(told)
    with sync_playwright() as playwright:
        # Chromium has no sandbox for root, as whom containers run.
        made = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield made
        made.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the pages."""
    folder = tmp_path_factory.mktemp("pages")
    run = faulty().run
    healthy = once().run
    known = put_up_with(tmp_path_factory.mktemp("known"))
    runs = dict(zip(REPORTS, (healthy, run, hostile(run), known), strict=True))
    pages = {name: render(each) for name, each in runs.items()}
    entries = [Entry(name, each) for name, each in runs.items()]
    made = matrix(entries)
    pages |= {"matrix": several.matrix_page(made), "target": several.target_page(made.columns[1])}
    pages |= {"history": several.history_page(histories(entries), ("a file",)), "clauses": clauses_page(document())}
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return folder


class Opened:
    """A page that is opened, with everything that it asked for and complained of."""

    def __init__(
        self, browser: Browser, path: Path, *, width: int = WIDE, fragment: str = "", **options: object
    ) -> None:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)  # type: ignore[arg-type]
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.url = path.as_uri()
        self.page.goto(f"{self.url}{fragment}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.context.close()

    def shown(self) -> list[str]:
        """Return the ids of the clauses that the filter shows."""
        ids: list[str] = self.page.eval_on_selector_all(".clause:not([hidden])", "all => all.map(each => each.id)")
        return ids

    def focused(self) -> str:
        """Return the id of the clause that has the focus."""
        clause: str = self.page.evaluate("(document.activeElement.closest('.clause') || document.activeElement).id")
        return clause


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("scheme", "width"), [("light", NARROW), ("dark", WIDE)])
def test_it_is_accessible_fits_and_asks_for_nothing(
    browser: Browser, folder: Path, name: str, scheme: str, width: int
) -> None:
    with Opened(browser, folder / f"{name}.html", width=width, color_scheme=scheme) as opened:
        assert opened.page.title() != "owned"
        found = Axe().run(opened.page)
        assert found.violations_count == 0, found.generate_report()
        open_all(opened.page)
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width
        assert opened.requests == [opened.url]
        assert opened.page.evaluate("performance.getEntriesByType('resource').length") == 0
        assert opened.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_unfolded_is_accessible_too(browser: Browser, folder: Path, scheme: str) -> None:
    with Opened(browser, folder / "faulty.html", color_scheme=scheme) as opened:
        opened.page.evaluate(
            "document.querySelectorAll('.clause.failed, .clause.failed *, #scenario-callers, #scenario-callers *')"
            ".forEach(each => { each.open = true })"
        )
        found = Axe().run(opened.page)
        assert found.violations_count == 0, found.generate_report()


def test_the_policy_refuses_what_is_slipped_in(browser: Browser, folder: Path, tmp_path: Path) -> None:
    text = (folder / "faulty.html").read_text()
    slipped = f"{OWNED}<img src='https://example.com/x.png' onerror=\"document.title='owned'\">"
    path = tmp_path / "slipped.html"
    path.write_text(text.replace("<main>", f"<main>{slipped}", 1))
    with Opened(browser, path) as opened:
        assert opened.page.title() != "owned"
        assert sum("Content Security Policy" in each for each in opened.complaints) >= 2


def test_the_filter_shows_what_fits_says_how_many_and_is_in_the_address(browser: Browser, folder: Path) -> None:
    with Opened(browser, folder / "faulty.html") as opened:
        page, status = opened.page, opened.page.locator(".shown")
        every = opened.shown()
        expect(status).to_have_text(f"{len(every)} clauses")
        expect(status).to_have_attribute("role", "status")
        page.locator("[name=outcome]").select_option("failed")
        failed = opened.shown()
        assert "errors.status" in failed
        assert len(failed) < len(every)
        expect(status).to_have_text(f"{len(failed)} of {len(every)} clauses")
        page.locator("[name=outcome]").select_option("")
        page.locator("[name=theme]").select_option("wire")
        page.locator("[name=level]").select_option("required")
        page.locator("[name=text]").fill("JSON")
        some = opened.shown()
        assert some
        assert all(each.startswith("wire.") for each in some)
        assert page.url.endswith("#level=required&theme=wire&text=JSON")
        page.reload()
        assert opened.shown() == some
        page.locator("[name=text]").fill("nothing has this")
        expect(page.get_by_text("No clause fits the filter.")).to_be_visible()
        page.get_by_role("button", name="Clear").click()
        expect(status).to_have_text(f"{len(every)} clauses")
        assert "#" not in page.url


def test_a_deep_link_opens_its_clause_whatever_is_filtered(browser: Browser, folder: Path) -> None:
    with Opened(browser, folder / "faulty.html", fragment="#request.id-absent") as opened:
        clause = opened.page.locator("[id='request.id-absent']")
        expect(clause).to_have_attribute("open", "")
        expect(clause).to_be_in_viewport()
        expect(clause.locator("> summary")).to_be_focused()
        opened.page.locator("[name=outcome]").select_option("failed")
        expect(clause).to_be_hidden()
        opened.page.goto(f"{opened.url}#request.id-absent")
        expect(clause).to_be_visible()
        opened.page.goto(f"{opened.url}#exchange-inputs-required-absent")
        exchange = opened.page.locator("[id='exchange-inputs-required-absent']")
        expect(exchange).to_have_attribute("open", "")
        expect(exchange.get_by_text("INPUT_REQUIRED")).to_be_visible()


def test_keys_search_clear_and_go_from_clause_to_clause(browser: Browser, folder: Path) -> None:
    with Opened(browser, folder / "faulty.html") as opened:
        page = opened.page
        every = opened.shown()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the clauses")).to_be_focused()
        page.keyboard.press("/")
        expect(page.locator("[name=text]")).to_be_focused()
        page.keyboard.type("errors. j k")
        assert len(opened.shown()) < len(every)
        page.keyboard.press("Escape")
        assert opened.shown() == every
        page.locator("[name=text]").blur()
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert opened.focused() == every[1]
        page.keyboard.press("k")
        assert opened.focused() == every[0]
        page.keyboard.press("Enter")
        expect(page.locator(f"[id='{every[0]}']")).to_have_attribute("open", "")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"


@pytest.mark.parametrize("allowed", ["clipboard", "selection only", "nothing"])
def test_commands_are_copied_or_at_least_selected(browser: Browser, folder: Path, allowed: str) -> None:
    with Opened(browser, folder / "faulty.html") as opened:
        page = opened.page
        if allowed == "clipboard":
            page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        else:  # as over plain HTTP, where there is none
            page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        if allowed == "nothing":
            page.evaluate("document.execCommand = () => false")
        block = page.locator(".clause.failed .code").first
        button = block.get_by_role("button")
        button.click()
        told = "Selected: press Ctrl+C" if allowed == "nothing" else "Copied"
        expect(button).to_have_text(told)
        expect(page.locator(".announcer")).to_have_text(told)
        command = block.locator("code").text_content()
        if allowed == "clipboard":
            assert page.evaluate("navigator.clipboard.readText()") == command
        else:
            assert page.evaluate("getSelection().toString()").strip() == (command or "").strip()


def test_the_colours_are_the_systems_until_the_button_chooses_others(browser: Browser, folder: Path) -> None:
    def ground(page: Page) -> str:
        color: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return color

    with Opened(browser, folder / "healthy.html", color_scheme="dark") as opened:
        dark = ground(opened.page)
        button = opened.page.get_by_role("button", name="Dark colours")
        expect(button).to_have_attribute("aria-pressed", "true")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        assert ground(opened.page) != dark
        opened.page.emulate_media(color_scheme="light")
        light = ground(opened.page)
        button.click()
        assert (ground(opened.page), light) == (dark, "rgb(255, 255, 255)")


def test_all_of_it_can_be_read_without_a_script(browser: Browser, folder: Path) -> None:
    with Opened(browser, folder / "faulty.html", java_script_enabled=False) as opened:
        page = opened.page
        expect(page.locator(".filters")).to_be_hidden()
        expect(page.locator(".copy").first).to_be_hidden()
        clause = page.locator("[id='request.id-absent']")
        clause.locator("summary").click()
        expect(clause.get_by_text("Recorded answer of the service")).to_be_visible()


def test_paper_has_what_went_wrong_unfolded_and_no_controls(browser: Browser, folder: Path) -> None:
    with Opened(browser, folder / "faulty.html") as opened:
        page = opened.page
        open_all(page)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false })")
        expect(page.locator(".clause.failed .body").first).to_be_hidden()
        page.emulate_media(media="print", color_scheme="dark")
        expect(page.locator(".clause.failed .body").first).to_be_visible()
        expect(page.locator(".clause.passed .body").first).to_be_hidden()
        for each in page.locator("button, input, select").all():
            expect(each).to_be_hidden()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.pdf(format="A4").startswith(b"%PDF-")


@pytest.mark.parametrize(("motion", "behavior"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_nothing_moves_for_those_who_want_that(browser: Browser, folder: Path, motion: str, behavior: str) -> None:
    with Opened(browser, folder / "healthy.html", reduced_motion=motion) as opened:
        assert opened.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behavior


@pytest.mark.parametrize("name", PAGES)
def test_paper_is_white(browser: Browser, folder: Path, name: str) -> None:
    with Opened(browser, folder / f"{name}.html", color_scheme="dark") as opened:
        opened.page.emulate_media(media="print", color_scheme="dark")
        ground = "getComputedStyle(document.body).backgroundColor"
        assert opened.page.evaluate(ground) in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
