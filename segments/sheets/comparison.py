"""A comparison of segments as its page shows it: figures, parts, pairs, and circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import formats
from segments.numbers.comparing import FEWEST, Comparison, said
from segments.numbers.differing import Spread
from segments.numbers.insights import Sums
from segments.sheets import circles, overview

TEN = 10  # the largest parts that are shown of four or five segments
PICTURE = 320  # the longer side of the picture, in its own units
PADDING = 12
MOST_APART = 5  # values of an attribute in which segments differ
TONES = ("first", "second", "third", "fourth", "fifth")


def shown(found: Comparison, to_first: bool = False) -> dict[str, Any]:
    """What the page says of a comparison, as the variables of its template.

    to_first: figures are held against the first segment's, not everyone's.
    """
    each = [found.within([place]) for place in range(len(found.names))]
    everyone = found.of(found.masks)
    few = len(found.names) <= 3
    masks = [*range((1 << len(found.names)) - 1, 0, -1), 0] if few else found.largest(TEN)
    return {
        "columns": [{"name": name, "tone": TONES[n]} for n, name in enumerate(found.names)],
        "metrics": _metrics(found, [*each, everyone], 0 if to_first else len(each)),
        "picture": _picture(found, each) if few else None,
        "pairs": None if few else _pairs(found, each),
        "parts": [_part(found, mask) for mask in masks],
        "most_of_a_part": max((found.of([mask]).customers for mask in masks if mask), default=0),
        "few": few,
        "finding": _finding(found, each),
        "everyone": everyone.customers,
    }


def _metrics(found: Comparison, columns: Sequence[Sums], base: int) -> list[dict[str, Any]]:
    """The rows of figures: of each segment and of everyone the value, beside it what it says.

    Averages say how far they are from those of the column ``base``; so do all figures that
    are not a part of their own column, where a segment is that column. Else these say their
    share of everyone.
    """
    *_, everyone = columns
    rows = []
    for label, name, in_words, info in METRICS:
        values = [getattr(sums, name) for sums in columns]
        apart = [formats.apart(value, values[base]) for value in values]
        apart[base] = ""
        if in_words is formats.count and name not in WHOLES:
            notes = [_share(v, s.customers) for v, s in zip(values, columns, strict=True)]
        elif name in WHOLES and columns[base] is everyone:
            notes = [_share(value, values[base]) for value in values]
        else:
            notes = apart
        cells = [
            {"value": in_words(value), "note": note}
            for value, note in zip(values, notes, strict=True)
        ]
        lacking = found.lacking.get(SOURCES.get(name, name), "") if values[-1] is None else ""
        rows.append({"label": label, "info": info, "cells": cells, "lacking": lacking})
    return rows


def _average(value: float | None) -> str:
    return formats.UNKNOWN if value is None else f"{value:,.2f}"


WHOLES = ("customers", "revenue")
METRICS = (
    ("Customers", "customers", formats.count, overview.CUSTOMERS),
    ("Active in the last year", "active", formats.count, overview.ACTIVE),
    ("Revenue of the last year", "revenue", formats.money, overview.REVENUE),
    ("Revenue a customer", "revenue_each", formats.money, overview.REVENUE_EACH),
    ("Orders a customer", "orders_each", _average, overview.ORDERS_EACH),
    ("Order value", "order_value", formats.money, overview.ORDER_VALUE),
    ("Units an order", "units_each", _average, overview.UNITS_EACH),
    ("With an email", "email", formats.count, "An email in Merged Customers, valid or not."),
    ("With a phone", "phone", formats.count, "A phone in Merged Customers, valid or not."),
    ("With both", "both", formats.count, "An email and a phone there."),
    ("With neither", "neither", formats.count, "Neither an email nor a phone there."),
)
# What an average is not available for lack of.
SOURCES = {
    "revenue_each": "revenue",
    "order_value": "revenue",
    "orders_each": "active",
    "units_each": "units",
}


def _share(part: float | None, whole: float | None) -> str:
    return formats.percent(part / whole) if part is not None and whole else ""


def _part(found: Comparison, mask: int) -> dict[str, Any]:
    return {
        "mask": mask,
        "words": said(found.names, mask),
        "inside": [bool(mask >> place & 1) for place in range(len(found.names))],
        "customers": found.of([mask]).customers,
    }


def _finding(found: Comparison, each: Sequence[Sums]) -> str:
    """The overlap in a sentence."""
    every = found.within(range(len(each))).customers
    if len(each) == FEWEST:
        a, b = found.names
        if not every:
            return f"Nobody is in both {a} and {b}."
        of_a, of_b = (_share(every, reach.customers) for reach in each)
        return f"{formats.counted(every, 'customer')} in both: {of_a} of {a}, {of_b} of {b}."
    somewhere = found.of(mask for mask in found.masks if mask).customers
    several = found.of(mask for mask in found.masks if mask.bit_count() > 1).customers
    return (
        f"{formats.counted(somewhere, 'customer')} in at least one, {formats.count(several)} "
        f"of them in more than one, {formats.count(every)} in all {len(each)}."
    )


def _pairs(found: Comparison, each: Sequence[Sums]) -> list[dict[str, Any]]:
    """Row by row, how many of a segment are in each of the others too."""
    return [
        {
            "name": found.names[row],
            "tone": TONES[row],
            "cells": [
                {
                    "own": row == column,
                    "customers": (shared := found.within([row, column]).customers),
                    "share": _share(shared, reach.customers),
                    "part": shared,
                    "whole": reach.customers,
                }
                for column in range(len(each))
            ],
        }
        for row, reach in enumerate(each)
    ]


def _picture(found: Comparison, each: Sequence[Sums]) -> dict[str, Any] | None:
    """Circles as SVG attributes, with a number wherever one fits; None when nobody is in any."""
    sizes = [reach.customers for reach in each]
    if not any(sizes):
        return None

    def shared(one: int, other: int) -> int:
        return found.within([one, other]).customers

    placed = circles.place(sizes, shared)
    left, top, right, bottom = circles.box(placed)
    scale = (PICTURE - 2 * PADDING) / max(right - left, bottom - top)
    numbers = []
    for mask, spot in circles.spots(placed).items():
        text = formats.count(found.of([mask]).customers)
        if spot.room * scale > 9 and found.of([mask]).customers:
            numbers.append(
                {
                    "x": _point((spot.x - left) * scale + PADDING),
                    "y": _point((spot.y - top) * scale + PADDING),
                    "text": text,
                }
            )
    return {
        "width": _point((right - left) * scale + 2 * PADDING),
        "height": _point((bottom - top) * scale + 2 * PADDING),
        "circles": [
            {
                "x": _point((circle.x - left) * scale + PADDING),
                "y": _point((circle.y - top) * scale + PADDING),
                "r": _point(circle.r * scale),
                "tone": TONES[place],
                "name": found.names[place],
                "customers": sizes[place],
            }
            for place, circle in enumerate(placed)
        ],
        "numbers": numbers,
    }


def spreads(found: Sequence[Spread], names: Sequence[str]) -> list[dict[str, Any]]:
    """The attributes in which they differ most, as the variables of the template: the values
    with the widest gaps, each with its part of each segment."""
    return [_spread(each, names) for each in found]


def _spread(found: Spread, names: Sequence[str]) -> dict[str, Any]:
    values = sorted(found.shares, key=lambda value: -_gap(found.shares[value]))[:MOST_APART]
    first = found.shares[values[0]]
    known = [(share, name) for share, name in zip(first, names, strict=True) if share is not None]
    (high, most), (low, least) = max(known), min(known)
    return {
        "attribute": found.attribute,
        "label": found.label,
        "finding": f"“{values[0]}”: {formats.percent(high)} of {most}, "
        f"{formats.percent(low)} of {least}.",
        "rows": [
            {
                "label": value,
                "cells": [
                    {"tone": TONES[place], "share": share, "words": formats.percent(share)}
                    for place, share in enumerate(found.shares[value])
                ],
            }
            for value in values
        ],
    }


def _gap(shares: Sequence[float | None]) -> float:
    known = [share for share in shares if share is not None]
    return max(known) - min(known)


def _point(value: float) -> str:
    """A length for an SVG attribute: a point, never a comma."""
    return f"{value:.1f}"
