"""Several runs beside each other, and one after the other, as values."""
