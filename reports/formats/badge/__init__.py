"""The badge of a run: its verdict in a few words, as an image and as JSON."""
