"""Removal of what a report must not show: credentials, signatures and sensitive values."""
