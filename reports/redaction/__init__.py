"""What a report must not show, and how it is taken out."""
