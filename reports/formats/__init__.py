"""How a run reads: on a terminal, as JUnit XML, as a listing of the contract."""
