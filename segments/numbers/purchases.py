"""Where the customer tables hold purchases, as far as the catalogue knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from segments.rules.joins import customer_of, paths, time_of
from segments.wording.words import is_purchase
from warehouse.catalogue import Catalogue, CatalogueTable, Column

NO_ORDERS = "not available: needs a table of orders"
NO_TIME = "not available: needs an order time column"
NO_VALUE = "not available: needs an order value column"
NO_UNITS = "not available: needs a quantity column"


@dataclass(frozen=True, slots=True)
class Purchases:
    """table: an order a row, or a line of one; None when there is none that has a time.

    value: the column of an order's value, '' without one. named_by: the column that tells
    orders apart where the table's key does not. units: (table, column) of quantities, the
    table itself or one of lines that leads to it; None without one. lacking: why a figure
    ("active", "revenue", "units") cannot be told.
    """

    table: CatalogueTable | None = None
    value: str = ""
    named_by: str = ""
    units: tuple[str, str] | None = None
    lacking: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))


def purchases(catalogue: Catalogue) -> Purchases:
    """The orders of the catalogue: of several tables the one that says most about itself."""
    tables = [
        table
        for table in catalogue.tables.values()
        if not table.one_per_customer and is_purchase(table) and customer_of(table, catalogue)
    ]
    timed = [table for table in tables if time_of(table, catalogue)]
    if not timed:
        why = NO_TIME if tables else NO_ORDERS
        return Purchases(
            lacking=MappingProxyType(dict.fromkeys(("active", "revenue", "units"), why))
        )
    table = min(timed, key=lambda each: _rank(each, catalogue))
    value, units = table.meaning("order_value"), _units(table, catalogue)
    lacking = {}
    if value is None:
        lacking["revenue"] = NO_VALUE
    if units is None:
        lacking["units"] = NO_UNITS
    return Purchases(
        table,
        value.name if value else "",
        _named_by(table),
        units,
        MappingProxyType(lacking),
    )


def _rank(table: CatalogueTable, catalogue: Catalogue) -> tuple[bool, bool, bool, str]:
    """The least says most: orders with a value before lines of orders, which have to be told
    apart first, and those that name their customer before those that lead to one."""
    owner = customer_of(table, catalogue)
    lines, led = bool(_named_by(table)), bool(owner and owner.way)
    return not table.meaning("order_value"), lines, led, table.name


def _named_by(table: CatalogueTable) -> str:
    """The order's id in a table of lines: there a key, if any, names the line."""
    order = table.meaning("order_id")
    return order.name if order and order.name.lower() != table.key.lower() else ""


def _units(table: CatalogueTable, catalogue: Catalogue) -> tuple[str, str] | None:
    for name, way in paths(table, catalogue).items():
        lines = catalogue.tables[name]
        if all(step.back for step in way) and (column := _quantity(lines)):
            return lines.name, column.name
    return None


def _quantity(table: CatalogueTable) -> Column | None:
    column = table.meaning("quantity")
    return column if column and column.type == "number" else None
