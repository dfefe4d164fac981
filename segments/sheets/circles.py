"""Where two or three circles lie so that their areas, and those they share, are counts.

Two circles are exact. Of three, each circle and each pair is; the middle follows from them, as
no three circles can say seven numbers: the table beside the picture does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import acos, hypot, pi, sqrt

STEPS = 60  # halvings, and points of a side where room for a number is looked for


@dataclass(frozen=True, slots=True)
class Circle:
    x: float
    y: float
    r: float


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a number of a part stands. room: the distance to the next line."""

    x: float
    y: float
    room: float


def place(sizes: Sequence[int], shared: Callable[[int, int], int]) -> list[Circle]:
    """Circles of those areas, in units in which an area is a count.

    sizes: of two or three sets; shared: how many two of them, by their places, have in common.
    """
    radii = [sqrt(size / pi) for size in sizes]

    def apart(one: int, other: int) -> float:
        return distance(radii[one], radii[other], shared(one, other))

    first, second = Circle(0, 0, radii[0]), Circle(apart(0, 1), 0, radii[1])
    if len(sizes) == 2:
        return [first, second]
    a, b, base = apart(0, 2), apart(1, 2), second.x
    if not base:
        return [first, second, Circle(0, a, radii[2])]
    x = (a * a - b * b + base * base) / (2 * base)
    if abs(x) > a:  # the three distances make no triangle: as near to it as a line allows
        return [first, second, Circle(a if x > 0 else -a, 0, radii[2])]
    return [first, second, Circle(x, sqrt(a * a - x * x), radii[2])]


def distance(r: float, s: float, shared: float) -> float:
    """How far apart the middles of two circles are that share so much area."""
    if shared <= 0:
        return (r + s) * 1.04  # a gap that shows that they share nothing
    low, high = abs(r - s), r + s
    if shared >= pi * min(r, s) ** 2:
        return low
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if lens(r, s, middle) > shared else (low, middle)
    return (low + high) / 2


def lens(r: float, s: float, d: float) -> float:
    """The area that two circles share whose middles are d apart."""
    if d >= r + s:
        return 0.0
    if d <= abs(r - s):
        return pi * min(r, s) ** 2
    a = (d * d + r * r - s * s) / (2 * d)
    b = d - a
    height = sqrt(max(r * r - a * a, 0))
    return r * r * acos(_cosine(a / r)) + s * s * acos(_cosine(b / s)) - d * height


def _cosine(value: float) -> float:
    return min(max(value, -1.0), 1.0)


def spots(circles: Sequence[Circle]) -> Mapping[int, Spot]:
    """For each part that the picture shows, the point in it that is farthest from any line.

    By the part's bits: bit i is set inside of the i-th circle.
    """
    left, top, right, bottom = box(circles)
    found: dict[int, Spot] = {}
    for column in range(STEPS + 1):
        for line in range(STEPS + 1):
            x = left + (right - left) * column / STEPS
            y = top + (bottom - top) * line / STEPS
            gaps = [circle.r - hypot(x - circle.x, y - circle.y) for circle in circles]
            mask = sum(1 << index for index, gap in enumerate(gaps) if gap > 0)
            room = min(abs(gap) for gap in gaps)
            if mask and (mask not in found or room > found[mask].room):
                found[mask] = Spot(x, y, room)
    return found


def box(circles: Sequence[Circle]) -> tuple[float, float, float, float]:
    """The left, upper, right and lower edge around all of them."""
    return (
        min(circle.x - circle.r for circle in circles),
        min(circle.y - circle.r for circle in circles),
        max(circle.x + circle.r for circle in circles),
        max(circle.y + circle.r for circle in circles),
    )
