"""The formats of a report: text for a terminal, JUnit XML, a listing of the contract."""
