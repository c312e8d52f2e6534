"""Servers that send too much."""

from __future__ import annotations

import gzip
import io
import json
from functools import cache
from typing import TYPE_CHECKING

from tests.hostile.server import head, with_body, with_headers
from tests.hostile.table import ALL, AWAY, CANCEL, DESCRIBE, HALF, LEGAL, LISTS, NOT_IDENTITY, WRONG, behaviour

if TYPE_CHECKING:
    from tests.hostile.server import Call

BLANKS = b" " * 65536
MEGABYTE = 1024 * 1024


def flood(call: Call, piece: bytes = BLANKS) -> None:
    while True:
        call.send(piece)


@behaviour(HALF, CANCEL)
def endless_body(call: Call) -> None:
    """Answers a cancellation with a body that has no length and no end."""
    call.send(head(with_headers(call.healthy(), ("Connection", "close"), without=("content-length",))))
    flood(call)


@behaviour(AWAY, ALL)
def endless_body_everywhere(call: Call) -> None:
    """Answers everything with a body that has no length and no end."""
    endless_body(call)


@behaviour(HALF, CANCEL)
def body_of_100_megabytes(call: Call) -> None:
    """Answers a cancellation with 100 MB of blanks after the document, and the right length."""
    whole = call.healthy()
    length = str(len(whole.body) + 100 * MEGABYTE)
    call.send(head(with_headers(whole, ("Content-Length", length), without=("content-length",))) + whole.body)
    for _ in range(100 * MEGABYTE // len(BLANKS)):
        call.send(BLANKS)


@behaviour(HALF, CANCEL)
def length_of_a_gigabyte(call: Call) -> None:
    """States a length of 1 GB for a cancellation's answer, sends the document, and closes."""
    whole = with_headers(call.healthy(), ("Content-Length", str(1024 * MEGABYTE)), without=("content-length",))
    call.send(head(whole) + whole.body)
    call.connection.close()


@behaviour(HALF, CANCEL)
def header_of_a_megabyte(call: Call) -> None:
    """Adds a header of 1 MB to a cancellation's answer."""
    call.answer(with_headers(call.healthy(), ("X-Big", "a" * MEGABYTE)))


@behaviour(HALF, CANCEL)
def ten_thousand_headers(call: Call) -> None:
    """Adds 10,000 headers to a cancellation's answer."""
    call.answer(with_headers(call.healthy(), *((f"X-{number}", "a") for number in range(10_000))))


@behaviour(AWAY, ALL)
def ten_thousand_headers_everywhere(call: Call) -> None:
    """Adds 10,000 headers to every answer."""
    ten_thousand_headers(call)


@behaviour(HALF, CANCEL)
def endless_headers(call: Call) -> None:
    """Answers a cancellation with headers that have no end."""
    call.send(b"HTTP/1.1 200 OK\r\n")
    flood(call, b"X-A: " + b"a" * 1000 + b"\r\n")


@behaviour(HALF, CANCEL)
def endless_status_line(call: Call) -> None:
    """Answers a cancellation with a status line that has no end."""
    call.send(b"HTTP/1.1 200 ")
    flood(call, b"O" * 4096)


@behaviour(HALF, CANCEL)
def endless_chunk_extension(call: Call) -> None:
    """Answers a cancellation with a chunk extension that has no end."""
    call.send(head(with_headers(call.healthy(), ("Transfer-Encoding", "chunked"), without=("content-length",))))
    call.send(b"1;")
    flood(call, b"a" * 4096)


@behaviour(HALF | LEGAL, CANCEL)
def endless_trailers(call: Call) -> None:
    """Answers a cancellation in one chunk, with trailers that have no end."""
    whole = call.healthy()
    call.send(head(with_headers(whole, ("Transfer-Encoding", "chunked"), without=("content-length",))))
    call.send(b"%x\r\n%s\r\n0\r\n" % (len(whole.body), whole.body))
    flood(call, b"X-A: a\r\n")


@behaviour(AWAY, NOT_IDENTITY)
def every_answer_3_megabytes(call: Call) -> None:
    """Pads every JSON document with blanks to 3 MB, which is legal."""
    whole = call.healthy().body
    call.answer_body(whole[:-1] + b" " * (3 * MEGABYTE) + whole[-1:])


@behaviour(AWAY, NOT_IDENTITY)
def every_answer_5_megabytes_of_members(call: Call) -> None:
    """Adds an unknown member of 5 MB to every JSON document."""
    call.answer_json(call.document() | {"Ballast": "a" * (5 * MEGABYTE)})


@behaviour(AWAY, NOT_IDENTITY)
def every_refusal_2_megabytes(call: Call) -> None:
    """Gives every error a Message of 2 MB."""
    document = call.document()
    long = {"Message": "no way " * (2 * MEGABYTE // 7)} if "__type" in document else {}
    call.answer_json(document | long)


@cache
def bomb() -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(500):
            file.write(b" " * MEGABYTE)
    return packed.getvalue()


@behaviour(HALF, CANCEL)
def gzip_bomb(call: Call) -> None:
    """Answers a cancellation with 500 MB of blanks, compressed to half a megabyte."""
    call.answer(with_headers(with_body(call.healthy(), bomb()), ("Content-Encoding", "gzip")))


@behaviour(HALF, LISTS)
def endless_list_pages(call: Call) -> None:
    """Gives every page of a list another NextToken."""
    call.answer_json(call.document() | {"NextToken": f"page-{call.number}"})


@behaviour(HALF, LISTS)
def repeated_next_token(call: Call) -> None:
    """Gives every page of a list the same NextToken."""
    call.answer_json(call.document() | {"NextToken": "again"})


@behaviour(HALF, LISTS)
def empty_pages_without_end(call: Call) -> None:
    """Answers lists with empty pages, and a NextToken of 64 KB on each."""
    token = str(call.number).zfill(65536)
    call.answer_json({"Handshakes": [], "Accounts": [], "NextToken": token})


@behaviour(HALF, NOT_IDENTITY)
def nested_lists_in_every_answer(call: Call) -> None:
    """Adds an unknown member of 200 KB, lists within lists, to every JSON document."""
    call.answer_json(call.document() | {"Ballast": [[[], [[]]]] * 20_000})


@behaviour(HALF, NOT_IDENTITY)
def nested_lists_in_every_handshake(call: Call) -> None:
    """Adds an unknown member of 200 KB, lists within lists, to every handshake and every refusal."""
    document = call.document()
    where = document.get("Handshake") if isinstance(document.get("Handshake"), dict) else document
    where["Ballast"] = [[[], [[]]]] * 20_000
    call.answer_json(document)


@behaviour(HALF | LEGAL, LISTS)
def lists_of_100_000_entries(call: Call) -> None:
    """Adds 100,000 small entries to every list."""
    document = call.document()
    member = next(iter(document), "Handshakes")
    if call.healthy().status != 200:
        call.answer()
        return
    extra = b",".join([b'{"Id":"h-%08x"}' % number for number in range(100_000)])
    given = json.dumps(document[member])[1:-1].encode()
    call.answer_body(b'{"%s":[%s]}' % (member.encode(), b",".join(filter(None, (given, extra)))))


@behaviour(HALF, CANCEL + DESCRIBE)
def state_of_a_megabyte(call: Call) -> None:
    """Shows a State of 1 MB."""
    call.change({"State": "CANCELED" * (MEGABYTE // 8)})


@behaviour(HALF, CANCEL + DESCRIBE)
def id_of_a_megabyte(call: Call) -> None:
    """Shows an Id and an Arn of 1 MB."""
    call.change({"Id": "h-" + "0" * MEGABYTE, "Arn": "arn:aws:organizations::" + "1" * MEGABYTE})


@behaviour(HALF, CANCEL + DESCRIBE)
def ten_thousand_parties(call: Call) -> None:
    """Shows a handshake with 10,000 parties and as many resources."""
    many = [{"Id": f"party-{number}", "Type": "ACCOUNT", "Value": "x"} for number in range(10_000)]
    call.change({"Parties": many, "Resources": many})


@behaviour(HALF, CANCEL + DESCRIBE)
def ten_thousand_members(call: Call) -> None:
    """Shows a handshake with 10,000 unknown members."""
    call.change({f"Member{number}": number for number in range(10_000)})


@behaviour(WRONG, CANCEL)
def error_code_of_a_megabyte(call: Call) -> None:
    """Answers every cancellation with an error whose type is 1 MB long."""
    call.answer_json({"__type": "E" * MEGABYTE, "Message": "no"}, 400)
