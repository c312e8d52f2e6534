"""The operation as botocore's service model describes it. No other module reads the model."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape, StructureShape
from referencing import Registry
from referencing.exceptions import PointerToNowhere
from referencing.jsonschema import DRAFT202012

SERVICE = "organizations"
OPERATION = "CancelHandshake"
INVITE = "InviteAccountToOrganization"
ENABLE = "EnableAllFeatures"
TRANSFER = "InviteOrganizationToTransferResponsibility"
MAKERS = frozenset({INVITE, ENABLE, TRANSFER})
"""The operations that make a handshake."""


@cache
def loader() -> Loader:
    """Return the loader of botocore's data, which keeps what it has read: some of it is a megabyte of JSON."""
    return Loader()


@cache
def raw_model() -> dict[str, Any]:
    """Return the service model as the JSON document that the installed botocore ships."""
    model: dict[str, Any] = loader().load_service_model(SERVICE, "service-2")
    return model


@cache
def service_model() -> ServiceModel:
    """Return the service model as botocore reads it."""
    return ServiceModel(raw_model(), SERVICE)


def operation(name: str = OPERATION) -> OperationModel:
    """Return the operation's model: input and output shape, errors, HTTP binding."""
    return service_model().operation_model(name)


def input_shape(name: str = OPERATION) -> StructureShape:
    """Return the structure that the operation takes."""
    return operation(name).input_shape


def output_shape(name: str = OPERATION) -> StructureShape:
    """Return the structure that the operation answers with."""
    return operation(name).output_shape


def error_shapes(name: str = OPERATION) -> dict[str, StructureShape]:
    """Return the errors that the operation declares, by the name that an answer gives them."""
    return {shape.error_code: shape for shape in operation(name).error_shapes}


@cache
def known_errors() -> frozenset[str]:
    """Return the names of all errors that any operation of the service declares."""
    names = service_model().operation_names
    return frozenset(error for name in names for error in error_shapes(name))


def shape(name: str) -> Shape:
    """Return the shape of this name. Raises botocore's NoShapeFoundError for an unknown one."""
    return service_model().shape_for(name)


def target_header(name: str = OPERATION) -> str:
    """Return the value of X-Amz-Target that addresses the operation."""
    return f"{service_model().metadata['targetPrefix']}.{name}"


def content_type() -> str:
    """Return the content type that the protocol prescribes for requests and answers."""
    return f"application/x-amz-json-{service_model().metadata['jsonVersion']}"


def model_version() -> str:
    """Return the service's API version and the version of the botocore that ships the model."""
    return f"{SERVICE} {service_model().api_version}, botocore {botocore.__version__}"


class UnresolvedPointer(LookupError):
    """A source points to a place that the installed service model doesn't have."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        super().__init__(
            f"the model ({model_version()}) has nothing at {pointer!r}; mend the pointer, or install a newer botocore"
        )


def resolve(pointer: str) -> Any:
    """Return the model's value at this JSON pointer (RFC 6901). Raises :class:`UnresolvedPointer` if there is none."""
    resource = DRAFT202012.create_resource(raw_model())
    try:
        return resource.pointer(pointer=pointer, resolver=Registry().resolver()).contents
    except (PointerToNowhere, TypeError) as error:
        raise UnresolvedPointer(pointer) from error
