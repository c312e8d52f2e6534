"""Inputs of an operation that are derived from its only member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.model import StringShape

if TYPE_CHECKING:
    from botocore.model import Shape, StructureShape


@dataclass(frozen=True)
class Input:
    """One value of one member, named after the constraint that it breaks or the bound that it reaches.

    ``document`` is the whole input, ready to be sent as JSON. It lacks the member in the case ``required-absent``.
    """

    name: str
    member: str
    document: dict[str, Any]


class UnderivableShape(ValueError):
    """No inputs can be derived from an input shape of this kind yet."""

    def __init__(self, shape: Shape, why: str) -> None:
        self.shape = shape.name
        super().__init__(f"no inputs can be derived from the shape {shape.name}: {why}")


def only_string_member(shape: StructureShape) -> tuple[str, Shape]:
    """Return the structure's only member, which has to be a string with a pattern, by name and shape.

    Raises :class:`UnderivableShape` if it isn't.
    """
    if len(shape.members) != 1:
        raise UnderivableShape(shape, f"it has the members {[*shape.members]}, and exactly one is expected")
    ((name, member),) = shape.members.items()
    if not isinstance(member, StringShape) or "pattern" not in member.metadata:
        raise UnderivableShape(shape, f"{name} is a {member.type_name} and not a string with a pattern")
    return name, member
