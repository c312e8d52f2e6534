"""What does botocore's service model say of the operation? The one place that reads the model."""

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


@cache
def raw_model() -> dict[str, Any]:
    """Which JSON document is the service model, as the installed botocore ships it?"""
    model: dict[str, Any] = Loader().load_service_model(SERVICE, "service-2")
    return model


@cache
def service_model() -> ServiceModel:
    """How does botocore itself read that document?"""
    return ServiceModel(raw_model(), SERVICE)


def operation(name: str = OPERATION) -> OperationModel:
    """What is the operation's model: input and output shape, errors, HTTP binding?"""
    return service_model().operation_model(name)


def input_shape(name: str = OPERATION) -> StructureShape:
    """Which structure does the operation take?"""
    return operation(name).input_shape


def output_shape(name: str = OPERATION) -> StructureShape:
    """Which structure does the operation answer with?"""
    return operation(name).output_shape


def error_shapes(name: str = OPERATION) -> dict[str, StructureShape]:
    """Which errors does the operation declare, by the name that an answer gives them?"""
    return {shape.error_code: shape for shape in operation(name).error_shapes}


@cache
def known_errors() -> frozenset[str]:
    """Which errors does any operation of the service declare?"""
    names = service_model().operation_names
    return frozenset(error for name in names for error in error_shapes(name))


def shape(name: str) -> Shape:
    """Which shape has this name? Raises botocore's NoShapeFoundError for an unknown one."""
    return service_model().shape_for(name)


def target_header(name: str = OPERATION) -> str:
    """Which value of X-Amz-Target addresses the operation?"""
    return f"{service_model().metadata['targetPrefix']}.{name}"


def content_type() -> str:
    """Which content type does the protocol prescribe, both ways?"""
    return f"application/x-amz-json-{service_model().metadata['jsonVersion']}"


def model_version() -> str:
    """Which model is it: the service's API version and the botocore that ships it?"""
    return f"{SERVICE} {service_model().api_version}, botocore {botocore.__version__}"


class UnresolvedPointer(LookupError):
    """A source points at a place that the installed service model doesn't have."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        super().__init__(
            f"the model ({model_version()}) has nothing at {pointer!r}; mend the pointer, or install a newer botocore"
        )


def resolve(pointer: str) -> Any:
    """What stands in the model at this JSON pointer (RFC 6901)? Raises :class:`UnresolvedPointer` if nothing does."""
    resource = DRAFT202012.create_resource(raw_model())
    try:
        return resource.pointer(pointer=pointer, resolver=Registry().resolver()).contents
    except (PointerToNowhere, TypeError) as error:
        raise UnresolvedPointer(pointer) from error
