"""The results of several runs as CSV, a row for each treatment group."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from campaigns import definition as definitions
from core.spreadsheets import harmless
from runs.models import Run
from runs.results.measuring import outcomes
from runs.results.page import Row, page
from runs.results.window import Window
from segments.compile import Context


def text(runs: Iterable[tuple[Run, Window]], context: Context) -> str:
    """Each run's groups, measured in its window. Raises NotMeasuredError, WarehouseError."""
    rows = [
        _of_run(run, window) | _of_group(row)
        for run, window in runs
        for row in page(definitions.from_json(run.definition), outcomes(run, window, context)).rows
    ]
    file = StringIO()
    writer = csv.DictWriter(file, rows[0] if rows else ())
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _of_run(run: Run, window: Window) -> dict[str, object]:
    return {
        "run": run.number,
        "sent_at": (run.sent_at or run.moment).isoformat(timespec="seconds"),
        "window_from": window.first.isoformat(),
        "window_to": window.last.isoformat(),
    }


def _of_group(row: Row) -> dict[str, object]:
    told, conversion, revenue = row.outcome, row.conversion, row.revenue
    return {
        "sub_audience": harmless(row.sub_audience),
        "treatment_group": harmless(row.name),
        "control": "yes" if row.control else "no",
        "recipients": told.people,
        "purchasers": told.purchasers,
        "orders": told.orders,
        "items": told.items,
        "revenue": told.revenue,
        "conversion_rate": told.conversion,
        "revenue_per_recipient": told.revenue_each,
        "average_order_value": told.order_value,
        "average_unit_revenue": told.item_revenue,
        "orders_per_purchaser": told.orders_each,
        "items_per_order": told.items_each,
        "standard_deviation_of_revenue": told.deviation,
        "incremental_conversion_rate": conversion and conversion.apart.value,
        "conversion_lift": conversion and conversion.lift and conversion.lift.value,
        "incremental_revenue_per_recipient": revenue and revenue.apart.value,
        "revenue_lift": revenue and revenue.lift and revenue.lift.value,
        "incremental_revenue": revenue and revenue.whole.value,
        "incremental_revenue_low": revenue and revenue.whole.low,
        "incremental_revenue_high": revenue and revenue.whole.high,
        "verdict": row.verdict,
    }
