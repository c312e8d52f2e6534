"""Weakened guards that the proof has to notice: each is made in a copy of the source, where the matrix must differ."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ROOMS = ("contracts", "fixtures", "suites", "reports", "proof")
NOTICED = "THE MATRIX DIFFERS"
BROKEN = "BREAKS THE SUITE"
SECONDS = 120


@dataclass(frozen=True)
class Weakening:
    """One guard made weaker: the file, its text before and after, and the faults by which it has to be noticed.

    Without ``faults`` it has to be noticed on the healthy reference. ``optimized`` runs the copy under ``python -O``.
    """

    name: str
    file: str
    strong: str
    weak: str
    faults: tuple[str, ...] = ()
    optimized: bool = False


class StaleWeakening(ValueError):
    """The text that a weakening replaces doesn't stand in the file exactly once, because the guard was rewritten."""

    def __init__(self, weakening: Weakening, count: int) -> None:
        self.weakening = weakening
        super().__init__(
            f"{weakening.name}: {weakening.file} has {weakening.strong!r} {count} times, not once; mend the weakening"
        )


def weakened(text: str, weakening: Weakening) -> str:
    """Return the file's text with the guard made weaker. Raises :class:`StaleWeakening` if the guard isn't found."""
    count = text.count(weakening.strong)
    if count != 1:
        raise StaleWeakening(weakening, count)
    return text.replace(weakening.strong, weakening.weak)


def noticed(weakening: Weakening) -> bool:
    """Return whether the matrix differs in a copy with this weakening. Raises RuntimeError if the copy doesn't run."""
    with tempfile.TemporaryDirectory(prefix="weakened-") as folder:
        copy = Path(folder)
        for room in ROOMS:
            shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
        path = copy / weakening.file
        path.write_text(weakened(path.read_text(encoding="utf-8"), weakening), encoding="utf-8")
        flags = ["-O"] if weakening.optimized else []
        command = [sys.executable, *flags, "-m", "proof", "--only", *weakening.faults]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy)}
        done = subprocess.run(  # noqa: S603  # the project's own command
            command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    ran = done.returncode in {0, 1} and (done.returncode == 1) == (NOTICED in done.stdout)
    if not ran or BROKEN in done.stdout:  # a weakening that merely breaks the suite proves nothing
        raise RuntimeError(f"{weakening.name}: the copy doesn't run: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.returncode == 1


def results() -> Iterator[tuple[Weakening, bool]]:
    """Yield each declared weakening, with whether it is noticed."""
    return ((each, noticed(each)) for each in WEAKENINGS)


WEAKENINGS: tuple[Weakening, ...] = (
    Weakening(
        "a clause that always passes",
        "suites/test_response.py",
        'expect_equal(handshake_in(answer).get("State"), "CANCELED", "State")',
        "handshake_in(answer)",
        ("cancel-answers-old-state",),
    ),
    Weakening(
        "no look at the proof after a refused call",
        "suites/test_aftermath.py",
        "before, after = evidence.read_before(answer, handshake), evidence.read_after(answer, handshake)",
        "before = evidence.read_before(answer, handshake); after = evidence.looked_at[-1]",
        ("denied-but-canceled",),
    ),
    Weakening(
        "the proof looks at the state alone",
        "suites/test_aftermath.py",
        "expect_same_handshake(handshake_in(after), before, but=but)",
        'expect_equal(after.state, before.get("State"), "State")',
        ("refused-but-expiry-moved",),
    ),
    Weakening(
        "any of the operation's errors will do",
        "suites/test_transitions.py",
        'expect_refused(answer, outcome("CANCELED", Actor.SENDER).codes)',
        'expect(answer.code is not None, expected="an error", actual=answer_summary(answer))',
        ("canceled-again-is-wrong-state",),
    ),
    Weakening(
        "an error with any status is a refusal",
        "contracts/judging/expectations.py",
        "refused = answer.status is not None and answer.status >= 400",
        "refused = True",
        ("errors-are-200",),
    ),
    Weakening(
        "any error turns a caller down",
        "contracts/judging/expectations.py",
        "client_error = answer.status is not None and 400 <= answer.status < 500",
        "client_error = answer.status is not None and answer.status >= 400",
        ("errors-are-500",),
    ),
    Weakening(
        "a schema without required members",
        "contracts/model/shapes.py",
        'described["required"] = [*shape.required_members]',
        'described["required"] = []',
        ("invited-party-without-id",),
    ),
    Weakening(
        "a closed schema that is open",
        "contracts/model/shapes.py",
        'described["additionalProperties"] = False',
        'described["additionalProperties"] = True',
        ("unknown-member-shown",),
    ),
    Weakening(
        "patterns searched for with Python's $",
        "contracts/model/patterns.py",
        "return _engine(pattern).find(text) is not None",
        "return re.search(pattern, text) is not None",
        ("pattern-by-python",),
    ),
    Weakening(
        "parties compared in their order",
        "contracts/judging/expectations.py",
        "return sorted((unordered(item) for item in value), key=_type_and_text)",
        "return [unordered(item) for item in value]",
    ),
    Weakening(
        "a Reason whose kind is not looked at",
        "suites/test_errors.py",
        "given is not None and reason_kind(given) == recorded",
        "given is not None",
        ("reason-always-required",),
    ),
    Weakening(
        "a throttled call answered with any status",
        "suites/test_errors.py",
        '        expect_equal(answer.status, 400, "HTTP status")\n        expect(bool',
        "        expect(bool",
        ("throttled-is-429",),
    ),
    Weakening(
        "a conflict answered with any status",
        "suites/test_errors.py",
        'actual=answer_summary(answer))\n        expect_equal(answer.status, 400, "HTTP status")\n',
        "actual=answer_summary(answer))\n",
        ("conflict-is-409",),
    ),
    Weakening(
        "an expiry to within two days",
        "suites/test_response.py",
        "EXPIRY_TOLERANCE = 5",
        "EXPIRY_TOLERANCE = 172_800",
        ("expires-after-14-days",),
    ),
    Weakening(
        "an Arn of any account",
        "suites/test_response.py",
        'found["account"] == evidence.account("sender") and ',
        "",
        ("arn-of-another-account",),
    ),
    Weakening(
        "request ids that may repeat",
        "suites/test_wire.py",
        "if count > 1}",
        "if count > 1_000}",
        ("request-id-repeated",),
    ),
    Weakening(
        "nulls looked for at the top only",
        "suites/test_wire.py",
        'yield from _nulls(member, f"{path}/{name}")',
        'yield from (f"{path}/{name}" for _ in (member,) if member is None)',
        ("null-member-shown",),
    ),
    Weakening(
        "expectations as assert statements, under python -O",
        "contracts/judging/expectations.py",
        "    if not held:\n        raise Deviation(expected=expected, actual=actual)",
        "    assert held, (expected, actual)",
        ("cancel-answers-old-state",),
        optimized=True,
    ),
)
