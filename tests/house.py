"""The project's own modules: what each imports, and how large everything is."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ROOMS = ("contracts", "suites", "fixtures", "reports", "proof", "bench")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Import:
    """A module that another one imports; ``typing`` if it does so under ``if TYPE_CHECKING`` only."""

    name: str
    typing: bool


@dataclass(frozen=True)
class Module:
    """One file of the rooms, under its dotted name; a package's ``__init__`` has the name of the package."""

    name: str
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def place(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def imports(self) -> Iterator[Import]:
        """Yield what the module imports, in functions too, with modules of the project in full."""
        tree = self.tree
        guarded = {
            id(node)
            for block in ast.walk(tree)
            if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
            for node in ast.walk(block)
        }
        for node in ast.walk(tree):
            for name in _imported(node):
                yield Import(name, id(node) in guarded)

    def imported_at_start(self) -> set[str]:
        """Return the modules of the project that are imported before this one can be."""
        names = {name for node in self.tree.body for name in _imported(node)}
        return names & modules().keys() - {self.name}


@cache
def modules() -> dict[str, Module]:
    """Return every module of the rooms by its name."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    names = [path.relative_to(ROOT).with_suffix("").as_posix().removesuffix("/__init__") for path in paths]
    return {
        name.replace("/", "."): Module(name.replace("/", "."), path) for name, path in zip(names, paths, strict=True)
    }


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    if node.level:
        raise ValueError(f"a relative import in line {node.lineno}; write the whole name")
    inner = [f"{node.module}.{alias.name}" for alias in node.names]
    return [name if name in modules() else str(node.module) for name in inner]


def depths() -> dict[str, int]:
    """Return how many modules each one needs, one above the other, itself included. Raises CycleError for a circle."""
    graph = {name: module.imported_at_start() for name, module in modules().items()}
    found: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        found[name] = 1 + max((found[each] for each in graph[name]), default=0)
    return found


def circle() -> list[str]:
    """Return the modules of a circle of imports, empty if there is none."""
    try:
        depths()
    except CycleError as error:
        return [*error.args[1]]
    return []


def folders() -> Counter[str]:
    """Return the number of modules in each folder, without ``__init__``."""
    paths = [module.path for module in modules().values() if module.path.name != "__init__.py"]
    return Counter(path.parent.relative_to(ROOT).as_posix() for path in paths)


def definitions(*kinds: type[ast.stmt]) -> dict[str, int]:
    """Return the number of lines of every definition of these kinds, by its place."""
    return {
        f"{module.place}:{node.lineno} {getattr(node, 'name', '')}": (node.end_lineno or node.lineno) - node.lineno + 1
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, kinds)
    }


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield every docstring with its place."""
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)) and (text := ast.get_docstring(node)):
                yield f"{module.place}:{getattr(node, 'lineno', 1)}", text
