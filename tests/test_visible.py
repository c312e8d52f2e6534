"""What comes from outside obeys nobody: no terminal, and no CI system that reads the log."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from contracts.printing.guard import GuardedStream
from contracts.printing.visible import harmless, line, visible
from contracts.vocabulary import Level, Outcome
from reports import stream
from reports.__main__ import main
from reports.formats import junit
from tests.endpoints import always
from tests.suite import suite
from tests.test_reports import judgement, run

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = (
    "::error::x",
    "  ::set-output name=x::y",
    "\t::stop-commands::t",
    "##vso[task.x]y",
    "a ##[error]b",
    "##teamcity[x]",
)
OBEYED = re.compile(r"^\s*::|##(?:vso|teamcity)?\[", re.MULTILINE | re.IGNORECASE)
CONTROLS = [
    *map(chr, (*range(10), *range(11, 32), *range(127, 160))),  # C0 without the line break, DEL, C1
    *"\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",  # bidirectional
    *"\u200b\u200c\u200d\u2060\ufeff\u00ad",  # without a width
    *"\u2028\u2029",
    *"\ud800\udfff",
]


def written(*pieces: str, painted: bool = False) -> str:
    file = io.StringIO()
    guarded = GuardedStream(file, lambda text: text.replace("secret", "REDACTED"), painted=painted)
    for piece in pieces:
        guarded.write(piece)
    return file.getvalue()


@pytest.mark.parametrize("character", CONTROLS, ids=ascii)
def test_every_control_is_seen(character: str) -> None:
    for shown in (visible(f"a{character}b"), line(f"a{character}b"), written(f"a{character}b")):
        assert shown.isascii()
        assert shown.startswith("a\\")
        assert shown.isprintable()


def test_what_people_write_stays() -> None:
    text = "Caf\u00e9, \u65e5\u672c\u8a9e, \U0001f91d: a::b, # 1, [x]\nnext"
    assert visible(text) == harmless(text) == written(text) == text
    assert line(text) == text.replace("\n", "\\n")


@pytest.mark.parametrize("command", COMMANDS, ids=str.strip)
def test_no_line_begins_with_a_command(command: str) -> None:
    assert OBEYED.search(command)
    for text in (command, f"one\n{command}", f"{command}\n{command}"):
        assert not OBEYED.search(harmless(text))
        assert not OBEYED.search(line(text))
        assert not OBEYED.search(written(text))
    assert not OBEYED.search(written("one\n", "  ", command))
    assert not OBEYED.search(written("\r\n", command))


def test_what_stands_within_a_line_stays() -> None:
    assert written("suites/test_x.py", "::test_it", " PASSED\n") == "suites/test_x.py::test_it PASSED\n"


def test_colours_pass_where_they_are_the_writers() -> None:
    assert written("\r\033[31mred\033[0m\033[2J", painted=True) == "\r\033[31mred\033[0m\\x1b[2J"
    assert written("\033[31mred\033[0m") == "\\x1b[31mred\\x1b[0m"


def test_secrets_do_not_pass() -> None:
    assert written("a secret here\n") == "a REDACTED here\n"


def test_the_commands_on_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = "\n".join(["\033[2J\u202e\r\x07", *COMMANDS])
    failed = judgement(Outcome.FAILED, "errors.echo", Level.REQUIRED, because=told, expected=told, actual=told)
    path = tmp_path / "report.jsonl"
    stream.write(run(failed), path)
    stream.write(run(), tmp_path / "old.jsonl")
    main(["diff", str(tmp_path / "old.jsonl"), str(path)])
    main(["diff", str(tmp_path / "old.jsonl"), str(path), "--format=markdown"])
    shown = capsys.readouterr().out
    assert "newly failing" in shown
    main(["annotate", str(path), "--output", str(tmp_path / "outputs")])
    annotations = capsys.readouterr().out
    assert annotations.startswith("::error title=")
    assert len(annotations.splitlines()) == 1
    own = annotations.removeprefix("::error")
    for text in (shown, own, (tmp_path / "outputs").read_text(), junit.render(run(failed))):
        assert not OBEYED.search(text)
        assert text.replace("\n", "").isprintable()


@pytest.mark.long
def test_a_target_that_writes_on_the_terminal(tmp_path: Path) -> None:
    told = "\n".join(["\033[2J\u202e\r\x07\x9b31m", *COMMANDS])
    body = json.dumps({"__type": f"Odd{told}", "Message": told}, ensure_ascii=False).encode()
    with always(400, "application/x-amz-json-1.1", body) as url:
        for options in ((), ("--plan",), ("--account-strategy=one",), (f"--profile={told}",), (f"--target={told}",)):
            finished = suite(tmp_path, f"--endpoint-url={url}", "-p", "no:randomly", *options)
            assert not OBEYED.search(finished.output), options
            assert finished.output.replace("\n", "").isprintable(), options


def test_a_profile_that_writes_on_the_terminal(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(f"about = {json.dumps(chr(27) + '[2J' + chr(0x202E) + chr(10) + '::error::x')}\n", encoding="utf-8")
    finished = suite(tmp_path, f"--target={mine}", "--endpoint-url=http://127.0.0.1:1", "--show-target")
    assert finished.code == 0
    assert "\\x1b[2J\\u202e" in finished.output
    assert not OBEYED.search(finished.output)
    assert finished.output.replace("\n", "").isprintable()
