"""The operation's model held against the contract: which clauses judge which part of it, and what changed in it."""
