"""How a segment spreads over the values of an attribute, beside everyone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.errors import MusterError
from segments.compile import Context, flags, ir
from segments.compile.operands import Operand, operand
from segments.numbers.bars import MAKERS, NOBODY, Asked, Bar, Counts, Node
from segments.numbers.insights import YEAR
from segments.numbers.purchases import Purchases, purchases
from segments.numbers.spending import spending
from segments.rules import type_of
from warehouse.catalogue import Catalogue

ORDERS, SPENT = "orders", "spent"  # no columns: what each customer bought in the last year


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
        asked = Asked(name, {"attribute": name}, rows, value, context, key)
        kind = type_of(table, column)
    if revenue:
        asked = _with_revenue(asked)
    bars = tuple(MAKERS[kind](asked))
    whole = Counts(*map(sum, zip(*(bar.counts for bar in bars), strict=True))) if bars else NOBODY
    return Breakdown(asked.name, bars, whole)


def lacking(attribute: str, catalogue: Catalogue, *, revenue: bool = False) -> str:
    """Why there is no such breakdown, '' when there is one; of ORDERS and SPENT, and of any
    by its revenue."""
    needs = {ORDERS: "active", SPENT: "revenue"}.get(attribute, "")
    told = purchases(catalogue).lacking
    return told.get(needs, "") or (told.get("revenue", "") if revenue else "")


def _of_purchases(rule: Any, attribute: str, context: Context, key: str) -> Asked:
    found = purchases(context.catalogue)
    if found.table is None or (attribute == SPENT and not found.value):
        raise NoPurchasesError(lacking(attribute, context.catalogue))
    rows = _bought(flags({"inside": rule}, context), found, context)
    rows = rows.rename(value=attribute)
    node: Node = {"event": found.table.name, "period": {"last": YEAR.n, "unit": YEAR.unit}}
    if attribute == SPENT:
        node |= {"measure": "total", "of": f"{found.table.name}.{found.value}"}
    # A rule counts the lines of orders, where the table has lines: it cannot say how many orders.
    said = None if attribute == ORDERS and found.named_by else node
    return Asked(attribute, said, rows, Operand(rows.value, "number"), context, key)


def _with_revenue(asked: Asked) -> Asked:
    found = purchases(asked.context.catalogue)
    if found.table is None or not found.value:
        raise NoPurchasesError(lacking("", asked.context.catalogue, revenue=True))
    if SPENT in asked.rows.columns:
        return replace(asked, money=asked.rows[SPENT])
    if asked.name == SPENT:
        return replace(asked, money=asked.rows.value)
    rows = _bought(asked.rows, found, asked.context)
    value = replace(asked.value, value=rows.value)
    return replace(asked, rows=rows, value=value, money=rows[SPENT])


def _bought(rows: ir.Table, found: Purchases, context: Context) -> ir.Table:
    """The rows with ORDERS and, where the orders have a value, SPENT."""
    rows = spending(rows, YEAR, found, context, units=False)
    if "revenue" in rows.columns:
        rows = rows.mutate(**{SPENT: rows.revenue.cast("float64")}).drop("revenue")
    return rows
