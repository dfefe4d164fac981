"""Conditions as the bits of one number, so that their combinations can be counted."""

from __future__ import annotations

from collections.abc import Sequence

import ibis

from segments.compile import ir


def bits(conditions: Sequence[ir.BooleanValue]) -> ir.IntegerValue:
    """One number a row: bit i is set where the i-th condition holds; null does not."""
    values = [
        condition.ifelse(ibis.literal(1 << place, "int32"), ibis.literal(0, "int32"))
        for place, condition in enumerate(conditions)
    ]
    return total(values).cast("int32")


def total(numbers: Sequence[ir.IntegerValue]) -> ir.IntegerValue:
    """Added in pairs, so that the expression stays flat."""
    values = list(numbers) or [ibis.literal(0)]
    while len(values) > 1:
        pairs = [values[i : i + 2] for i in range(0, len(values), 2)]
        values = [pair[0] + pair[1] if len(pair) > 1 else pair[0] for pair in pairs]
    return values[0]
