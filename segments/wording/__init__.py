"""Rules, and what is different between two of them, in words."""
