"""The contract of the operation. Imports nothing from the project's other rooms."""

from pathlib import Path

__version__ = "0.1.0"
PACKAGE = "cancelhandshake_conformance"
COMMAND = "cancelhandshake-conformance" if Path(__file__).parent.parent.name == PACKAGE else "pytest"
"""What runs the suite: the console command where it is installed, pytest in a checkout."""
