"""How is it known that the verdicts can be believed? Every clause against every fault, and every guard weakened once."""
