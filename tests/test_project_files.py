"""The files about the project itself: issue forms, the notice, the changes, what versions promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts import __version__
from contracts.judging.lines import FORMAT, FORMATS

ROOT = Path(__file__).parents[1]
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
# https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
KINDS = {"markdown", "input", "textarea", "dropdown", "checkboxes"}


def _form(path: Path) -> dict[str, Any]:
    form: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return form


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_is_one_that_github_shows(path: Path) -> None:
    form = _form(path)
    assert form.keys() <= {"name", "description", "title", "labels", "assignees", "body"}
    assert form["name"]
    assert form["description"]
    fields = [each for each in form["body"] if each["type"] != "markdown"]
    assert fields, "GitHub wants at least one field that is filled in"
    ids = [each["id"] for each in fields]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", each) for each in ids)
    for each in form["body"]:
        assert each["type"] in KINDS
        assert each["attributes"].get("value" if each["type"] == "markdown" else "label")
        if each["type"] in {"dropdown", "checkboxes"}:
            assert each["attributes"]["options"]


def test_whoever_says_that_a_clause_is_wrong_is_asked_for_the_exchange() -> None:
    form = _form(ROOT / ".github/ISSUE_TEMPLATE/1-wrong-clause.yml")
    required = {each["id"] for each in form["body"] if each.get("validations", {}).get("required")}
    assert {"clause", "exchange", "verdict", "versions"} <= required


def test_the_changes_name_this_version_and_what_is_not_released() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1].split(" ")[0] == __version__


def test_the_notice_names_the_licence_that_the_package_declares() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert "Apache License, Version 2.0" in notice
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "Copyright 20" in notice


def test_the_formats_that_are_read_are_those_that_the_documentation_names() -> None:
    told = " ".join((ROOT / "docs" / "versions.md").read_text(encoding="utf-8").replace("`", "").split())
    assert f"writes format {FORMAT} and reads the formats {' and '.join(map(str, FORMATS))}." in told
