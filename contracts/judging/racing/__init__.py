"""Two calls at once: their history, the orders that explain it, and how it is printed."""
