"""The rules of the house: the directions of imports, the sizes of modules, and a judge for every clause."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess

import pytest

from contracts.clauses import THEMES, contract
from fixtures.scenarios.catalogue import scenarios
from fixtures.scenarios.checks import checks
from tests import house
from tests.house import ROOT, modules

CONTRACTS = {
    "contracts.vocabulary": set[str](),
    "contracts.files": set[str](),
    "contracts.model.__main__": {
        "contracts.clauses",
        "contracts.commands",
        "contracts.coverage",
        "contracts.model",
        "contracts.printing",
        "contracts.vocabulary",
    },
    "contracts.model": set[str](),
    "contracts.reading": set[str](),
    "contracts.judging": {
        "contracts.model",
        "contracts.reading",
        "contracts.transitions",
        "contracts.values",
        "contracts.vocabulary",
    },
    "contracts.values": {"contracts.judging", "contracts.vocabulary"},
    "contracts.transitions": {"contracts.model", "contracts.vocabulary"},
    "contracts.actions": {"contracts.model", "contracts.transitions", "contracts.vocabulary"},
    "contracts.commands": {"contracts.printing", "contracts.vocabulary"},
    "contracts.recordings.__main__": {"contracts.evidence"},
    "contracts.recordings": {
        "contracts.files",
        "contracts.judging",
        "contracts.model",
        "contracts.reading",
        "contracts.vocabulary",
    },
    "contracts.clauses": {"contracts.model", "contracts.recordings", "contracts.vocabulary"},
    "contracts.coverage": {
        "contracts.actions",
        "contracts.clauses",
        "contracts.model",
        "contracts.transitions",
        "contracts.vocabulary",
    },
    "contracts.evidence": {
        "contracts.clauses",
        "contracts.commands",
        "contracts.files",
        "contracts.judging",
        "contracts.model",
        "contracts.printing",
        "contracts.reading",
        "contracts.recordings",
        "contracts.vocabulary",
    },
    "contracts.deviations": {
        "contracts.clauses",
        "contracts.files",
        "contracts.judging",
        "contracts.reading",
        "contracts.values",
        "contracts.vocabulary",
    },
    "contracts.printing": {"contracts.clauses", "contracts.model", "contracts.values"},
    "contracts.stash": {
        "contracts.deviations",
        "contracts.judging",
        "contracts.printing",
        "contracts.values",
        "contracts.vocabulary",
    },
}
ERRORS = ("connection_errors", "credential_errors", "errors")
DOWNWARDS = (
    "endings",
    "plugin",
    "exploration",
    "stash",
    "interruption",
    "preflight",
    "scenarios",
    "transport",
    "target",
    "endpoints",
    *ERRORS,
)
FIXTURES = {
    f"fixtures.{room}": {f"fixtures.{below}" for below in DOWNWARDS[place + 1 :]}
    for place, room in enumerate(DOWNWARDS)
}
FIXTURES["fixtures.plugin"] |= {"fixtures.reference"}
FIXTURES["fixtures.exploration"] |= {"fixtures.reference"}  # what it compares a target with
FIXTURES["fixtures.preflight"] |= {"fixtures.reference"}
FIXTURES["fixtures.reference"] = {"fixtures.endpoints"}  # which addresses are loopback, which partition a region is in
REPORTS = {
    "reports.run": set[str](),
    "reports.stream": {"reports.run"},
    "reports.replay": {"reports.run", "reports.stream"},
    "reports.redaction": {"reports.run"},
    "reports.diagnosis": {"reports.run"},
    "reports.difference": {"reports.run"},
    "reports.formats.several": {"reports.formats", "reports.run", "reports.several"},
    "reports.several.commands": {
        "reports.formats",
        "reports.formats.several",
        "reports.rendering",
        "reports.run",
        "reports.several",
        "reports.stream",
    },
    "reports.several": {"reports.formats", "reports.run"},
    "reports.formats": {"reports.diagnosis", "reports.difference", "reports.run"},
    "reports.rendering": {"reports.run"},
    "reports.exploring": {"reports.formats", "reports.redaction", "reports.run"},
    "reports.progress": set[str](),
    "reports.plugin": {
        "reports.formats",
        "reports.progress",
        "reports.redaction",
        "reports.rendering",
        "reports.replay",
        "reports.run",
        "reports.writing",
    },
    "reports.writing": {"reports.rendering", "reports.run", "reports.stream"},
    "reports.__main__": {
        "reports.difference",
        "reports.formats",
        "reports.rendering",
        "reports.several.commands",
        "reports.stream",
    },
}
MAY_IMPORT = (
    CONTRACTS
    | {room: below | CONTRACTS.keys() for room, below in (FIXTURES | REPORTS).items()}
    | {"suites": {*CONTRACTS}, "proof": {*CONTRACTS, *FIXTURES, *REPORTS, "suites"}}
    | {"bench": {"contracts.judging", "fixtures.reference"}}
)
"""What each room may import of the others. A module that stands in none of them fails."""
TYPES_ONLY = {("contracts.judging", "contracts.clauses")}
"""Against the direction, for an annotation: a judge takes a Clause. Nothing is imported when the suite runs."""
PYTEST = {"contracts/stash.py", "fixtures/endings.py", "fixtures/plugin.py", "fixtures/stash.py", "reports/plugin.py"}
PYTEST |= {"fixtures/exploration/plugin.py", "reports/exploring/plugin.py"}
"""The modules that know pytest: the keys that plugins share, and the plugins."""


def room_of(name: str) -> str | None:
    return next((room for room in MAY_IMPORT if f"{name}.".startswith(f"{room}.")), None)


@pytest.mark.parametrize("name", modules())
def test_imports_go_down(name: str) -> None:
    room = room_of(name)
    if name in house.ROOMS and name not in MAY_IMPORT:  # a package of rooms
        assert not [*modules()[name].imports()]
        return
    assert room is not None, f"{name} stands in no room; say in MAY_IMPORT what it may import"
    own = [each for each in modules()[name].imports() if each.name.partition(".")[0] in {*house.ROOMS, "tests"}]
    for each in own:
        target = room_of(each.name)
        allowed = target in MAY_IMPORT[room] | {room} or (each.typing and (room, target) in TYPES_ONLY)
        assert allowed or each.name == "contracts", f"{room} imports {each.name}"


def test_only_plugins_and_their_keys_import_pytest() -> None:
    importing = {
        module.place
        for module in modules().values()
        for each in module.imports()
        if each.name.partition(".")[0] == "pytest" and not each.typing
    }
    assert importing == PYTEST
    sharing = {
        module.place for module in modules().values() for each in module.imports() if each.name == "contracts.stash"
    }
    assert sharing <= PYTEST


def over(bound: int, sizes: dict[str, int]) -> dict[str, int]:
    assert sizes
    return {place: size for place, size in sizes.items() if size > bound}


def test_imports_are_shallow_and_go_in_no_circle() -> None:
    assert house.circle() == []
    assert over(9, house.depths()) == {}


def test_no_folder_has_more_than_a_dozen_modules() -> None:
    assert over(12, house.folders()) == {}


def test_modules_classes_and_functions_are_short() -> None:
    assert over(350, {module.place: len(module.text.splitlines()) for module in modules().values()}) == {}
    assert over(150, house.definitions(ast.ClassDef)) == {}
    assert over(50, house.definitions(*house.FUNCTIONS)) == {}


def test_no_docstring_asks() -> None:
    assert [place for place, text in house.docstrings() if text.partition("\n")[0].rstrip().endswith("?")] == []


def judges() -> dict[str, object]:
    functions = {}
    for theme in THEMES:
        module = importlib.import_module(f"suites.test_{theme}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_"):
                functions[f"{theme}.{name.removeprefix('test_').replace('_', '-')}"] = function
    return functions


def test_every_clause_has_its_judge_and_every_judge_its_clause() -> None:
    assert sorted(judges()) == sorted(clause.id for clause in contract().clauses)


def test_a_judge_takes_what_a_transcript_gives_and_nothing_else() -> None:
    for name, function in judges().items():
        parameters = set(inspect.signature(function).parameters)  # type: ignore[arg-type]
        assert parameters, name
        assert parameters <= {"answer", "evidence"}, name


def test_every_clause_judges_a_scenario_that_exists_and_every_check_has_a_name_of_its_own() -> None:
    names = []
    for clause in contract().clauses:
        put = checks(clause)
        assert put, clause.id
        assert {check.scenario for check in put} <= scenarios().keys(), clause.id
        names += [check.name for check in put]
    assert len(names) == len(set(names))


def test_no_file_names_a_path_of_a_machine_or_a_host_of_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    forbidden = ("/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/", "pypi" + ".org", "python" + "hosted.org", "/sha" + "red/")
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [each for each in forbidden if each in text], name
