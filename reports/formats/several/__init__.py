"""Matrices and histories as Markdown and as HTML."""
