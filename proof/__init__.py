"""How is it known that the verdicts can be believed? Every clause meets every fault, every guard is weakened once."""
