"""Servers whose bodies aren't what the protocol says, or hold texts that a reader of the report must not obey."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contracts.judging.exchange import Response
from tests.hostile.server import with_body, with_headers
from tests.hostile.table import (
    ALL,
    CANCEL,
    DESCRIBE,
    HALF,
    IDENTITY,
    INVITE,
    LEGAL,
    LISTS,
    NEVER,
    NOT_IDENTITY,
    WRONG,
    behaviour,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.server import Call

SHOWN = CANCEL + DESCRIBE + INVITE + LISTS
"""The operations that show handshakes."""


def _change_texts(call: Call, change: Callable[[str], str]) -> None:
    """Answer with every string that isn't an id or a name changed, in refusals and in handshakes alike."""
    document = call.document()
    if "__type" in document:
        document |= {"Message": change(str(document.get("Message"))), "Reason": change(str(document.get("Reason")))}
    call.answer_json(_changed(document, change))


def _changed(value: Any, change: Callable[[str], str], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _changed(item, change, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, change, name) for item in value]
    return change(value) if isinstance(value, str) and name in {"State", "Action", "Value", "Type", "Name"} else value


def _insert(call: Call, member: str, raw: bytes) -> None:
    """Answer with one more member at the beginning of the document, as these bytes."""
    whole = call.healthy().body
    call.answer_body(b'{"%s": %s, ' % (member.encode(), raw) + whole[1:])


@behaviour(HALF, SHOWN, quick=True)
def lone_surrogates(call: Call) -> None:
    """Shows lone surrogates where the model has patterns."""
    call.change({"Id": "h-\ud800\udfff", "Arn": "arn:\udc00", "State": "\ud83d"})


@behaviour(HALF, CANCEL)
def lone_surrogates_in_refusals(call: Call) -> None:
    """Refuses with a type, a Message and a Reason that hold lone surrogates."""
    call.answer_json({"__type": "Inv\ud800alid", "Message": "\udfff", "Reason": "\ud800:X"}, 400)


@behaviour(HALF, CANCEL)
def raw_surrogates(call: Call) -> None:
    """Writes surrogates as bytes, which UTF-8 doesn't have."""
    call.answer_body(call.healthy().body.replace(b"CANCELED", b"\xed\xa0\x80CANCELED"))


@behaviour(HALF, CANCEL)
def not_a_number(call: Call) -> None:
    """Writes NaN and Infinity into a cancellation's answer."""
    _insert(call, "Ratio", b"[NaN, Infinity, -Infinity]")


@behaviour(HALF, SHOWN)
def number_out_of_range(call: Call) -> None:
    """Writes 1e999 for timestamps."""
    whole = call.healthy().body
    call.answer_body(whole.replace(b'"RequestedTimestamp": ', b'"RequestedTimestamp": 1e999, "X": '))


@behaviour(HALF, SHOWN)
def minus_zero(call: Call) -> None:
    """Shows minus zero for timestamps."""
    call.change({"RequestedTimestamp": -0.0, "ExpirationTimestamp": -0.0})


@behaviour(HALF, SHOWN)
def integer_of_5000_digits(call: Call) -> None:
    """Writes integers of 5,000 digits, more than Python reads."""
    _insert(call, "Count", b"9" * 5000)


@behaviour(HALF, SHOWN)
def integer_of_4000_digits(call: Call) -> None:
    """Shows timestamps of 4,000 digits, which Python reads and can't turn into floats."""
    call.change({"RequestedTimestamp": 10**3999, "ExpirationTimestamp": 10**3999})


@behaviour(HALF, CANCEL)
def nested_arrays(call: Call) -> None:
    """Nests 100,000 arrays in a cancellation's answer."""
    _insert(call, "Deep", b"[" * 100_000 + b"]" * 100_000)


