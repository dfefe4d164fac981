"""Sums that have no answer where something is not known."""

from __future__ import annotations


def ratio(part: float | None, whole: float | None) -> float | None:
    """None where either is not known, or where it would divide by zero."""
    return None if part is None or not whole else part / whole
