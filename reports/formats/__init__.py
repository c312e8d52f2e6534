"""The formats of a report: text for a terminal, JUnit XML, a page of HTML, a listing of the contract."""
