"""Verdicts and exchanges into one stream of JSON lines, and every other format out of that stream."""
