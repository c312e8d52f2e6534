"""The blocks of the report on a terminal or in a log."""
