"""Randomly generated call sequences: what is known of each call, and how a target's answers differ from that."""
