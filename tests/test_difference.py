"""What changed between two reports, and what is made of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reports.__main__ import main
from tests.suite import once

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def healthy() -> Path:
    return once().folder / "report.jsonl"


@pytest.fixture(scope="module")
def broken() -> Path:
    return once("--fault=reason-missing").folder / "report.jsonl"


@pytest.fixture(scope="module")
def otherwise() -> Path:
    return once("--fault=reason-always-required").folder / "report.jsonl"


def diff(capsys: pytest.CaptureFixture[str], old: Path, new: Path, form: str = "text") -> tuple[int, str]:
    code = main(["diff", str(old), str(new), f"--format={form}"])
    return code, capsys.readouterr().out


def test_nothing_changed(capsys: pytest.CaptureFixture[str], healthy: Path) -> None:
    assert diff(capsys, healthy, healthy) == (0, "NOT WORSE: no clause came to something else\n")


def test_worse(capsys: pytest.CaptureFixture[str], healthy: Path, broken: Path) -> None:
    code, text = diff(capsys, healthy, broken)
    assert code == 1
    assert "NEWLY FAILING: 3 clauses\n" in text
    assert "NO LONGER JUDGED: 1 clause\n  errors.reason-parameter" in text
    assert "exit code: 0 -> 1" in text
    assert text.endswith("WORSE: 3 newly failing, 1 no longer judged\n")


def test_mended_is_not_worse(capsys: pytest.CaptureFixture[str], healthy: Path, broken: Path) -> None:
    code, text = diff(capsys, broken, healthy, "markdown")
    assert code == 0
    assert text.startswith("**NOT WORSE: 3 mended, 1 newly judged**\n")
    assert (
        "| `errors.reason` (3 checks) | required | failed: HTTP 400 InvalidInputException, Reason None | passed |"
        in text
    )


def test_differently_wrong(capsys: pytest.CaptureFixture[str], broken: Path, otherwise: Path) -> None:
    code, text = diff(capsys, broken, otherwise, "json")
    changes = json.loads(text)["changes"]
    assert {each["clause"] for each in changes if each["kind"] == "differently wrong"} >= {"errors.reason"}
    assert json.loads(text)["worse"] is bool(code)


@pytest.mark.parametrize("arguments", [[], ["diff"], ["diff", "/nowhere", "/nowhere"], ["frobnicate"]])
def test_bad_usage_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 4
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_cut_report_is_refused(capsys: pytest.CaptureFixture[str], healthy: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(healthy.read_bytes()[:-400])
    with pytest.raises(SystemExit) as ended:
        main(["diff", str(healthy), str(cut)])
    assert ended.value.code == 4
    assert "incomplete" in capsys.readouterr().err
