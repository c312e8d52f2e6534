"""A reference that is far away: each of its answers takes a while, as over a network."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from fixtures.reference import Parts, Reference
from fixtures.reference.http.transmission import Transmission
from fixtures.reference.realism import WITH_EXPIRED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.judging.exchange import Response
    from fixtures.reference.http.transmission import Handler


@contextmanager
def far_reference(seconds: float) -> Iterator[str]:
    """Run a reference whose every answer takes so long; give its URL."""

    class Delayed(Transmission):
        """Sends each answer late."""

        def send(self, response: Response, handler: Handler) -> None:
            time.sleep(seconds)
            super().send(response, handler)

    with Reference.start(parts=replace(Parts(), transmission=Delayed), realism=WITH_EXPIRED) as reference:
        yield reference.url
