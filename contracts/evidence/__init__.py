"""What is known of the real service: reports restated as recordings, and what the contract gains by them."""
