"""How a segment spreads over the values of an attribute, beside everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil, floor
from operator import itemgetter
from typing import Any, NamedTuple

import ibis

from core import charts, formats
from core.errors import MusterError
from segments.compile import Context, flags, ir, summed
from segments.compile.calendar import shifted
from segments.compile.moments import clock_at, from_
from segments.compile.operands import Operand, operand
from segments.compile.text import folded, is_blank, trimmed
from segments.numbers import asking
from segments.numbers.insights import YEAR
from segments.numbers.purchases import Purchases, purchases
from segments.rules import type_of
from segments.rules.nodes import Event
from warehouse.catalogue import Catalogue

SHOWN = 12  # values; what remains stands together in one bar
BINS = 6
BLANK = -1  # the place of who has no value
MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 1200)  # lengths of ranges of days
ORDERS, SPENT = "orders", "spent"  # no columns: what each customer bought in the last year
Node = dict[str, Any]


class Counts(NamedTuple):
    """customers, revenue: of the segment; everyone, all_revenue: of all. The revenues of the
    last year, 0 where nobody asked for them."""

    customers: int
    everyone: int
    revenue: float = 0
    all_revenue: float = 0


NOBODY = Counts(0, 0)


class NoPurchasesError(MusterError):
    def __init__(self, why: str):
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"{self.why[:1].upper()}{self.why[1:]}."


class NoSuchAttributeError(MusterError):
    def __init__(self, attribute: str):
        super().__init__(attribute)
        self.attribute = attribute

    def __str__(self) -> str:
        return f'There is no attribute "{self.attribute}" of customers in the data.'


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
class Breakdown:
    """bars: together they are all customers, each once. whole: what they add up to."""

    attribute: str
    bars: tuple[Bar, ...]
    whole: Counts

    @property
    def customers(self) -> int:
        return self.whole.customers

    @property
    def everyone(self) -> int:
        return self.whole.everyone


def breakdown(
    rule: Any, attribute: str, context: Context, key: str = "", *, revenue: bool = False
) -> Breakdown:
    """The customers that match, and everyone, by the values of "table.column", or by ORDERS or
    SPENT: how many orders each placed in the last year, or what they came to.

    Text by its most frequent values, numbers and days in ranges. revenue: that of the last
    year too. key: a name by which engine().cancel stops the query. Raises
    NoSuchAttributeError, NoPurchasesError, and as ``counting.count`` does.
    """
    if attribute in (ORDERS, SPENT):
        asked, kind = _of_purchases(rule, attribute, context, key), "number"
    else:
        found = context.catalogue.find(attribute)
        if found is None or not found[0].one_per_customer:
            raise NoSuchAttributeError(attribute)
        table, column = found
        name = f"{table.name}.{column.name}"
        rows = flags({"inside": rule}, context, columns={"value": name})
        value = operand(rows.value, table, column)
        asked = _Asked(name, {"attribute": name}, rows, value, context, key)
        kind = type_of(table, column)
    if revenue:
        asked = _with_revenue(asked)
    bars = tuple(_MAKERS[kind](asked))
    whole = Counts(*map(sum, zip(*(bar.counts for bar in bars), strict=True))) if bars else NOBODY
    return Breakdown(asked.name, bars, whole)


def lacking(attribute: str, catalogue: Catalogue, *, revenue: bool = False) -> str:
    """Why there is no such breakdown, '' when there is one; of ORDERS and SPENT, and of any
    by its revenue."""
    needs = {ORDERS: "active", SPENT: "revenue"}.get(attribute, "")
    told = purchases(catalogue).lacking
    return told.get(needs, "") or (told.get("revenue", "") if revenue else "")


def _of_purchases(rule: Any, attribute: str, context: Context, key: str) -> _Asked:
    found = purchases(context.catalogue)
    if found.table is None or (attribute == SPENT and not found.value):
        raise NoPurchasesError(lacking(attribute, context.catalogue))
    rows = _bought(flags({"inside": rule}, context), found.table.name, found, context)
    rows = rows.rename(value=attribute)
    node: Node = {"event": found.table.name, "period": {"last": YEAR.n, "unit": YEAR.unit}}
    if attribute == SPENT:
        node |= {"measure": "total", "of": f"{found.table.name}.{found.value}"}
    # A rule counts the lines of orders, where the table has lines: it cannot say how many orders.
    said = None if attribute == ORDERS and found.named_by else node
    return _Asked(attribute, said, rows, Operand(rows.value, "number"), context, key)


def _with_revenue(asked: _Asked) -> _Asked:
    found = purchases(asked.context.catalogue)
    if found.table is None or not found.value:
        raise NoPurchasesError(lacking("", asked.context.catalogue, revenue=True))
    if SPENT in asked.rows.columns:
        return replace(asked, money=asked.rows[SPENT])
    if asked.name == SPENT:
        return replace(asked, money=asked.rows.value)
    rows = _bought(asked.rows, found.table.name, found, asked.context)
    value = replace(asked.value, value=rows.value)
    return replace(asked, rows=rows, value=value, money=rows[SPENT])


def _bought(rows: ir.Table, table: str, found: Purchases, context: Context) -> ir.Table:
    """The rows with ORDERS and, where the orders have a value, SPENT; 0 for who bought nothing."""
    totals = {SPENT: found.value} if found.value else {}
    sums = summed(Event(table, period=YEAR), context, totals, found.named_by)
    amounts = {name: sums[name].cast("float64") for name in totals}
    bought = sums.select(buyer=sums.customer, **{ORDERS: sums.events}, **amounts)
    joined = rows.left_join(bought, [("customer_id", "buyer")])
    filled = {name: joined[name].fill_null(0) for name in (ORDERS, *totals)}
    return joined.select(*rows.columns, **filled)


@dataclass(frozen=True, slots=True)
class _Asked:
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


def _texts(asked: _Asked) -> Iterator[Bar]:
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


def _yes_no(asked: _Asked) -> Iterator[Bar]:
    found = asked.counted(asked.value.value)
    for value, label, operator in ((True, "Yes", "is_true"), (False, "No", "is_false")):
        yield Bar(operator, label, found.get(value, NOBODY), asked.criterion(operator))
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
    ((values, low, high, least),) = asking.fetched(spread, asked.context, asked.key)
    if values <= SHOWN:
        yield from _single_numbers(asked)
    else:
        yield from _ranges(asked, _edges(float(low), float(high)), float(least))


def _single_numbers(asked: _Asked) -> Iterator[Bar]:
    found = asked.counted(asked.rows.value.cast("float64"))
    for value, counts in sorted((each, n) for each, n in found.items() if each is not None):
        value = plain(value)
        yield Bar(f"is {value}", f"{value:,}", counts, asked.criterion("is", value))
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
