"""An answer as botocore's own parser reads it, which is what a boto3 user gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.compat import HTTPHeaders
from botocore.parsers import ResponseParserError, create_parser

from contracts.model.operation import service_model

if TYPE_CHECKING:
    from contracts.judging.exchange import Exchange


def sdk_reading(exchange: Exchange) -> dict[str, Any]:
    """Return what botocore's parser makes of the answer. Raises ResponseParserError where it gives up."""
    if exchange.response is None:
        raise ResponseParserError(exchange.failure or "no answer")
    headers = HTTPHeaders()
    for name, value in exchange.response.headers:
        headers[name] = value
    shape = service_model().operation_model(exchange.operation).output_shape
    answer = {"status_code": exchange.response.status, "headers": headers, "body": exchange.response.body}
    try:
        return dict(create_parser("json").parse(answer, shape))
    except Exception as error:  # botocore raises ValueError for a wrong timestamp, AttributeError for other wrong types
        raise ResponseParserError(str(error)) from error
