"""How much a run costs beyond what its exchanges cost by themselves."""
