"""JSON of others is read within bounds: what can be read can be walked, compared and written again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contracts.judging.exchange import Exchange, Request, Response
from contracts.judging.summary import body_kind
from contracts.model.patterns import matches
from contracts.reading import MOST_NESTED, read_json, read_toml, strict_json
from fixtures.reference import Parts, Reference
from fixtures.reference.organizations.views import Document, Views
from tests.suite import suite

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.reference.organizations.store import Handshake


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[" * 100_000, "nested deeper"),
        (b"[" * 900 + b"]" * 900, "nested deeper"),
        (b'{"a":' * (MOST_NESTED + 1) + b"1" + b"}" * (MOST_NESTED + 1), "nested deeper"),
        (b"[NaN]", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"1e999", "larger than any double"),
        (b"-" + b"9" * 400, "larger than any double"),
        (b"9" * 5_000, "larger than any double"),
        (b"\xff", "utf-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"", "Expecting value"),
    ],
    ids=repr,
)
def test_what_not_every_reader_takes_is_refused(body: bytes, why: str) -> None:
    for read in (read_json, strict_json):
        with pytest.raises(ValueError, match=why):
            read(body)


def test_only_a_strict_reader_refuses_a_repeated_member() -> None:
    assert read_json('{"a": 1, "a": 2}') == {"a": 2}
    with pytest.raises(ValueError, match="'a' is repeated"):
        strict_json('{"b": [{"a": 1, "a": 2}]}')


def test_what_is_within_the_bounds_is_read_as_it_stands() -> None:
    value = {"a": ["[" * 200, -0.0, 1e308, 10**300, None, "\ud800"], "b": [[[]]] * 200}
    assert read_json(json.dumps(value)) == value
    deep = "[" * MOST_NESTED + "]" * MOST_NESTED
    assert json.dumps(read_json(deep)) == deep


def test_a_verdict_says_why_a_body_of_the_right_form_is_not_read() -> None:
    def kind(body: bytes) -> str:
        return body_kind(Exchange("a", "b", "c", "d", Request("POST", "", (), b""), Response(200, (), body)))

    assert kind(b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}").endswith("nested deeper than 100 levels")
    assert kind(b'{"a": 1, "a": 2}').endswith("no JSON object: the member 'a' is repeated")
    assert kind(b"nope").endswith("no JSON object: 'nope'")
    assert kind(b"[]").endswith("no JSON object: '[]'")


@pytest.mark.parametrize("text", ["\ud800", "h-\udfff0000000", "\udc00\ud800"])
def test_half_of_a_surrogate_pair_is_a_character_like_others_to_a_pattern(text: str) -> None:
    assert matches(r"^[\s\S]*$", text)
    assert not matches(r"^h-[0-9a-z]{8,32}$", text)
    assert matches(r"^..?$", "\U0001f600")


DEEP = "x = " + "[" * 5_000 + "]" * 5_000


@pytest.mark.parametrize("text", [DEEP, f"x = {'[' * MOST_NESTED}{']' * MOST_NESTED}", f"x = {'9' * 5_000}", "x = "])
def test_toml_is_read_within_the_same_bounds(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested deeper|digits|Invalid"):
        read_toml(text)
    assert read_toml("x = [[{y = 1}]]") == {"x": [[{"y": 1}]]}


@pytest.mark.parametrize("option", ["--deviations", "--write-deviations", "--target", "--replay"])
def test_a_file_that_is_nested_too_deep_is_refused_in_one_line(option: str, tmp_path: Path) -> None:
    path = tmp_path / ("deep.json" if option == "--replay" else "deep.toml")
    path.write_text("[" * 100_000 if option == "--replay" else DEEP, encoding="utf-8")
    done = suite(tmp_path / "reports", f"{option}={path}")
    assert done.code == 4, done.output
    assert "nested deeper than 100 levels" in done.output
    assert "Traceback" not in done.output


def test_a_deviation_that_was_seen_with_half_a_surrogate_pair_can_be_put_on_file(tmp_path: Path) -> None:
    class Half(Views):
        """Shows half of a surrogate pair for a state."""

        def handshake(self, handshake: Handshake) -> Document:
            return super().handshake(handshake) | {"State": "\ud800"}

    path = tmp_path / "deviations.toml"
    with Reference.start(parts=Parts(views=Half)) as reference:
        done = suite(tmp_path, f"--endpoint-url={reference.url}", "--settle=0", f"--write-deviations={path}")
    assert done.code == 1, done.output
    assert "\\\\ud800" in path.read_text(encoding="utf-8")
