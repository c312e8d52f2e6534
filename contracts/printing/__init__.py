"""What every room needs to print: credentials are taken out, and what a terminal would obey is made visible."""
