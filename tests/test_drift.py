"""Another botocore than the contract was reviewed against: what changed is told, and the suite runs with both."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import botocore
import pytest

from contracts.clauses import CLAUSES, contract
from contracts.coverage import listing
from contracts.coverage.drift import Drift, Kind, brief, current, drift
from contracts.model.snapshot import Snapshot, snapshot
from fixtures.endpoints.regions import real_suffixes
from tests.suite import ROOT, Finished, clean_environment, suite

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "contracts/model/snapshot.json"
ENUM = "/shapes/HandshakeState/enum"
SENTENCE = next(part for part in snapshot().parts if part.startswith("/operations/CancelHandshake#"))


def drifted(**parts: object) -> Drift:
    """Return the drift from the model on file to one with these parts changed, added, or (if ...) gone."""
    old = snapshot()
    new = {part: value for part, value in ({**old.parts} | parts).items() if value is not ...}
    return Drift(old, replace(old, botocore="9.9.9", parts=new), {})


def test_the_model_on_file_is_that_of_the_version_that_the_suite_was_last_run_with() -> None:
    pinned = re.search(r"^botocore==(.+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned is not None
    assert snapshot().botocore == pinned[1]
    assert not drift().is_any or botocore.__version__ != snapshot().botocore
    assert bool(brief()) == drift().is_any


@pytest.mark.parametrize(
    ("part", "value", "kind", "clause"),
    [
        ("/shapes/HandshakeId/max", 35, Kind.CHANGED, "request.longest-id-accepted"),
        (f"{ENUM}/EXPIRED", ..., Kind.GONE, "transitions.sender-expired"),
        (f"{ENUM}/FROZEN", None, Kind.ADDED, "response.state-canceled"),  # it judges a list that has grown
        (SENTENCE, ..., Kind.GONE, "transitions.sender-open"),
        ("/operations/CancelHandshake/errors/TeapotException", "TeapotException", Kind.ADDED, "errors.declared"),
    ],
)
def test_a_change_is_told_with_the_clauses_that_it_concerns(part: str, value: object, kind: Kind, clause: str) -> None:
    found = drifted(**{part: value})
    assert found.is_any
    (change,) = found.changes
    assert (change.place, change.kind, change.documentation) == (part, kind, part == SENTENCE)
    assert clause in change.clauses


def test_a_change_beside_the_operation_that_a_clause_cites_is_told() -> None:
    old = snapshot()
    place = "/shapes/HandshakeNotes"
    found = Drift(old, replace(old, cited={**old.cited, place: "another"}), {})
    assert [(each.place, each.kind) for each in found.changes] == [(place, Kind.CHANGED)]
    assert "response.notes-given" in found.changes[0].clauses


def test_the_report_of_what_changed_names_clauses_and_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = drifted(**{"/shapes/HandshakeId/max": 35, SENTENCE: ..., f"{ENUM}/FROZEN": None})
    monkeypatch.setattr(listing, "drift", lambda: replace(found, left_out={"wire.x": "no such operation"}))
    lines = [*listing.of_drift()]
    assert max(map(len, lines)) <= 100
    text = " ".join(" ".join(lines).split())
    assert "changed: 2 parts of the model and 1 sentence of its documentation" in text
    assert "changed /shapes/HandshakeId/max: 34 -> 35" in text
    assert "added /shapes/HandshakeState/enum/FROZEN" in text
    assert "the documentation, judged by response.state-canceled, transitions.sender-open" in text
    assert "wire.x: no such operation" in text


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the suite that was last reviewed against another model, and has a clause on what is nowhere."""
    folder = tmp_path_factory.mktemp("copy")
    for room in ("cancelhandshake_conformance", "contracts", "fixtures", "reports", "suites", "proof"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    other = asdict(current()) | {"botocore": "0.0.1"}
    del other["parts"]["/shapes/HandshakeId/max"]
    (folder / MODEL).write_text(json.dumps(other), encoding="utf-8")
    rows = CLAUSES.read_text(encoding="utf-8").replace("model:/shapes/DuplicateHandshakeException", "model:/nowhere")
    (folder / "contracts/clauses.toml").write_text(rows, encoding="utf-8")
    return folder


def in_copy(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(folder), capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


LEFT_OUT = "aftermath.duplicate-while-open"
BECAUSE = f"the model of botocore {botocore.__version__} has nothing at /nowhere"
PYTEST = ("pytest", "-p", "no:cacheprovider")


@pytest.mark.long
def test_a_clause_that_the_model_has_nothing_for_is_not_there_and_the_run_says_why(copy: Path, tmp_path: Path) -> None:
    code, output = in_copy(copy, *PYTEST, "suites", f"--report-dir={tmp_path}")
    assert code == 0, output
    told = " ".join(output.split())
    assert "Model 1 part of the model and 0 sentences of its documentation are not as in botocore 0.0.1" in told
    assert f"left out: {LEFT_OUT}" in told
    run = Finished(code, output, tmp_path).run
    assert {each.verdict.clause for each in run.judgements} == {each.id for each in contract().clauses} - {LEFT_OUT}
    assert LEFT_OUT in run.header.drift
    assert "not as in botocore 0.0.1" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("asked", ["--list-clauses", "--list-clauses=drift", f"--only={LEFT_OUT}"])
def test_the_reason_for_a_clause_that_is_left_out_is_told(asked: str, copy: Path) -> None:
    code, output = in_copy(copy, *PYTEST, "suites", asked)
    assert code == (4 if "only" in asked else 0), output
    assert BECAUSE in " ".join(output.split())


def test_a_place_that_is_nowhere_in_the_model_on_file_is_a_mistake_and_no_reason_to_leave_a_clause_out(
    copy: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(copy, tmp_path / "same")
    other = json.loads((folder / MODEL).read_text(encoding="utf-8")) | {"botocore": botocore.__version__}
    (folder / MODEL).write_text(json.dumps(other), encoding="utf-8")
    code, output = in_copy(folder, *PYTEST, "suites")
    assert (code, LEFT_OUT in output, "mend the pointer" in output) == (4, True, True), output


@pytest.mark.long
def test_the_installed_model_is_put_on_file_with_what_changed(copy: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(copy, tmp_path / "kept")
    code, output = in_copy(folder, "contracts.model", "drift")
    assert (code, "added    /shapes/HandshakeId/max" in output) == (1, True), output
    code, output = in_copy(folder, "contracts.model", "drift", "--json")
    assert [each["place"] for each in json.loads(output)["changes"]] == ["/shapes/HandshakeId/max"]
    code, output = in_copy(folder, "contracts.model", "snapshot")
    assert (code, "added    /shapes/HandshakeId/max" in output, "written: " in output) == (0, True, True), output
    written = Snapshot(**json.loads((folder / MODEL).read_text(encoding="utf-8")))
    cited = {place: digest for place, digest in current().cited.items() if "Duplicate" not in place}
    assert written == replace(current(), cited=cited)
    shutil.copy(CLAUSES, folder / "contracts/clauses.toml")
    assert in_copy(folder, "contracts.model", "drift")[0] == 0


def lowest(package: str) -> str:
    found = re.search(
        rf'^    "{package}>=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found is not None
    return f"{package}=={found[1]}"


def test_the_documentation_names_the_oldest_botocore_that_will_do() -> None:
    assert f"`{lowest('botocore').replace('==', ' ')}`" in (ROOT / "docs/contract.md").read_text(encoding="utf-8")


KNOWN = """
import json, botocore
from contracts.clauses import contract
from contracts.model.operation import shape
from fixtures.endpoints.regions import real_suffixes
actions, addresses = shape("ActionType").metadata["enum"], sorted(real_suffixes())
print(json.dumps([botocore.__version__, actions, addresses, dict(contract().left_out)]))
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("packages", "transfers"),
    [((lowest("boto3"), lowest("botocore")), False), (("boto3", "botocore"), True)],
    ids=["oldest", "newest"],
)
def test_the_suite_runs_with_the_oldest_botocore_that_it_asks_for_and_with_the_newest(
    packages: tuple[str, str], transfers: bool, tmp_path: Path
) -> None:
    other = tmp_path / "packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"--target={other}"]
    subprocess.run([*pip, *packages], check=True, timeout=300)
    environment = clean_environment(tmp_path) | {"PYTHONPATH": str(other)}
    asked = subprocess.run(
        [sys.executable, "-c", KNOWN], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    version, actions, addresses, left_out = json.loads(asked.stdout)
    assert {*addresses} >= real_suffixes()  # else it would take the real service for something else
    assert ("TRANSFER_RESPONSIBILITY" in actions) == transfers
    finished = suite(tmp_path, "--strict", PYTHONPATH=str(other))
    assert finished.code == 0, finished.output
    assert finished.run.header.model.endswith(f"botocore {version}")
    judged = {each.verdict.clause for each in finished.run.judgements}
    assert judged == {each.id for each in contract().clauses} - left_out.keys()
    assert all(f"the model of botocore {version} has nothing at " in because for because in left_out.values())
    assert finished.run.header.drift or transfers
    assert all(clause in finished.run.header.drift for clause in left_out)
