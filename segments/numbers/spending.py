"""What customers bought in a period: how many orders, what they came to, how many pieces."""

from __future__ import annotations

from collections.abc import Mapping

from segments.compile import Context, ir, summed
from segments.numbers.purchases import Purchases
from segments.rules.nodes import Between, Event, Last


def spending(
    rows: ir.Table,
    period: Last | Between,
    found: Purchases,
    context: Context,
    *,
    units: bool = True,
) -> ir.Table:
    """The rows, each with what its ``customer_id`` bought in the period: ``orders``, ``revenue``
    and ``units``, 0 for who bought nothing.

    What the data cannot tell is no column; units: whether to look for them.
    """
    if found.table is None:
        return rows
    totals = {"revenue": found.value} if found.value else {}
    of = found.units if units else None
    if of and of[0] == found.table.name:
        totals["units"] = of[1]
    orders = summed(Event(found.table.name, period=period), context, totals, found.named_by)
    rows = _beside(rows, orders, {"orders": "events", **{name: name for name in totals}})
    if of and of[0] != found.table.name:
        lines = summed(Event(of[0], period=period), context, {"units": of[1]})
        rows = _beside(rows, lines, {"units": "units"})
    return rows


def _beside(rows: ir.Table, other: ir.Table, names: Mapping[str, str]) -> ir.Table:
    buyer = f"buyer_{len(rows.columns)}"
    columns = {called: other[name] for called, name in names.items()}
    joined = rows.left_join(
        other.select(**{buyer: other.customer}, **columns), [("customer_id", buyer)]
    )
    return joined.select(*rows.columns, **{name: joined[name].fill_null(0) for name in names})
