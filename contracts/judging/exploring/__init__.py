"""Sequences of calls that nobody wrote: what is known of each call, and how a target's answers differ from that."""
