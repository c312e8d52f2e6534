"""A run as one page of HTML that needs no network, and no script to be read."""
