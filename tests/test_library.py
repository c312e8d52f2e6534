"""The suite as a library, used as the tests of an endpoint's own project use it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Response

from cancelhandshake_conformance import BadUsage, NotConformant, Result, Unreachable, check
from fixtures.reference import Reference
from fixtures.reference.faults import fault
from fixtures.reference.realism import WITH_EXPIRED
from tests.endpoints import free_port
from tests.suite import ROOT, clean_environment, suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAULT = "reason-missing"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = clean_environment(tmp_path)
    monkeypatch.setattr("os.environ", kept)


@pytest.fixture(scope="module")
def faulty() -> Iterator[str]:
    with Reference.start(parts=fault(FAULT).parts, realism=WITH_EXPIRED) as reference:
        yield reference.url


@pytest.fixture(scope="module")
def result(faulty: str) -> Result:
    return check(faulty, only=["errors.reason", "transitions.sender-open", "transitions.sender-canceled"])


def test_a_healthy_endpoint_is_conformant() -> None:
    with Reference.start(realism=WITH_EXPIRED) as reference:
        result = check(reference.url, strict=True, only=["errors.reason", "transitions.sender-open"])
    result.assert_conformant()
    assert (result.code, result.failures, result.strict) == (0, (), True)


def test_verdicts_are_values(result: Result) -> None:
    assert result.code == 1
    assert {each.clause for each in result.failures} == {"errors.reason"}
    failure = result.failures[0]
    assert (failure.level, failure.actual) == ("required", "Reason None")
    assert failure.sources
    assert failure.exchanges
    with pytest.raises(KeyError, match=r"no verdict of a clause 'errors\.reasn'"):
        result.outcomes("errors.reasn")
    with pytest.raises(NotConformant, match="1 required clause failed") as raised:
        result.assert_conformant()
    assert raised.value.result is result
    assert "errors.reason" in str(raised.value)


@pytest.mark.long
def test_the_command_comes_to_the_same_verdicts(faulty: str, tmp_path: Path) -> None:
    result = check(faulty)
    done = suite(tmp_path, "suites", f"--endpoint-url={faulty}")
    assert done.code == result.code
    verdicts = (each.verdict for each in done.run.judgements)
    assert [(each.clause, each.case, str(each.outcome)) for each in verdicts] == [
        (each.clause, each.case, each.outcome) for each in result.verdicts
    ]


def test_deviations_are_honoured(faulty: str, tmp_path: Path) -> None:
    file = tmp_path / "deviations.toml"
    check(faulty, only=["errors.reason"], options=[f"--write-deviations={file}"])
    file.write_text(re.sub(r'reason = ".*"', 'reason = "known for long"', file.read_text()))
    result = check(faulty, deviations=file, only=["errors.reason"])
    result.assert_conformant()
    assert set(result.outcomes("errors.reason")) == {"known"}


def test_an_application_is_served_meanwhile() -> None:
    asked = []

    def application(environment: dict[str, str], start: object) -> object:
        asked.append(environment["REQUEST_METHOD"])
        return Response('{"__type": "InvalidAction"}', 400)(environment, start)  # type: ignore[arg-type]

    result = check(app=application, only=["transitions.sender-open"])  # type: ignore[arg-type]
    assert set(asked) == {"POST"}
    assert result.code in {6, 7, 8}


def test_runs_may_go_side_by_side(faulty: str) -> None:
    results: list[Result] = []
    threads = [threading.Thread(target=lambda: results.append(check(faulty, only=["errors.reason"]))) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each.code for each in results] == [1, 1, 1]


def test_what_is_wrong_is_raised_in_one_line() -> None:
    with pytest.raises(TypeError, match="takes endpoint_url or app"):
        check()
    with pytest.raises(BadUsage, match=r"^--endpoint-url: .*$") as raised:
        check("ftp://127.0.0.1")
    assert raised.value.code == 4
    with pytest.raises(Unreachable, match="does not answer"):
        check(f"http://127.0.0.1:{free_port()}")


def test_importing_it_hides_no_module_of_the_caller(tmp_path: Path) -> None:
    for name in ("contracts", "fixtures", "reports", "suites"):
        (tmp_path / f"{name}.py").write_text("mine = True\n")
    program = "import cancelhandshake_conformance, contracts, fixtures, reports, suites; assert contracts.mine"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=clean_environment(tmp_path), check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_the_documented_tests_are_tests_that_pass(tmp_path: Path) -> None:
    first, second = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "library.md").read_text(), re.DOTALL)
    (tmp_path / "test_mine.py").write_text(first)
    plugins, test = second.split("\n\n", 1)
    with Reference.start(parts=fault(FAULT).parts, realism=WITH_EXPIRED) as reference:
        check(reference.url, options=[f"--write-deviations={tmp_path / 'deviations.toml'}"])
        written = (tmp_path / "deviations.toml").read_text()
        (tmp_path / "deviations.toml").write_text(re.sub(r'reason = ".*"', 'reason = "known"', written))
        (tmp_path / "conftest.py").write_text(
            f"import types\nimport pytest\n{plugins}\n\n\n@pytest.fixture\ndef my_endpoint():\n"
            f"    return types.SimpleNamespace(url={reference.url!r})\n"
        )
        (tmp_path / "test_yours.py").write_text(test)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
            cwd=tmp_path,
            env=clean_environment(tmp_path),
            check=False,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
