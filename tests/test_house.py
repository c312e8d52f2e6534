"""Does the code stand where the design says it stands?"""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
from pathlib import Path

import pytest

from contracts.clauses import THEMES, contract
from fixtures.scenarios.catalogue import scenarios
from fixtures.scenarios.checks import checks

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "contracts": {"contracts"},
    "fixtures": {"contracts", "fixtures"},
    "suites": {"contracts", "suites"},
    "reports": {"contracts", "reports"},
    "proof": {"contracts", "fixtures", "suites", "reports", "proof"},
}
ROOMS = {*MAY_IMPORT, "tests"}


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = [node.names for node in ast.walk(tree) if isinstance(node, ast.Import)]
    origins = [alias.name for names in named for alias in names]
    origins += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {origin.partition(".")[0] for origin in origins} & ROOMS


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_go_one_way(room: str) -> None:
    paths = [*(ROOT / room).rglob("*.py")]
    assert paths
    for path in paths:
        assert imports(path) <= MAY_IMPORT[room], path


def judges() -> dict[str, object]:
    found = {}
    for theme in THEMES:
        module = importlib.import_module(f"suites.test_{theme}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_"):
                found[f"{theme}.{name.removeprefix('test_').replace('_', '-')}"] = function
    return found


def test_every_clause_has_its_judge_and_every_judge_its_clause() -> None:
    assert sorted(judges()) == sorted(clause.id for clause in contract().clauses)


def test_a_judge_takes_what_a_transcript_gives_and_nothing_else() -> None:
    for name, function in judges().items():
        parameters = set(inspect.signature(function).parameters)  # type: ignore[arg-type]
        assert parameters, name
        assert parameters <= {"answer", "evidence"}, name


def test_every_clause_judges_a_scenario_that_exists_and_every_question_has_a_name_of_its_own() -> None:
    names = []
    for clause in contract().clauses:
        asked = checks(clause)
        assert asked, clause.id
        assert {check.scenario for check in asked} <= scenarios().keys(), clause.id
        names += [check.name for check in asked]
    assert len(names) == len(set(names))


def test_no_file_names_a_path_of_a_machine_or_a_host_of_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    forbidden = ("/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/", "pypi" + ".org", "python" + "hosted.org", "/sha" + "red/")
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [each for each in forbidden if each in text], name
