"""What the people of each treatment group bought in a window, counted by the warehouse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from campaigns.members import people
from core.errors import MusterError
from runs import files
from runs.models import Run
from runs.results.statistics import Outcome
from runs.results.window import Window
from segments.compile import Context, ir
from segments.numbers.asking import answer
from segments.numbers.purchases import purchases
from segments.numbers.spending import spending
from segments.rules.nodes import Between


class NotMeasuredError(MusterError):
    """What a run brought cannot be told; the text says why."""


def outcomes(
    run: Run, window: Window, context: Context, key: str = ""
) -> dict[tuple[int, int], Outcome]:
    """Of each treatment group, by its indexes in the run's definition; empty ones are absent.

    Everybody counts whom the split put into the group, reached or not: who has a phone, or
    opted in, is another kind of customer, and only whole groups are alike. key: a name by
    which engine().cancel stops the query. Raises NotMeasuredError, WarehouseError.
    """
    bought = purchases(context.catalogue)
    if bought.table is None:
        raise NotMeasuredError(f"Results are {bought.lacking['active']}.")
    file = files.path(run.members)
    if not run.members or not file.is_file():
        raise NotMeasuredError("The file of who was in this run is gone, so nothing can be told.")
    period = Between(window.first.isoformat(), window.last.isoformat())
    found = answer(
        ("results", run.members, window),
        [],
        context,
        lambda: _summed(spending(people(file, context), period, bought, context)),
        key,
    )
    figures = found.columns[2:]
    return {
        (int(part), int(group)): Outcome(**dict(zip(figures, map(_plain, told), strict=True)))
        for part, group, *told in found.rows
    }


def _summed(rows: ir.Table) -> ir.Table:
    """The figures of each group, by the names that Outcome has for them."""
    figures = {
        "people": rows.count(),
        "purchasers": (rows.orders > 0).cast("int32").sum(),
        "orders": rows.orders.sum(),
    }
    if "revenue" in rows.columns:
        figures |= {"revenue": rows.revenue.sum(), "squares": (rows.revenue**2).sum()}
    if "units" in rows.columns:
        figures["items"] = rows.units.sum()
    return rows.group_by("part", "group").aggregate(**figures)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