@behaviour(HALF, NOT_IDENTITY)
def nested_objects_everywhere(call: Call) -> None:
    """Nests 100,000 objects in every answer."""
    _insert(call, "Deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)


@behaviour(HALF, SHOWN)
def nested_to_the_limit(call: Call) -> None:
    """Nests as many arrays as Python's reader can just take, and what walks them can't."""
    _insert(call, "Deep", b"[" * 900 + b"]" * 900)


@behaviour(HALF, SHOWN)
def resources_within_resources(call: Call) -> None:
    """Nests the resources of a handshake, which the model allows, as deep as a document is read."""
    resource: dict[str, Any] = {"Type": "NOTES", "Value": "x"}
    for _ in range(45):
        resource = {"Type": "NOTES", "Value": "x", "Resources": [resource]}
    call.change({"Resources": [resource]})


@behaviour(HALF, NOT_IDENTITY)
def nested_without_an_end(call: Call) -> None:
    """Sends nothing but opening brackets."""
    call.answer_body(b"[" * 200_000)


@behaviour(HALF, SHOWN)
def repeated_members(call: Call) -> None:
    """Gives the State of every handshake twice."""
    call.answer_body(call.healthy().body.replace(b'"State": ', b'"State": "OPEN", "State": '))


@behaviour(HALF, NOT_IDENTITY)
def invalid_utf_8(call: Call) -> None:
    """Puts bytes that are no UTF-8 into every answer."""
    _insert(call, "Odd", b'"\xff\xfe\x80"')


@behaviour(HALF, CANCEL)
def byte_order_mark(call: Call) -> None:
    """Begins a cancellation's answer with a byte order mark."""
    call.answer_body(b"\xef\xbb\xbf" + call.healthy().body)


@behaviour(HALF, NOT_IDENTITY)
def json_in_utf_16(call: Call) -> None:
    """Writes every JSON document in UTF-16."""
    call.answer_body(call.healthy().body.decode().encode("utf-16"))


def _identity(call: Call, body: bytes, content_type: str = "text/xml") -> None:
    whole = with_body(call.healthy(), body)
    call.answer(with_headers(whole, ("Content-Type", content_type), without=("content-type",)))


def _identity_in(call: Call, name: str, codec: str) -> None:
    text = call.healthy().body.decode()
    _identity(call, f'<?xml version="1.0" encoding="{name}"?>{text}'.encode(codec))


XML_CODECS = LEGAL | HALF  # an account that can't be read is none: then the target has one account


@behaviour(XML_CODECS, IDENTITY)
def identity_in_utf_16(call: Call) -> None:
    """Answers GetCallerIdentity in UTF-16."""
    _identity_in(call, "UTF-16", "utf-16")


@behaviour(XML_CODECS, IDENTITY, quick=True)
def identity_in_utf_7(call: Call) -> None:
    """Answers GetCallerIdentity in UTF-7."""
    _identity_in(call, "UTF-7", "ascii")


@behaviour(XML_CODECS, IDENTITY)
def identity_in_ebcdic(call: Call) -> None:
    """Answers GetCallerIdentity in EBCDIC."""
    _identity_in(call, "cp037", "cp037")


@behaviour(XML_CODECS, IDENTITY)
def identity_in_an_unknown_encoding(call: Call) -> None:
    """Answers GetCallerIdentity in an encoding that there isn't."""
    _identity_in(call, "X-NOBODYS", "ascii")


@behaviour(XML_CODECS, IDENTITY)
def identity_in_a_codec_of_bytes(call: Call) -> None:
    """Declares a codec that turns bytes into bytes for the answer of GetCallerIdentity."""
    _identity_in(call, "zlib_codec", "ascii")


@behaviour(XML_CODECS, IDENTITY)
def identity_in_shift_jis(call: Call) -> None:
    """Declares an encoding of several bytes a character for the answer of GetCallerIdentity."""
    _identity_in(call, "Shift_JIS", "shift_jis")


@behaviour(XML_CODECS, IDENTITY)
def identity_of_a_billion_laughs(call: Call) -> None:
    """Answers GetCallerIdentity with entities that expand to a billion copies."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    _identity(call, f'<!DOCTYPE a [<!ENTITY l0 "laugh">{levels}]><a><Account>&l9;</Account></a>'.encode())


@behaviour(XML_CODECS, IDENTITY)
def identity_with_an_external_entity(call: Call) -> None:
    """Answers GetCallerIdentity with an entity that is a file of this machine, and one of another."""
    entities = '<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY h SYSTEM "http://192.0.2.1/x">'
    _identity(call, f"<!DOCTYPE a [{entities}]><a><Account>&f;&h;</Account></a>".encode())


@behaviour(XML_CODECS, IDENTITY)
def identity_nested_too_deep(call: Call) -> None:
    """Answers GetCallerIdentity with 200,000 elements, one in the other."""
    _identity(call, b"<a>" * 200_000 + b"<Account>111122223333</Account>" + b"</a>" * 200_000)


@behaviour(XML_CODECS, IDENTITY)
def identity_as_json(call: Call) -> None:
    """Answers GetCallerIdentity in JSON."""
    _identity(call, b'{"GetCallerIdentityResponse": {"Account": "111122223333"}}', "application/json")


@behaviour(XML_CODECS, IDENTITY)
def identity_with_control_characters(call: Call) -> None:
    """Names an account with a character reference to a C1 control and to a right-to-left override."""
    _identity(call, b"<a><Account>1111&#x9b;31m&#x202e;&#x2028;</Account></a>")


@behaviour(NEVER | HALF, NOT_IDENTITY)
def xml_in_place_of_json(call: Call) -> None:
    """Answers everything in XML."""
    call.answer_body(b"<Handshake><Id>h-00000000</Id></Handshake>")


@behaviour(NEVER, ALL, quick=True)
def page_with_a_script(call: Call) -> None:
    """Answers everything with a web page that has a script, and status 200."""
    page = b"<!doctype html><html><script>alert(1)</script><h1>Welcome</h1></html>"
    call.answer(Response(200, (("Content-Type", "text/html"), ("Content-Length", str(len(page)))), page))


@behaviour(NEVER, ALL)
def page_not_found(call: Call) -> None:
    """Answers everything with a web page and status 404."""
    page = b"<html><h1>404</h1>\x1b[31m::error::no</html>"
    call.answer(Response(404, (("Content-Type", "text/html"), ("Content-Length", str(len(page)))), page))


def _always(body: bytes, does: str) -> None:
    def always(call: Call) -> None:
        call.answer_body(body, 200)

    always.__name__ = f"always_{does.replace(' ', '_')}"
    always.__doc__ = f"Answers everything but GetCallerIdentity with {does}, and status 200."
    behaviour(NEVER | HALF, NOT_IDENTITY)(always)


for _body, _does in (
    (b"", "nothing"),
    (b"{}", "an empty object"),
    (b"null", "null"),
    (b"[]", "an empty list"),
    (b"7", "a number"),
    (b'"text"', "a string"),
    (b'{"Handshake": null}', "a handshake that is null"),
    (b'{"Handshake": [], "Handshakes": {}, "Accounts": 3, "Organization": "o"}', "members of wrong types"),
    (b'{"Handshakes": [null, 1, "a", [], {}], "Handshake": {"Id": {}, "State": []}}', "entries of wrong types"),
    (b"\0" * 100, "NULs"),
    (b'{"Handshake": {"Id": "h-00000000"', "half a document"),
):
    _always(_body, _does)


@behaviour(HALF, SHOWN, quick=True)
def wrong_types_everywhere(call: Call) -> None:
    """Shows handshakes whose members all have another type."""
    wrong = {"Id": 7, "Arn": [], "State": {}, "Parties": "none", "Resources": [None, 1, [2], {"Type": ["x"]}]}
    call.change(wrong | {"Action": True, "RequestedTimestamp": "now", "ExpirationTimestamp": None})


@behaviour(HALF, NOT_IDENTITY)
def unhashable_texts(call: Call) -> None:
    """Gives lists and objects wherever a type, a code, a state or an id is a string."""
    given: dict[str, Any] = {"__type": ["A"], "code": {"a": 1}, "Message": [1], "Reason": {"b": []}}
    _change_or_refuse(call, {"Id": ["h"], "State": ["OPEN"], "Parties": [{"Id": [1], "Type": {"a": 1}}]}, given)


def _change_or_refuse(call: Call, members: dict[str, Any], given: dict[str, Any]) -> None:
    if "__type" in call.document():
        call.answer_json(given)
    else:
        call.change(members)


def _obeyed(name: str, text: str, does: str, *, quick: bool = False) -> None:
    def obeyed(call: Call) -> None:
        _change_texts(call, lambda _: text)

    obeyed.__name__ = f"{name}_in_every_text"
    obeyed.__doc__ = f"Writes {does} into every text that it shows, in refusals, too."
    behaviour(HALF, NOT_IDENTITY, quick=quick)(obeyed)


C1 = "".join(map(chr, range(0x80, 0xA0)))
for _name, _text, _does, _quick in (
    ("escape_sequences", "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b[?1049h\x1bc", "escape sequences", True),
    ("c0_and_c1", "".join(map(chr, range(32))) + "\x7f" + C1, "all control characters", False),
    ("bidi", "\u202eabc\u202c \u2066x\u2069 \u200f\u061c\u2028\u2029\ufeff\u200b", "bidirectional controls", False),
    ("bare_returns", "failed\rPASSED\r::error::no\r\n", "bare carriage returns", False),
    ("ci_commands", "\n::error file=a::b\n##vso[task.complete]\n##teamcity[x]\n##[error]y\n", "CI commands", True),
    ("pytest_lines", "\n=== 1 passed in 0.1s ===\nCONFORMANT (exit 0): all judged\n", "lines of a green run", False),
    ("xml_forbidden", "\x00\x0b\ufffe\uffff]]><!--&amp;</testcase>", "what XML can't hold", True),
    ("markup", "<script>alert(1)</script><img src=x onerror=y>&#0;", "markup", False),
    ("formats", "%s %n {0} {0.__class__} ${HOME} $(id) `id` %(x)s \\x1b[0m", "format strings", False),
    ("long_lines", "a" * 20_000, "lines of 20,000 characters", False),
    ("many_lines", "a\n" * 5_000, "5,000 lines", False),
):
    _obeyed(_name, _text, _does, quick=_quick)


@behaviour(HALF, CANCEL)
def error_code_with_commands(call: Call) -> None:
    """Refuses every cancellation with a type that holds CI commands, in the header as well."""
    code = "\n::error::x\n\x1b[31m##vso[a]"
    whole = with_headers(call.healthy(), ("x-amzn-ErrorType", "::error::y\x1b[31m"))
    call.answer(with_body(whole, json.dumps({"__type": code, "Message": code}).encode(), 400))


@behaviour(HALF | LEGAL, CANCEL)
def headers_with_control_characters(call: Call) -> None:
    """Puts escape sequences, C1 controls and bytes above 127 into headers of a cancellation's answer."""
    further = (("X-Odd", "\x1b[31m\x07\x7f\x9b1m"), ("x-amzn-requestid", "\x1b]0;owned\x07"), ("X-\udcff", "\udcfe"))
    call.answer(with_headers(call.healthy(), *further))


@behaviour(HALF, SHOWN)
def member_names_with_commands(call: Call) -> None:
    """Adds members whose names hold CI commands, escape sequences and line breaks."""
    call.change({"\n::error::x": 1, "\x1b[2J": None, "a\rb": {"\u202e": None}, "": 0, "a/b~c": None, "\ud800": 1})


@behaviour(NEVER | HALF | LEGAL, NOT_IDENTITY)
def organization_of_odd_ids(call: Call) -> None:
    """Gives organizations and accounts ids that hold control characters, commands and lone surrogates."""
    document = call.document()
    if "Organization" in document:
        document["Organization"] |= {"Id": "o-\x1b[31m\n::error::\ud800", "MasterAccountId": "1\u202e2"}
    call.answer_json(document)


@behaviour(WRONG | HALF, CANCEL + DESCRIBE)
def strings_of_nul(call: Call) -> None:
    """Shows strings of NULs."""
    call.change({"State": "\0" * 10, "Arn": "\0", "Action": "\0INVITE"})
