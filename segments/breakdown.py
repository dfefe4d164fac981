"""How a segment spreads over the values of an attribute, beside everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil, floor
from operator import itemgetter
from typing import Any

import ibis

from core import charts, formats
from core.errors import MusterError
from segments import counting
from segments.compile import Context, flags, ir
from segments.compile.calendar import shifted
from segments.compile.moments import clock_at, from_
from segments.compile.operands import Operand, operand
from segments.compile.text import folded, is_blank, trimmed
from segments.rules import type_of

SHOWN = 12  # values; what remains stands together in one bar
BINS = 6
BLANK = -1  # the place of who has no value
MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 1200)  # lengths of ranges of days
NOBODY = (0, 0)
Node = dict[str, Any]
Counts = tuple[int, int]  # customers of the segment, and everyone


class NoSuchAttributeError(MusterError):
    def __init__(self, attribute: str):
        super().__init__(attribute)
        self.attribute = attribute

    def __str__(self) -> str:
        return f'There is no attribute "{self.attribute}" of customers in the data.'


@dataclass(frozen=True, slots=True)
class Bar:
    """customers: of the segment; everyone: of all. criterion: the bar as a rule, None for none.

    key: names the bar within its breakdown.
    """

    key: str
    label: str
    customers: int
    everyone: int
    criterion: Node | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """bars: together they are all customers, each once."""

    attribute: str
    bars: tuple[Bar, ...]
    customers: int
    everyone: int


def breakdown(rule: Any, attribute: str, context: Context, key: str = "") -> Breakdown:
    """The customers that match, and everyone, by the values of "table.column".

    Text by its most frequent values, numbers and days in ranges. key: a name by which
    engine().cancel stops the query. Raises NoSuchAttributeError, and as ``counting.count`` does.
    """
    found = context.catalogue.find(attribute)
    if found is None or not found[0].one_per_customer:
        raise NoSuchAttributeError(attribute)
    table, column = found
    name = f"{table.name}.{column.name}"
    rows = flags({"inside": rule}, context, columns={"value": name})
    value = operand(rows.value, table, column)
    make = _MAKERS[type_of(table, column)]
    bars = tuple(make(_Asked(name, rows, value, context, key)))
    return Breakdown(
        name, bars, sum(bar.customers for bar in bars), sum(bar.everyone for bar in bars)
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    rows: ir.Table
    value: Operand
    context: Context
    key: str

    def counted(self, value: ir.Value) -> dict[Any, Counts]:
        """The customers of each value."""
        rows = self.rows.select(value=value, one=self.rows.inside.cast("int32"))
        grouped = rows.group_by("value").agg(inside=rows.one.sum(), everyone=rows.count())
        found = counting.fetched(grouped, self.context, self.key)
        return {each: (int(inside or 0), int(everyone)) for each, inside, everyone in found}

    def blank(self, counts: Counts) -> Iterator[Bar]:
        if counts[1]:
            node = {"attribute": self.name, "operator": "is_blank"}
            yield Bar("blank", "No value", *counts, node)


def _texts(asked: _Asked) -> Iterator[Bar]:
    """Values as comparisons see them: whatever case and white space around."""
    rows, value = asked.rows, asked.value
    shown = (~is_blank(value)).ifelse(trimmed(value), ibis.null("string"))
    same = folded(Operand(shown, "text", facts=value.facts | {"trimmed"}), ignore_case=True)
    one = rows.select(shown=shown, same=same, one=rows.inside.cast("int32"))
    each = one.group_by("same").agg(
        shown=one.shown.max(), inside=one.one.sum(), everyone=one.count()
    )
    blank = each.same.isnull()
    order = [blank, ibis.desc(each.inside), ibis.desc(each.everyone), each.same]
    place: ir.Value = ibis.row_number().over(order_by=order).cast("int64")
    place = ibis.cases((blank, BLANK), (place < SHOWN, place), else_=SHOWN)
    placed = each.mutate(place=place)
    told = placed.group_by("place").agg(
        shown=placed.shown.max(),
        inside=placed.inside.sum(),
        everyone=placed.everyone.sum(),
        values=placed.count(),
    )
    without = NOBODY
    for row in sorted(counting.fetched(told, asked.context, asked.key), key=itemgetter(0)):
        place, shown, inside, everyone, values = row
        counts = int(inside), int(everyone)
        if place == BLANK:
            without = counts
        elif place == SHOWN:
            yield Bar("others", formats.counted(int(values), "other value"), *counts, None)
        else:
            node = {"attribute": asked.name, "operator": "is_in", "value": [shown]}
            yield Bar(f"is {shown}", shown, *counts, node)
    yield from asked.blank(without)


def _yes_no(asked: _Asked) -> Iterator[Bar]:
    found = asked.counted(asked.value.value)
    for value, label, operator in ((True, "Yes", "is_true"), (False, "No", "is_false")):
        node = {"attribute": asked.name, "operator": operator}
        yield Bar(operator, label, *found.get(value, NOBODY), node)
    yield from asked.blank(found.get(None, NOBODY))


def _numbers(asked: _Asked) -> Iterator[Bar]:
    """A few numbers each by itself, many in ranges between round ones."""
    value = asked.rows.value
    spread = asked.rows.aggregate(
        values=value.nunique(),
        low=value.quantile(0.05),
        high=value.quantile(0.95),
        least=value.min(),
    )
    ((values, low, high, least),) = counting.fetched(spread, asked.context, asked.key)
    if values <= SHOWN:
        yield from _single_numbers(asked)
    else:
        yield from _ranges(asked, _edges(float(low), float(high)), float(least))


def _single_numbers(asked: _Asked) -> Iterator[Bar]:
    found = asked.counted(asked.rows.value.cast("float64"))
    for value, counts in sorted((each, n) for each, n in found.items() if each is not None):
        node = {"attribute": asked.name, "operator": "is", "value": plain(value)}
        yield Bar(f"is {plain(value)}", f"{plain(value):,}", *counts, node)
    yield from asked.blank(found.get(None, NOBODY))


def _ranges(asked: _Asked, edges: Sequence[int | float], least: float) -> Iterator[Bar]:
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
            nodes.append({"attribute": asked.name, "operator": "at_least", "value": low})
        if high is not None:
            nodes.append({"attribute": asked.name, "operator": "less_than", "value": high})
        if low is None:
            label = f"under {high:,}"
        elif high is None:
            label = f"{low:,} and more"
        else:
            label = f"{low:,} to under {high:,}"
        node = nodes[0] if len(nodes) == 1 else {"all": nodes}
        yield Bar(f"range {place}", label, *found.get(place, NOBODY), node)
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


def _days(asked: _Asked) -> Iterator[Bar]:
    """Months, quarters, years or several: as long as makes about a dozen."""
    clock = asked.context.clock
    shown = asked.value.value
    if asked.value.zoned:
        shown = clock_at(asked.context.zone, shown)
    year = shown.year()
    spread = asked.rows.aggregate(
        least=shown.min(), most=shown.max(), low=year.quantile(0.02), high=year.quantile(0.98)
    )
    ((least, most, low, high),) = counting.fetched(spread, asked.context, asked.key)
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
        node: Node = {"attribute": asked.name}
        if start is None and end is not None:
            label = f"before {formats.day(end)}"
            node |= {"operator": "is_before", "value": end.isoformat()}
        elif end is None and start is not None:
            label = f"{formats.day(start)} and later"
            node |= {"operator": "is_on_or_after", "value": start.isoformat()}
        elif start is not None and end is not None:
            final = end - timedelta(days=1)
            label = _span(start, final, months)
            node |= {"operator": "is_between", "value": [start.isoformat(), final.isoformat()]}
        if (start is None or end is None) and not counts[1]:
            continue  # nobody is outside of the ranges
        yield Bar(f"days {place}", label, *counts, node)
    yield from asked.blank(found.get(BLANK, NOBODY))


def _together(asked: _Asked) -> Counts:
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


_MAKERS: Mapping[str, Callable[[_Asked], Iterator[Bar]]] = {
    "text": _texts,
    "number": _numbers,
    "date": _days,
    "time": _days,
    "yes_no": _yes_no,
}
