"""The documentation against the code: numbers, links, options, exit codes, tables and the sample run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.clauses import contract
from contracts.values import MOST_INVITATIONS
from contracts.vocabulary import Actor, Authority, ExitCode, Level, Outcome
from fixtures.preflight.embedded import embedded_target
from fixtures.reference import Reference
from fixtures.reference.faults import FAULTS
from fixtures.scenarios.checks import checks
from fixtures.target.accounts import Strategy
from fixtures.target.options import OPTIONS
from fixtures.target.profile import load
from proof.weakenings import WEAKENINGS
from proof.whole import SEEDS
from reports.__main__ import COMMANDS
from reports.rendering import FILES
from tests.suite import ROOT, Finished, once

if TYPE_CHECKING:
    from collections.abc import Iterator

GENERATED = {ROOT / "docs" / "clauses.md"}
"""Pages that are made from the tables, and compared with them by tests of their own."""
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted({*(ROOT / "docs").glob("*.md")} - GENERATED)]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
OPTION = re.compile(r"(?<![-\w])--[a-z][a-z0-9-]*")
CURL = {"--aws-sigv4", "--user"}
NOT_COUNTED = re.compile(
    r"Python 3\.\d+|JSON Schema 2020-12|ECMA 262|ISO 8601|RFC \d+|(?:HTTP|status) \d{3}|12 digits|us-east-1|"
    r"Apache-2\.0|4xx|own status 2\b|exits?\s+with\s+\d\b|exit code is 0\b|boto3|exit 8|exit with 8|"
    r"^\| [\d, ]+ \||^\d\. ",
    re.MULTILINE,
)
"""Numbers in prose that count nothing of this project: versions, standards, formats, statuses, numbered steps."""


def level_count(level: Level) -> int:
    return sum(clause.level is level for clause in contract().clauses)


def numbers(run: Finished) -> dict[str, int]:
    """Return what each kind of number in the documentation has to be, by the expression that finds it."""
    required, recommended, advisory = map(level_count, Level)
    faults, weakenings, gating = len(FAULTS), len(WEAKENINGS), required + recommended
    return {
        r"(\d+)[ \n]clauses\b(?! killed|:)": len(contract().clauses),
        r"(\d+)[ \n]checks\b": sum(len(checks(clause)) for clause in contract().clauses),
        r"(\d+)[ \n](?:deliberate )?mistakes\b": faults,
        r"faults killed\s+(\d+) /": faults,
        r"faults killed\s+\d+ / (\d+)": faults,
        r"clauses killed\s+(\d+) /": gating,
        r"clauses killed\s+\d+ / (\d+)": gating,
        r"weakenings noticed\s+(\d+) /": weakenings,
        r"weakenings noticed\s+\d+ / (\d+)": weakenings,
        r"(\d+)[ \n]weakenings\b": weakenings,
        r"(\d+)[ \n]required(?=[, ])(?! clause)": required,
        r"(\d+)[ \n]recommended\b": recommended,
        r"(\d+)[ \n]advisory\b": advisory,
        r"(\d+)[ \n]different seeds\b": SEEDS,
        r"(?<!after )\b(\d+)[ \n]calls\b": run.run.calls,
        r"\((\d+) on the reference\)": run.run.calls,
        r"(\d+)[ \n](?:of\s+them\s+)?invitations\b": run.run.invitations,
        r"may\s+make\s+(\d+)\s+by\s+default": MOST_INVITATIONS,
        r"\(default: (\d+)\)": MOST_INVITATIONS,
        r"quota:\s+(\d+)\s+a\s+day": load("aws").get("invitations_per_day"),
    }


@pytest.fixture(scope="module")
def on_reference() -> Finished:
    return once()


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose_of(page: Path) -> str:
    """Return the page without blocks of code, code in a line, and the targets of links."""
    return LINK.sub(r"\g<text>", CODE.sub("", FENCE.sub("", text_of(page))))


def test_there_are_pages() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/README.md"} <= set(NAMES)


def test_every_count_is_what_the_code_says(on_reference: Finished) -> None:
    for pattern, expected in numbers(on_reference).items():
        stated = [(name, match[1]) for name, page in zip(NAMES, PAGES, strict=True) for match in find(pattern, page)]
        assert stated, f"no page states a number by {pattern}"
        assert {number for _, number in stated} == {str(expected)}, f"{pattern}: expected {expected}, got {stated}"


def find(pattern: str, page: Path) -> Iterator[re.Match[str]]:
    return re.finditer(pattern, text_of(page))


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_number_in_prose_is_left_uncompared(page: Path, on_reference: Finished) -> None:
    left = NOT_COUNTED.sub("", prose_of(page))
    for pattern in numbers(on_reference):
        left = re.sub(pattern, "", left)
    uncompared = [line for line in left.splitlines() if re.search(r"\d", line)]
    assert not uncompared, "add the number to numbers() or NOT_COUNTED, or put it into code"


def test_the_readme_shows_what_a_run_prints(on_reference: Finished) -> None:
    readme = text_of(ROOT / "README.md")
    assert table_in(readme) == table_in(on_reference.output)
    assert on_reference.output.rstrip().splitlines()[-1] in readme


def table_in(text: str) -> list[str]:
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.split()[:2] == ["clauses", "passed"])
    last = next(number for number, line in enumerate(lines) if line.split()[:1] == ["all"])
    return lines[first : last + 1]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for match in LINK.finditer(FENCE.sub("", text_of(page))):
        target, _, anchor = match["target"].partition("#")
        if target.startswith(("http:", "https:")):
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.is_relative_to(ROOT), match[0]
        assert path.exists(), match[0]
        assert not anchor or anchor in anchors(path), match[0]


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_report_file_is_in_the_table_of_files() -> None:
    assert [row[0].strip("`") for row in rows_below("docs/reports.md", "file")] == [*FILES]


def test_the_index_links_every_page() -> None:
    index = text_of(ROOT / "docs" / "README.md")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index, page.name


def suite_options() -> set[str]:
    return {option.flag for option in OPTIONS} | {"--strict"}  # which is pytest's own


def pytest_options(config: pytest.Config) -> set[str]:
    parser = config._parser
    groups = [*parser._groups, parser._anonymous]
    return {name for group in groups for option in group.options for name in option.names()}


def options_of(module: str, *command: str) -> set[str]:
    command = (sys.executable, "-m", module, *command, "--help")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return set(OPTION.findall(done.stdout))


def test_every_option_named_exists(pytestconfig: pytest.Config) -> None:
    existing = pytest_options(pytestconfig) | options_of("proof") | options_of("fixtures.reference") | CURL
    existing |= {option for name in COMMANDS for option in options_of("reports", name)}
    existing |= options_of("contracts.recordings", "add")
    for name, page in zip(NAMES, PAGES, strict=True):
        named = set(OPTION.findall(text_of(page)))
        assert named <= existing, f"{name}: {sorted(named - existing)}"


def test_every_option_of_the_suite_is_in_the_table_of_options() -> None:
    rows = re.findall(r"^\| (`--[^|]+)\|", text_of(ROOT / "docs" / "targets.md"), re.MULTILINE)
    documented = {option for row in rows for option in OPTION.findall(row)}
    assert documented == suite_options()


def rows_below(name: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table of the page whose first heading is this one."""
    lines = text_of(ROOT / name).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    cells = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        cells.append([cell.strip() for cell in line.strip("|").split("|")])
    return cells


