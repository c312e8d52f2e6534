"""The proof that the verdicts can be believed: every clause against every fault, every guard weakened once."""
