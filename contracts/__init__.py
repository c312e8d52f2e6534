"""The contract of the operation. Imports nothing from the project's other rooms."""

__version__ = "0.1.0"
