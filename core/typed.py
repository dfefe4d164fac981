"""What comes as text in a request, as the value that it means."""

from __future__ import annotations

DIGITS = 18  # as many as every database holds in a column of whole numbers


def whole(text: str) -> int | None:
    """A whole number from 0 on; None for anything else, or one that no row can have."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None
