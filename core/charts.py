"""Where the marks of a chart stand: plain numbers in, percents of its width and height out.

The templates in ``templates/charts/`` draw what is worked out here; nothing is scripted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import ceil, floor, log10
from typing import Any

from core import formats

STEPS = (1, 2, 2.5, 5, 10)
LABEL = 24.0  # percent of the width that a label needs
EDGE = 4.0  # percent of the width that labels at the ends may take up


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis, as text for SVG attributes, with its label. anchor: of the text."""

    at: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line. x, y: percents; title: its words."""

    x: str
    y: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """points: of a polyline in a box of 100 by 100; area: the same, down to the ground.

    happened: days that are marked, without words where the one before is too near.
    rows: (day, value) in words, for the table.
    """

    points: str
    area: str
    dots: tuple[Dot, ...]
    values: tuple[Mark, ...]
    days: tuple[Mark, ...]
    happened: tuple[Mark, ...]
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of one bar. start: what lies before it; tone: a class of .bar; opens: the address
    of a dialog with who is in it."""

    label: str
    value: int
    start: int
    tone: str
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value between its ends: x, start, length in percents of the width."""

    x: str
    start: str
    length: str


@dataclass(frozen=True, slots=True)
class Intervals:
    """Values with their ends on one axis. zero: where 0 is; marks: of the axis."""

    rows: tuple[Interval, ...]
    zero: str
    marks: tuple[Mark, ...]


def place(value: float) -> str:
    """A percent for an SVG attribute: a point, never a comma."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def ticks(top: float, most: int = 4) -> list[float]:
    """Round numbers from 0 up to the first that is not below ``top``, at most so many steps."""
    if top <= 0:
        return [0, 1]
    size = 10.0 ** floor(log10(top / most))
    step = next(each * size for each in STEPS if each * size * most >= top * (1 - 1e-9))
    step = max(step, 1.0) if float(top).is_integer() and top <= most else step
    return [step * n for n in range(ceil(top / step - 1e-9) + 1)]


def short(value: float) -> str:
    """A number on an axis: 52640 -> "52.6K"."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:g}"


def line(
    points: Sequence[tuple[date, int]], happened: Iterable[tuple[date, str]] = ()
) -> Line | None:
    """Counts over time, from 0 up. happened: days to mark, each with its words.

    None for fewer than two days: a line needs two.
    """
    days = [day for day, _ in points]
    if len(set(days)) < 2:
        return None
    first, last = min(days), max(days)
    steps = ticks(max(value for _, value in points))

    def across(day: date) -> float:
        return (day - first).days / (last - first).days * 100

    def down(value: float) -> float:
        return 100 - value / steps[-1] * 100

    drawn = " ".join(f"{place(across(day))},{place(down(value))}" for day, value in points)
    dots = tuple(
        Dot(place(across(day)), place(down(value)), f"{formats.day(day)}: {formats.count(value)}")
        for day, value in points
    )
    return Line(
        points=drawn,
        area=f"{place(across(days[0]))},100 {drawn} {place(across(days[-1]))},100",
        dots=dots if len(dots) <= 62 else (dots[0], dots[-1]),
        values=tuple(Mark(place(down(value)), short(value)) for value in steps),
        days=tuple(_days(first, last)),
        happened=tuple(
            _apart((across(day), label) for day, label in happened if first <= day <= last)
        ),
        rows=tuple((formats.day(day), formats.count(value)) for day, value in points),
    )


def intervals(
    values: Sequence[tuple[float, float, float]], words: Callable[[float], str]
) -> Intervals:
    """Values with the low and high ends of each, on an axis that has 0 on it.

    words: what stands at the axis.
    """
    low = min(0.0, *(start for _, start, _ in values))
    high = max(0.0, *(end for _, _, end in values))
    width = (high - low) or 1.0
    first, last = low - width * 0.04, high + width * 0.04

    def across(value: float) -> float:
        return (value - first) / (last - first) * 100

    return Intervals(
        tuple(
            Interval(place(across(value)), place(across(start)), place(across(end) - across(start)))
            for value, start, end in values
        ),
        place(across(0)),
        tuple(
            Mark(place(across(value)), words(value), _anchor(across(value)))
            for value in (low, 0.0, high)
            if value == 0 or abs(across(value) - across(0)) > LABEL
        ),
    )


def _days(first: date, last: date) -> Iterable[Mark]:
    """Both ends and up to three days between, evenly."""
    length = (last - first).days
    count = min(length, 4)
    for n in range(count + 1):
        day = first + timedelta(days=round(length * n / count))
        at = (day - first).days / length * 100
        yield Mark(place(at), formats.day(day), _anchor(at))


def _apart(marks: Iterable[tuple[float, str]]) -> Iterable[Mark]:
    told = -100.0
    for at, label in sorted(marks):
        near = at - told < EDGE
        told = told if near else at
        yield Mark(place(at), "" if near else label, _anchor(at))


def _anchor(at: float) -> str:
    """Text at an end of the axis stays inside."""
    return "start" if at < EDGE else "end" if at > 100 - EDGE else "middle"


def parts(values: Iterable[tuple[str, int, str]]) -> list[Part]:
    """One bar in parts. values: (label, value, tone), from the left."""
    given = list(values)
    starts = accumulate((value for _, value, _ in given), initial=0)
    return [Part(*each[:2], start, each[2]) for each, start in zip(given, starts, strict=False)]


def pairs(
    shares: Sequence[tuple[float | None, float | None]],
) -> list[Mapping[str, Any]]:
    """Two bars a row, all to one scale, the longest as long as the chart.

    shares: of the one and of the other, 0 to 1; None is no bar.
    """
    longest = max((share for pair in shares for share in pair if share), default=0)
    return [
        {
            name: place(share / longest * 100) if share and longest else "0"
            for name, share in zip(("first", "second"), pair, strict=True)
        }
        for pair in shares
    ]
