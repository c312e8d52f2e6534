"""Find what must not be written: the credentials of a run, and the values that the model calls sensitive."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from botocore.model import OperationNotFoundError, StructureShape

from contracts.judging.exchange import header
from contracts.model.operation import MAKERS, operation
from contracts.model.sensitive import salvaged_values, sensitive_values
from contracts.values import NOTES_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.judging.exchange import Exchange, Request, Transcript

_KEY = re.compile(r"Credential=([^,/\s]+)")
_SIGNATURE = re.compile(r"Signature=([^,\s]+)")
# Begins where a word does and never goes back: a body may be one long word.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_AT = re.compile(r"@|\\u0040")
_EXAMPLE = re.compile(r"@([\w-]+\.)*example\.(com|net|org|test)$", re.IGNORECASE)
ACCOUNT = re.compile(r"[0-9]{12}")


def credentials(requests: Iterable[Request]) -> Iterator[str]:
    """Yield the access key ids and session tokens that the requests carry."""
    for request in requests:
        for name, value in request.headers:
            if name.lower() == "x-amz-security-token":
                yield value
            elif name.lower() == "authorization":
                yield from _KEY.findall(value)


def signatures(requests: Iterable[Request]) -> Iterator[str]:
    """Yield the signatures that the requests carry."""
    for request in requests:
        yield from _SIGNATURE.findall(header(request.headers, "authorization") or "")


def sensitive(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """Yield the values of sensitive members and the email addresses, in the order of their appearance."""
    for exchange in exchanges:
        yield from _sensitive(exchange.request.body, exchange.operation, "input_shape")
        if exchange.response:
            yield from _sensitive(exchange.response.body, exchange.operation, "output_shape")
            for _, value in exchange.response.headers:
                yield from _EMAIL.findall(value)


def invented(transcripts: Iterable[Transcript], *, minted: bool) -> Iterator[str]:
    """Yield the values that the suite made up itself, and what the target made of them: nobody's secrets.

    ``minted`` says that the accounts are made up, and with them their organizations. Notes are the suite's own where
    they begin with its mark.
    """
    for transcript in transcripts:
        if minted:
            organization = transcript.organization or ""
            yield from (*transcript.accounts.values(), organization, organization.removeprefix("o-"))
        for exchange in transcript.exchanges:
            if exchange.operation in MAKERS:
                notes = exchange.sent.get("Notes")
                if isinstance(notes, str) and notes.startswith(NOTES_MARK):
                    yield notes
                yield (exchange.handshake_id or "").removeprefix("h-")  # which a child shows as a resource's value


def is_example(value: str) -> bool:
    """Return whether the value is an address at a domain that is reserved for examples and tests."""
    return _EXAMPLE.search(value) is not None


def _sensitive(body: bytes, name: str, side: str) -> Iterator[str]:
    text = body.decode("utf-8", "surrogateescape")
    try:
        document = json.loads(text)
        # Read to the end before anything is handed out: a document may be nested too deep to be walked.
        values = [*sensitive_values(document, _shape(name, side))]
        values += _emails(document) if _AT.search(text) else ()
    except (ValueError, RecursionError):
        values = [*salvaged_values(text), *_EMAIL.findall(text)]
    yield from filter(None, values)


def _shape(name: str, side: str) -> StructureShape | None:
    try:
        shape: StructureShape | None = getattr(operation(name), side)
    except OperationNotFoundError:
        return None
    return shape


def _emails(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _EMAIL.findall(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _EMAIL.findall(key)
            yield from _emails(item)
    elif isinstance(value, list):
        for item in value:
            yield from _emails(item)
