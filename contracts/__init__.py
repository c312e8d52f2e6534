"""What the operation promises. Imports nothing of the project's other rooms."""

__version__ = "0.1.0"