@pytest.mark.parametrize("name", ["README.md", "docs/reports.md"])
def test_the_exit_codes_are_those_of_the_code(name: str) -> None:
    documented = {}
    for codes, meaning in rows_below(name, "exit"):
        numbers_in_row = [int(code) for code in codes.split(",")]
        meanings = meaning.split(";") if len(numbers_in_row) > 1 else [meaning]
        documented |= dict(zip(numbers_in_row, meanings, strict=True))
    assert documented.keys() == {code.value for code in ExitCode}
    for code in ExitCode:
        assert documented[code.value].strip().startswith(code.name.lower().replace("_", " ")), code


@pytest.mark.parametrize(
    ("name", "heading", "kind"),
    [
        ("README.md", "strategy", Strategy),
        ("docs/targets.md", "strategy", Strategy),
        ("docs/reports.md", "outcome", Outcome),
        ("docs/reports.md", "level", Level),
        ("docs/contract.md", "authority", Authority),
    ],
)
def test_a_table_has_a_row_for_each_word(
    name: str, heading: str, kind: type[Strategy | Outcome | Level | Authority]
) -> None:
    assert sorted(row[0].strip("`") for row in rows_below(name, heading)) == sorted(kind)


def test_the_capabilities_to_require_are_those_that_are_known_before_a_run() -> None:
    named = [name for row in rows_below("docs/gate.md", "capability") for name in re.findall(r"`([a-z-]+)`", row[0])]
    with Reference.start() as reference:
        assert sorted(named) == sorted(embedded_target(reference).capabilities)


def test_every_actor_is_named() -> None:
    for name in ("README.md", "docs/targets.md"):
        assert all(f"`{actor}`" in text_of(ROOT / name) for actor in Actor), name


def test_the_readme_asks_for_the_python_that_the_project_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in text_of(ROOT / "README.md")


def test_the_rooms_described_are_those_of_the_tree() -> None:
    picture = next(block for block in FENCE.findall(text_of(ROOT / "CONTRIBUTING.md")) if "contracts/" in block)
    described, above = set[str](), []
    for indentation, name in re.findall(r"^( *)([a-z_]+)/", picture, re.MULTILINE):
        above[len(indentation) // 2 :] = [name]
        described.add("/".join(above))
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {str(parent) for name in listed.splitlines() for parent in Path(name).parents}
    parts = {each for each in folders if each.startswith(("fixtures/reference/faults/", "fixtures/scenarios/"))}
    assert described == {each for each in folders - parts if not each.startswith(".")}
