"""The report of a run: one stream of JSON lines, and every other format rendered from it."""
