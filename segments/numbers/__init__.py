"""What the customer tables tell of segments: each module asks one question."""
