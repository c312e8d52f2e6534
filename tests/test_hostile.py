"""Runs against the quickest of the hostile servers; ``make hostile`` runs them all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from contracts.vocabulary import ExitCode
from tests.hostile import TABLE, runs
from tests.hostile.server import KEYS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.table import Behaviour

QUICK = [each for each in TABLE.values() if each.quick]
SLOWER = {
    "ci-commands-in-every-text",
    "echoes-headers-in-refusals",
    "escape-sequences-in-every-text",
    "http-0-9",
    "redirect-to-another-host",
    "xml-forbidden-in-every-text",
}
"""Those that take longest of these: a run that goes on to its end."""


@pytest.mark.parametrize(
    "behaviour",
    [pytest.param(each, id=each.name, marks=[pytest.mark.long] * (each.name in SLOWER)) for each in QUICK],
)
def test_a_run_ends_well_whatever_the_server_does(behaviour: Behaviour, tmp_path: Path) -> None:
    run = runs.run_against(behaviour, tmp_path)
    assert not run.complaints, (tmp_path / "output").read_text(encoding="utf-8", errors="replace")[-3000:]


def test_every_behaviour_says_what_it_does_and_how_a_run_may_end() -> None:
    assert len(TABLE) >= 70
    assert 10 <= len(QUICK) <= 20
    assert {each.name for each in QUICK} > SLOWER
    for each in TABLE.values():
        assert re.fullmatch(r"[A-Z].*\.", each.does), each.name
        assert each.codes, each.name
        assert ExitCode.INTERNAL_ERROR not in each.codes, each.name


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x1b[31mb", "'\\x1b' in the output"),
        ("a\x9bb", "'\\x9b' in the output"),
        ("a\u202eb", "'\\u202e' in the output"),
        ("a\rb", "'\\r' in the output"),
        ("ok\n  ::error::x", "a CI system's command: ::"),
        ("##vso[x]", "a CI system's command: ##vso["),
        ("Traceback (most recent call last):", "Traceback in the output"),
        ("INTERNALERROR> x", "INTERNALERROR in the output"),
    ],
)
def test_what_must_not_be_printed_is_seen(text: str, seen: str) -> None:
    assert seen in "".join(runs._on_the_output(text))
    assert not [*runs._on_the_output("naïve: a::b\n- ::x ##vso[\n")]


def test_a_secret_in_any_file_and_a_connection_elsewhere_are_seen(tmp_path: Path) -> None:
    secret = KEYS["member"].secret_key
    for spelt in (secret, secret.replace("/", "%2F").replace("+", "%2B")):
        assert [*runs._on_secrets(b"", spelt.encode())] == ["the secret_key of the member is written"]
    watched = tmp_path / "watched"
    watched.write_text("socket.connect '127.0.0.1'\nsocket.connect '192.0.2.1'\n", encoding="utf-8")
    assert [*runs._on_connections(watched)] == ["it went elsewhere: socket.connect '192.0.2.1'"]
