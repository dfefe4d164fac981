"""What a customer did: the rows of a table with many rows a customer, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis

from segments.compile import Context, to_query
from segments.compile.operands import customer_id, warehouse_table
from segments.numbers.explaining import told
from segments.wording import words
from segments.wording.words import is_purchase
from warehouse.catalogue import Catalogue, CatalogueTable, Column
from warehouse.engines import engine

MOST = 50


@dataclass(frozen=True, slots=True)
class Records:
    """columns: their labels, and whether they are numbers; rows: their values in words, at most
    MOST; more: whether there are others."""

    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[str]]
    more: bool


def tables(catalogue: Catalogue) -> list[CatalogueTable]:
    """Those whose rows name the customer who did it: purchases first."""
    found = [
        table
        for table in catalogue.tables.values()
        if table.customer and not table.one_per_customer
    ]
    return sorted(
        found, key=lambda each: (not each.meaning("order_value"), not is_purchase(each), each.name)
    )


def _when(table: CatalogueTable) -> Column | None:
    """Its order time, without one the first of its days and moments."""
    timed = (each for each in table.columns.values() if each.type in ("date", "time"))
    return table.meaning("order_time") or next(timed, None)


def records(
    customer: str, table: CatalogueTable, context: Context, *, unmasked: bool = False, key: str = ""
) -> Records:
    """The rows of one customer. key: a name by which engine().cancel stops the query.

    Raises WarehouseError.
    """
    rows = warehouse_table(table)
    rows = rows.filter(customer_id(rows, table) == customer)
    if when := _when(table):
        rows = rows.order_by(ibis.desc(rows[when.name]))
    shown = [each for each in table.columns.values() if each.name != table.customer]
    rows = rows.select(*(each.name for each in shown)).limit(MOST + 1)
    source = engine()
    found = source.fetch(to_query(rows, context, source.dialect, key), key)
    return Records(
        [(words.column_label(each, each.name), each.type == "number") for each in shown],
        [
            [told(*each, context.clock, unmasked) for each in zip(row, shown, strict=True)]
            for row in found[:MOST]
        ],
        len(found) > MOST,
    )
