"""The installed command, the action and the examples of the documentation, each run as its users run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import venv
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
import yaml

from fixtures.reference import Reference
from fixtures.reference.faults import fault
from fixtures.reference.realism import WITH_EXPIRED
from tests.endpoints import free_port
from tests.suite import ROOT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "cancelhandshake-conformance"
ROOMS = {"contracts", "fixtures", "proof", "reports", "suites"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own; what it depends on is taken from this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "dependencies.pth").write_text(f"{here}\n")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--no-deps"]
    done = subprocess.run(
        [*pip, "--no-index", "--ignore-installed", "--quiet", str(wheel)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "bin" / NAME


def run(command: Path, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = clean_environment(folder) | environment
    clean.pop("PYTHONPATH", None)
    return subprocess.run(
        [str(command), *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_wheel_puts_everything_under_one_name(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"cancelhandshake_conformance", next(top for top in tops if top.endswith(".dist-info"))}
    inside = {name.split("/")[1] for name in names if name.startswith("cancelhandshake_conformance/")}
    assert inside > ROOMS
    packed = {name.removeprefix("cancelhandshake_conformance/") for name in names}
    listed = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kinds = (".py", ".toml", ".json", ".html", ".css", ".js")
    wanted = {name for name in listed.split() if name.endswith(kinds)}
    assert wanted - packed == set()


@pytest.mark.parametrize(
    "workers", [(), pytest.param(("-n", "2"), marks=pytest.mark.long)], ids=["alone", "two workers"]
)
def test_it_runs_where_no_checkout_is(installed: Path, tmp_path: Path, workers: tuple[str, ...]) -> None:
    done = run(installed, tmp_path, "-q", "--report-dir=report", *workers)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CONFORMANT (exit 0)" in done.stdout
    assert (tmp_path / "report" / "report.jsonl").is_file()


def test_it_renders_every_format_and_a_matrix(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "run", "-q", "--only=errors.reason", "--report-dir=report").returncode == 0
    for arguments in (["render", "report/report.jsonl", "--format=all"], ["matrix", "report/report.jsonl"]):
        done = run(installed, tmp_path, *arguments, "--output=made")
        assert done.returncode == 0, done.stderr
    made = {each.name for each in (tmp_path / "made").iterdir()}
    written = {each.name for each in (tmp_path / "report").iterdir()}
    assert made - written == {"matrix.md", "matrix.html", "reference.md", "reference.html", "reference.svg"}
    assert written - made == {"report.jsonl"}


def test_its_failures_are_told_with_its_own_name(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "run", "--fault=reason-missing", "--only=errors.reason")
    assert done.returncode == 1
    (line,) = [each for each in done.stdout.splitlines() if f"{NAME} --fault=reason-missing " in each]
    again = line.strip().removeprefix("Reproduce").strip()
    repeated = run(installed, tmp_path, *re.findall(r"'[^']*'|\S+", again.replace("'", ""))[1:])
    assert repeated.returncode == 1, repeated.stdout + repeated.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--version"], 0, f"{NAME} "),
        (["--help"], 0, "examples:"),
        (["explain", "errors.reason"], 0, "reason-missing"),
        (["explain", "errors.reasn"], 4, "did you mean errors.reason?"),
        (["clauses"], 0, "clauses: "),
        (["clauses", "model"], 0, "parts: "),
        (["clauses", "nothing"], 4, "invalid choice: 'nothing'"),
        (["targets"], 0, "ministack"),
        (["faults"], 0, "reason-missing"),
        (["plan"], 0, "Plan of a run on reference"),
        (["completion", "bash"], 0, "complete"),
        (["diff", "nowhere", "nowhere"], 4, "No such file"),
        (["render", "nowhere", "--format=text"], 4, "No such file"),
        (["matrix", "nowhere"], 4, "no report could be read"),
        (["history", "nowhere"], 4, "no report could be read"),
        (["frobnicate"], 4, "invalid choice: 'frobnicate'"),
        (["--endpoint-url=http://127.0.0.1:1"], 6, "does not answer"),
    ],
)
def test_subcommands(installed: Path, tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    done = run(installed, tmp_path, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def faulty(name: str) -> Iterator[str]:
    with Reference.start(parts=fault(name).parts, realism=WITH_EXPIRED) as reference:
        yield reference.url


def action() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return read


def check_step(folder: Path, path: Path, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Run the action's step that checks, as a runner would. Return its exit code, its output and its outputs."""
    step = next(each for each in action()["runs"]["steps"] if each["id"] == "check")
    defaults = {name: str(each["default"]) for name, each in action()["inputs"].items()}
    given = defaults | {name.replace("_", "-"): value for name, value in inputs.items()}
    variables = {
        name: given[re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", text)[1]]  # type: ignore[index]
        for name, text in step["env"].items()
    }
    outputs = folder / "outputs"
    outputs.touch()
    summary = folder / "summary"
    environment = (
        clean_environment(folder) | variables | {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary)}
    )
    environment["PATH"] = f"{path.parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    pairs = (line.partition("=") for line in outputs.read_text().splitlines())
    return done.returncode, done.stdout + done.stderr, {name: value for name, _, value in pairs}


@pytest.mark.long
def test_the_action_is_red_with_annotations_and_outputs(installed: Path, tmp_path: Path) -> None:
    with faulty("reason-missing") as url:
        code, output, outputs = check_step(tmp_path, installed, endpoint=url, arguments="-q --strict")
    assert code == 1, output
    assert "\n::error title=errors.reason (required)::" in output
    assert outputs["verdict"] == "failed"
    assert outputs["exit-code"] == "1"
    assert int(outputs["failed"]) >= 2
    summary = (tmp_path / "summary").read_text(encoding="utf-8")
    assert summary == (tmp_path / "conformance-report" / "report.md").read_text(encoding="utf-8")
    assert "errors.reason" in summary
    named = {re.search(r"outputs\.(\S+) ", each["value"])[1] for each in action()["outputs"].values()}  # type: ignore[index]
    assert named <= set(outputs)


@pytest.mark.long
def test_the_action_is_green_and_says_what_it_lacks(installed: Path, tmp_path: Path) -> None:
    with Reference.start() as reference:
        code, output, outputs = check_step(tmp_path, installed, endpoint=reference.url)
        assert (code, outputs["verdict"]) == (0, "conformant"), output
        (tmp_path / "lacking").mkdir()
        one = "--account-strategy=one"
        code, output, outputs = check_step(
            tmp_path / "lacking", installed, endpoint=reference.url, require="member", arguments=one
        )
    assert code in {6, 8}, output


@pytest.mark.long
def test_the_example_for_a_shell_works(installed: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    environment = clean_environment(tmp_path) | {"PORT": str(free_port())}
    environment["PATH"] = f"{installed.parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "report" / "junit.xml").is_file()


def test_the_example_entry_is_one() -> None:
    page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (row,) = tomllib.loads(text)["deviation"]
    assert row["clause"] == "errors.reason"


def test_the_example_for_gitlab_is_yaml() -> None:
    page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        assert yaml.safe_load(text)
