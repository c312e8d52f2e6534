"""The fixture ``cancelhandshake`` for the tests of an endpoint's own project.

Load it with ``pytest_plugins = ["cancelhandshake_conformance.fixture"]`` in a conftest.py. It adds no option and no
hook.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from cancelhandshake_conformance.library import check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cancelhandshake_conformance.library import Result


@pytest.fixture
def cancelhandshake(tmp_path: Path) -> Callable[..., Result]:
    """Return :func:`cancelhandshake_conformance.check`, with its report files in the test's ``tmp_path``."""
    return partial(check, report_dir=tmp_path / "cancelhandshake")
