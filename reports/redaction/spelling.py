"""The spellings of a value in a text: plain, escaped in JSON or XML, percent-encoded, quoted several times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise

_JSON_NAMES = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", '"': '"', "'": "'", "/": "/"}
_BACKSLASH = "\\"
_MOST = 16
_XML_NAMES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


class Scope(Enum):
    """Where a value is looked for; ``{}`` stands for the value.

    A whole string ends at a quote, itself perhaps escaped, or at the brackets of an XML element. The name of a JSON
    member is a string as well, and is none of the values that are looked for.
    """

    ANYWHERE = "(?:{})"
    NUMBER = r"(?<!\d)(?:{})(?!\d)"
    WORD = r"(?<!\w)(?:{})(?!\w)"
    WHOLE = r"(?:(?<=[\"'>])(?:{})(?=\\*[\"'<])(?!\\*\"\s*:)|\A(?:{})\Z)"


@dataclass(frozen=True)
class Spelt:
    """A value that can be found in a text, however its characters are escaped there."""

    value: str
    scope: Scope

    @cached_property
    def _plain(self) -> re.Pattern[str]:
        return re.compile(self.scope.value.replace("{}", re.escape(self.value)))

    @cached_property
    def _escaped(self) -> re.Pattern[str]:
        pieces = re.findall(r"\\+|[^\\]", self.value)
        spelt = (_spellings(piece, before) for before, piece in pairwise(["", *pieces]))
        return re.compile(self.scope.value.replace("{}", "".join(spelt)))

    def replace(self, text: str, placeholder: str) -> str:
        """Return the text with the placeholder in every place of the value."""
        if any(mark in text for mark in "\\&%"):
            return self._escaped.sub(lambda _: placeholder, text)
        return self._plain.sub(lambda _: placeholder, text) if self.value in text else text


def _spellings(piece: str, before: str) -> str:
    # Where a message quotes JSON inside of JSON, there are twice as many backslashes, and so on. The number is bounded,
    # and a run of them is taken as a whole, or a body of nothing but backslashes would take hours.
    if piece.startswith(_BACKSLASH):
        return rf"\\{{{len(piece)},{len(piece) * _MOST}}}+"
    escape = rf"\\{{{0 if before.startswith(_BACKSLASH) else 1},{_MOST}}}"
    units = piece.encode("utf-16-be", "surrogatepass").hex()
    ways = [re.escape(piece), "".join(f"{escape}u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4))]
    if piece in _JSON_NAMES:
        ways.append(escape + _JSON_NAMES[piece])
    if piece in _XML_NAMES:
        ways.append(f"&{_XML_NAMES[piece]};")
    if not (piece.isascii() and piece.isalnum()):
        octets = piece.encode("utf-8", "surrogatepass").hex()
        ways += [f"&#0*{ord(piece)};", f"&#[xX]0*(?i:{ord(piece):x});"]
        ways.append("".join(f"%(?i:{octets[at : at + 2]})" for at in range(0, len(octets), 2)))
    return f"(?:{'|'.join(ways)})"
