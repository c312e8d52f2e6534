"""The operation's model as it was when the contract was last reviewed, on file beside this module."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore

from contracts.model.operation import UnresolvedPointer, resolve
from contracts.model.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SNAPSHOT = Path(__file__).with_name("snapshot.json")


@dataclass(frozen=True)
class Snapshot:
    """A model of one version of botocore: the operation's parts, and a digest of each other place that is cited."""

    botocore: str
    parts: Mapping[str, Any]
    cited: Mapping[str, str]


@cache
def snapshot(path: Path = SNAPSHOT) -> Snapshot:
    """Return the model on file."""
    return Snapshot(**json.loads(path.read_text(encoding="utf-8")))


def installed(cited: Iterable[str]) -> Snapshot:
    """Return the model of the installed botocore. Of places that it doesn't have there is no digest."""
    found = parts()
    elsewhere = sorted(each for each in {*cited} if not any(f"{part}/".startswith(f"{each}/") for part in found))
    digests = {place: _digest(place) for place in elsewhere}
    return Snapshot(botocore.__version__, found, {place: digest for place, digest in digests.items() if digest})


def write(taken: Snapshot, path: Path = SNAPSHOT) -> None:
    """Put the model on file, in place of the one before."""
    path.write_text(json.dumps(asdict(taken), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    snapshot.cache_clear()


def _digest(place: str) -> str:
    try:
        text = json.dumps(_bare(resolve(place)), sort_keys=True)
    except UnresolvedPointer:
        return ""
    return sha256(text.encode()).hexdigest()[:12]


def _bare(value: Any) -> Any:
    """Return the piece of a model without its documentation."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items() if key != "documentation"}
    return [_bare(each) for each in value] if isinstance(value, list) else value
