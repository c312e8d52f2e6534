"""Calls of a function on all processors."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")
_FEW = 16  # so many are made sooner than processes are started


def in_parallel(function: Callable[[T], R], arguments: Sequence[T]) -> Iterator[R]:
    """Yield what the function returns for each argument, in their order. All have to be picklable."""
    processors = os.cpu_count() or 1
    if processors < 2 or len(arguments) < _FEW:
        yield from map(function, arguments)
        return
    with ProcessPoolExecutor(processors) as pool:
        yield from pool.map(function, arguments)
