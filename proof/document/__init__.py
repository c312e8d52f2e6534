"""The contract as a document: every clause with what it rests on and what it catches."""
