"""The bars of a breakdown: text by its most frequent values, numbers and days in ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil, floor
from operator import itemgetter
from typing import Any, NamedTuple

import ibis

from core import charts, formats
from segments.compile import Context, ir
from segments.compile.calendar import shifted
from segments.compile.moments import clock_at, from_
from segments.compile.operands import Operand
from segments.compile.text import folded, is_blank, trimmed
from segments.numbers import asking

SHOWN = 12  # values; what remains stands together in one bar
BINS = 6
BLANK = -1  # the place of who has no value
MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 1200)  # lengths of ranges of days
Node = dict[str, Any]


class Counts(NamedTuple):
    """customers, revenue: of the segment; everyone, all_revenue: of all. The revenues of the
    last year, 0 where nobody asked for them."""

    customers: int
    everyone: int
    revenue: float = 0
    all_revenue: float = 0


NOBODY = Counts(0, 0)


@dataclass(frozen=True, slots=True)
class Bar:
    """counts: who has the value. criterion: the bar as a rule, None for none.

    key: names the bar within its breakdown.
    """

    key: str
    label: str
    counts: Counts
    criterion: Node | None

    @property
    def customers(self) -> int:
        return self.counts.customers

    @property
    def everyone(self) -> int:
        return self.counts.everyone


@dataclass(frozen=True, slots=True)
class Asked:
    """node: what a rule says of the value in front of its operator, None where none can.

    rows: everyone; inside tells who is in the segment. money: what each spent, None where
    nobody asked.
    """

    name: str
    node: Node | None
    rows: ir.Table
    value: Operand
    context: Context
    key: str
    money: ir.Value | None = None

    def figures(self) -> dict[str, ir.Value]:
        """What is added up of each customer, besides counting everyone."""
        inside = self.rows.inside
        found: dict[str, ir.Value] = {"inside": inside.cast("int32")}
        if self.money is not None:
            found["revenue"] = inside.ifelse(self.money, 0)
            found["all_revenue"] = self.money
        return found

    def counted(self, value: ir.Value) -> dict[Any, Counts]:
        """The customers of each value."""
        figures = self.figures()
        rows = self.rows.select(value=value, **figures)
        sums = {name: rows[name].sum() for name in figures}
        grouped = rows.group_by("value").agg(everyone=rows.count(), **sums)
        found = asking.fetched(grouped, self.context, self.key)
        return {each: _counts(everyone, *rest) for each, everyone, *rest in found}

    def criterion(self, operator: str, value: Any = None) -> Node | None:
        if self.node is None:
            return None
        return self.node | {"operator": operator} | ({} if value is None else {"value": value})

    def blank(self, counts: Counts) -> Iterator[Bar]:
        if counts.everyone:
            yield Bar("blank", "No value", counts, self.criterion("is_blank"))


def _counts(everyone: Any, inside: Any, revenue: Any = 0, all_revenue: Any = 0) -> Counts:
    return Counts(int(inside or 0), int(everyone), float(revenue or 0), float(all_revenue or 0))


def _texts(asked: Asked) -> Iterator[Bar]:
    """Values as comparisons see them: whatever case and white space around."""
    rows, value = asked.rows, asked.value
    shown = (~is_blank(value)).ifelse(trimmed(value), ibis.null("string"))
    same = folded(Operand(shown, "text", facts=value.facts | {"trimmed"}), ignore_case=True)
    figures = asked.figures()
    one = rows.select(shown=shown, same=same, **figures)
    each = one.group_by("same").agg(
        shown=one.shown.max(), everyone=one.count(), **{name: one[name].sum() for name in figures}
    )
    blank = each.same.isnull()
    order = [blank, ibis.desc(each.inside), ibis.desc(each.everyone), each.same]
    place: ir.Value = ibis.row_number().over(order_by=order).cast("int64")
    place = ibis.cases((blank, BLANK), (place < SHOWN, place), else_=SHOWN)
    placed = each.mutate(place=place)
    told = placed.group_by("place").agg(
        shown=placed.shown.max(),
        values=placed.count(),
        everyone=placed.everyone.sum(),
        **{name: placed[name].sum() for name in figures},
    )
    without = NOBODY
    for row in sorted(asking.fetched(told, asked.context, asked.key), key=itemgetter(0)):
        place, shown, values, *rest = row
        counts = _counts(*rest)
        if place == BLANK:
            without = counts
        elif place == SHOWN:
            yield Bar("others", formats.counted(int(values), "other value"), counts, None)
        else:
            yield Bar(f"is {shown}", shown, counts, asked.criterion("is_in", [shown]))
    yield from asked.blank(without)


def _yes_no(asked: Asked) -> Iterator[Bar]:
    found = asked.counted(asked.value.value)
    for value, label, operator in ((True, "Yes", "is_true"), (False, "No", "is_false")):
        yield Bar(operator, label, found.get(value, NOBODY), asked.criterion(operator))
    yield from asked.blank(found.get(None, NOBODY))


def _numbers(asked: Asked) -> Iterator[Bar]:
    """A few numbers each by itself, many in ranges between round ones."""
    value = asked.rows.value
    spread = asked.rows.aggregate(
        values=value.nunique(),
        low=value.quantile(0.05),
        high=value.quantile(0.95),
        least=value.min(),
    )
    ((values, low, high, least),) = asking.fetched(spread, asked.context, asked.key)
    if values <= SHOWN:
        yield from _single_numbers(asked)
    else:
        yield from _ranges(asked, _edges(float(low), float(high)), float(least))


def _single_numbers(asked: Asked) -> Iterator[Bar]:
    found = asked.counted(asked.rows.value.cast("float64"))
    for value, counts in sorted((each, n) for each, n in found.items() if each is not None):
        value = plain(value)
        yield Bar(f"is {value}", f"{value:,}", counts, asked.criterion("is", value))
    yield from asked.blank(found.get(None, NOBODY))


def _ranges(asked: Asked, edges: Sequence[int | float], least: float) -> Iterator[Bar]:
    number = asked.rows.value
    placed: ir.Value = ibis.cases(
        (number.isnull(), BLANK),
        *((number < edge, place) for place, edge in enumerate(edges)),
        else_=len(edges),
    )
    found = asked.counted(placed.cast("int64"))
    ends: list[int | float | None] = [None, *edges, None]
    for place, (low, high) in enumerate(pairwise(ends)):
        if low is None and least >= edges[0]:
            continue  # nobody is below the first range
        nodes = []
        if low is not None:
            nodes.append(asked.criterion("at_least", low))
        if high is not None:
            nodes.append(asked.criterion("less_than", high))
        if low is None:
            label = f"under {high:,}"
        elif high is None:
            label = f"{low:,} and more"
        else:
            label = f"{low:,} to under {high:,}"
        node = None if asked.node is None else nodes[0] if len(nodes) == 1 else {"all": nodes}
        yield Bar(f"range {place}", label, found.get(place, NOBODY), node)
    yield from asked.blank(found.get(BLANK, NOBODY))


def _edges(low: float, high: float) -> list[int | float]:
    """Round numbers from about ``low`` to about ``high``."""
    steps = charts.ticks(high - low if high > low else abs(high) or 1, BINS)
    step = steps[1]
    first = floor(low / step) * step
    count = max(ceil((high - first) / step - 1e-9), 1)
    return [plain(first + step * n) for n in range(count + 1)]


def plain(value: float) -> int | float:
    """A whole number without its point."""
    value = round(value, 6)
    return int(value) if float(value).is_integer() else value


def _days(asked: Asked) -> Iterator[Bar]:
    """Months, quarters, years or several: as long as makes about a dozen."""
    clock = asked.context.clock
    shown = asked.value.value
    if asked.value.zoned:
        shown = clock_at(asked.context.zone, shown)
    year = shown.year()
    spread = asked.rows.aggregate(
        least=shown.min(), most=shown.max(), low=year.quantile(0.02), high=year.quantile(0.98)
    )
    ((least, most, low, high),) = asking.fetched(spread, asked.context, asked.key)
    if least is None:
        yield from asked.blank(_together(asked))
        return
    first, last = _day(least), _day(most)
    begin = max(first, date(floor(low), 1, 1))
    edges, months = _month_edges(begin, min(last, date(ceil(high), 12, 31)))
    placed: ir.Value = ibis.cases(
        (shown.isnull(), BLANK),
        *(
            (from_(asked.value, edge, clock), len(edges) - place)
            for place, edge in enumerate(reversed(edges))
        ),
        else_=0,
    )
    found = asked.counted(placed.cast("int64"))
    for place, (start, end) in enumerate(pairwise([None, *edges, None])):
        counts = found.get(place, NOBODY)
        node = None
        if start is None and end is not None:
            label = f"before {formats.day(end)}"
            node = asked.criterion("is_before", end.isoformat())
        elif end is None and start is not None:
            label = f"{formats.day(start)} and later"
            node = asked.criterion("is_on_or_after", start.isoformat())
        elif start is not None and end is not None:
            final = end - timedelta(days=1)
            label = _span(start, final, months)
            node = asked.criterion("is_between", [start.isoformat(), final.isoformat()])
        if (start is None or end is None) and not counts.everyone:
            continue  # nobody is outside of the ranges
        yield Bar(f"days {place}", label, counts, node)
    yield from asked.blank(found.get(BLANK, NOBODY))


def _together(asked: Asked) -> Counts:
    (counts,) = asked.counted(asked.rows.value.isnull()).values()
    return counts


def _month_edges(first: date, last: date) -> tuple[list[date], int]:
    """First days of ranges, and of what comes after the last; how many months each has."""
    span = (last.year - first.year) * 12 + last.month - first.month + 1
    months = next(each for each in MONTHS if span <= each * (SHOWN - 1) or each == MONTHS[-1])
    index = (first.year * 12 + first.month - 1) // months * months
    edge = date(max(index // 12, 1), index % 12 + 1, 1)
    edges = [edge]
    while edge <= last:
        edge = shifted(edge, months, "months")
        edges.append(edge)
    return edges, months


def _span(first: date, last: date, months: int) -> str:
    if months == 1:
        return f"{formats.MONTHS[first.month - 1]} {first.year}"
    if months == 12:
        return str(first.year)
    if months > 12:
        return f"{first.year} to {last.year}"
    ends = formats.MONTHS[first.month - 1], formats.MONTHS[last.month - 1]
    return f"{ends[0]} to {ends[1]} {first.year}"


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


MAKERS: Mapping[str, Callable[[Asked], Iterator[Bar]]] = {
    "text": _texts,
    "number": _numbers,
    "date": _days,
    "time": _days,
    "yes_no": _yes_no,
}
