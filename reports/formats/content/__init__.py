"""The contents that several formats show, as values: none of them knows how it is drawn."""
