"""An answer as botocore's own parser reads it, which is what a boto3 user gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.compat import HTTPHeaders
from botocore.parsers import ResponseParserError, create_parser

from contracts.model.operation import output_shape
from contracts.model.returned import returned
from contracts.reading import strict_json

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange


def sdk_reading(exchange: Exchange) -> dict[str, Any]:
    """Return what botocore's parser makes of the answer. Raises ResponseParserError where it gives up."""
    if exchange.response is None:
        raise ResponseParserError(exchange.failure or "no answer")
    shape = output_shape(exchange.operation)
    if exchange.response.parsed:
        return dict(returned(strict_json(exchange.response.body), shape))
    headers = HTTPHeaders()
    for name, value in exchange.response.headers:
        headers[name] = value
    answer = {"status_code": exchange.response.status, "headers": headers, "body": exchange.response.body}
    try:
        return dict(create_parser("json").parse(answer, shape))
    except Exception as error:  # botocore raises ValueError for a wrong timestamp, AttributeError for other wrong types
        raise ResponseParserError(str(error)) from error
