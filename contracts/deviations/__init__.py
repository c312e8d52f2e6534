"""Deviations on file: what a target is known to do differently, why, and until when that is put up with."""
