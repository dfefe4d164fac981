"""Operators of numbers, on columns and on plain numbers alike."""

from __future__ import annotations

from typing import Any

import ibis


def compare(number: Any, operator: str, value: Any) -> Any:
    """A positive operator; null counts as false. number: an Ibis value or a plain number."""
    value = tuple(map(writable, value)) if isinstance(value, tuple) else writable(value)
    match operator:
        case "is":
            return number == value
        case "is_in":
            if isinstance(number, ibis.expr.types.Value):
                return number.isin(list(value))
            return number in value
        case "less_than":
            return number < value
        case "at_most":
            return number <= value
        case "greater_than":
            return number > value
        case "at_least":
            return number >= value
    low, high = value
    return (number >= low) & (number <= high)


def writable(value: Any) -> Any:
    """A number that every engine can hold: beyond 64 bits a whole one becomes a double."""
    return float(value) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value
