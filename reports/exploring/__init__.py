"""The report of an exploration, apart from that of the run, whose verdict it doesn't touch."""
