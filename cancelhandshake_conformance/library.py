"""Check an endpoint from within another project's tests.

The suite runs in a process of its own, so that no plugin, setting or module of the caller's changes a verdict. The
errors::

    NotChecked       no verdict came out
      BadUsage         an argument or a setting can't be followed (exit status 4)
      Unreachable      the endpoint can't be talked to (6)
      Interrupted      the run was stopped (2)
      SuiteBroke       the suite itself failed (3, or any that it doesn't know)
    NotConformant    raised by Result.assert_conformant
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cancelhandshake_conformance.serving import serve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from wsgiref.types import WSGIApplication

STREAM = "report.jsonl"
_OWN = "PYTEST_"  # settings of the caller's pytest, which the suite's own must not follow
_ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}
_OPTIONS = {"deviations": "--deviations", "target": "--target", "endpoint_url": "--endpoint-url"}


class NotChecked(Exception):
    """No verdict came out. ``code`` is the exit status of the suite and ``output`` all that it printed."""

    def __init__(self, code: int, output: str) -> None:
        self.code = code
        self.output = output
        errors = [line for line in output.splitlines() if "ERROR: " in line]
        said = errors[-1].partition("ERROR: ")[2] if errors else output.strip()
        super().__init__(said or f"the suite ended with exit status {code} and said nothing")


class BadUsage(NotChecked):
    """An argument or a setting can't be followed. The message is one line that says which, and what was expected."""


class Unreachable(NotChecked):
    """The endpoint can't be talked to."""


class Interrupted(NotChecked):
    """The run was stopped by a signal."""


class SuiteBroke(NotChecked):
    """The suite itself failed, which is a mistake of the suite and not of the endpoint."""


_ERRORS = {2: Interrupted, 3: SuiteBroke, 4: BadUsage, 6: Unreachable}


class NotConformant(AssertionError):
    """An endpoint isn't conformant. ``result`` is the whole result."""

    def __init__(self, result: Result) -> None:
        self.result = result
        super().__init__(f"{result.sentence}\n\n{result.text}")


@dataclass(frozen=True)
class Verdict:
    """What one clause came to on one exchange of the endpoint.

    ``clause`` is its id; ``case`` tells several exchanges of a clause apart, and is empty where it judges only one.
    ``level`` is required, recommended or advisory; ``outcome`` is passed, failed, not-implemented, blocked,
    not-applicable, error or known (a deviation on file). ``expected`` and ``actual`` say what a failed clause came to,
    ``because`` why another wasn't judged. ``exchanges`` are the ids of those that show it. ``sources`` are what the
    clause rests on.
    """

    clause: str
    case: str
    level: str
    outcome: str
    sentence: str
    expected: str
    actual: str
    because: str
    exchanges: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """The result of one run.

    ``code`` is the exit status that the command would have had (0: conformant), ``sentence`` the verdict, ``text`` the
    report as it is printed. ``lines`` are the objects of ``report.jsonl``, redacted.
    """

    code: int
    sentence: str
    verdicts: tuple[Verdict, ...]
    text: str
    lines: tuple[Mapping[str, Any], ...] = field(repr=False)
    strict: bool = False

    @property
    def conformant(self) -> bool:
        """Whether no clause failed at the level asked for, and as much was judged as was asked for."""
        return self.code == 0

    @property
    def failures(self) -> tuple[Verdict, ...]:
        """The verdicts that fail the run: of required clauses, and of recommended ones if it was strict."""
        gating = {"required", "recommended"} if self.strict else {"required"}
        return tuple(each for each in self.verdicts if each.outcome == "failed" and each.level in gating)

    def outcomes(self, clause: str) -> tuple[str, ...]:
        """Return the outcome of each check of a clause. Raises KeyError if the run has none of that clause."""
        found = tuple(each.outcome for each in self.verdicts if each.clause == clause)
        if not found:
            raise KeyError(f"no verdict of a clause {clause!r}")
        return found

    def assert_conformant(self) -> None:
        """Raise :class:`NotConformant`, with the report as its message, unless the endpoint is conformant."""
        __tracebackhide__ = True
        if not self.conformant:
            raise NotConformant(self)


def check(  # noqa: PLR0913  # independent settings, given by name
    endpoint_url: str | None = None,
    *,
    app: WSGIApplication | None = None,
    target: str | None = None,
    deviations: str | os.PathLike[str] | None = None,
    strict: bool = False,
    only: Iterable[str] = (),
    options: Iterable[str] = (),
    report_dir: str | os.PathLike[str] | None = None,
) -> Result:
    """Check an endpoint and return the result, whatever the verdict.

    The endpoint is the one at ``endpoint_url``, or that of the profile ``target`` (a name or a file), or a WSGI
    application ``app`` of this process, which is served on a free port of the loopback interface meanwhile.

    ``deviations`` is a file of known deviations, ``strict`` makes recommended clauses count, ``only`` are the ids of
    the clauses to judge. ``options`` are further options of the command, such as ``--account-strategy=header``.
    ``report_dir`` keeps the report files. Calls are independent of each other and may be made from several threads.

    Raises :class:`NotChecked`, or rather the class of it that says why, if no verdict came out.
    """
    if sum(each is not None for each in (endpoint_url, app)) > 1 or (endpoint_url, app, target) == (None,) * 3:
        raise TypeError("check() takes endpoint_url or app, or else the name of a target")
    with ExitStack() as until_done:
        if app is not None:
            endpoint_url = until_done.enter_context(serve(app))
        named = {"endpoint_url": endpoint_url, "target": target, "deviations": deviations}
        given = [f"{_OPTIONS[name]}={os.fspath(value)}" for name, value in named.items() if value is not None]
        given += [f"--only={clause}" for clause in only]
        given += [*(["--strict"] if strict else []), *options]
        folder = report_dir or until_done.enter_context(tempfile.TemporaryDirectory(prefix="cancelhandshake-"))
        return _run(given, Path(folder))


def _run(given: list[str], folder: Path) -> Result:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    # -P: a folder of the caller's called contracts or fixtures must not stand before the suite's.
    command = [sys.executable, "-P", "-m", "cancelhandshake_conformance", "run", *given, f"--report-dir={folder}"]
    done = subprocess.run(  # noqa: S603  # this Python, and no shell
        command,
        env=kept | _ALONE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    stream = folder / STREAM
    lines = [json.loads(line) for line in stream.read_text(encoding="utf-8").splitlines()] if stream.is_file() else []
    if done.returncode in _ERRORS or not lines or lines[-1]["type"] != "footer":
        raise _ERRORS.get(done.returncode, SuiteBroke)(done.returncode, done.stdout)
    return Result(
        code=done.returncode,
        sentence=lines[-1]["conclusion"],
        verdicts=tuple(_verdict(line) for line in lines if line["type"] == "verdict"),
        text=done.stdout,
        lines=tuple(lines),
        strict=lines[0]["strict"],
    )


def _verdict(line: dict[str, Any]) -> Verdict:
    texts = ("clause", "case", "level", "outcome", "sentence", "expected", "actual", "because")
    return Verdict(
        **{name: line[name] for name in texts}, exchanges=tuple(line["exchanges"]), sources=tuple(line["sources"])
    )
