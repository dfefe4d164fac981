"""Columns of the warehouse as values that rules compare."""

from __future__ import annotations

from dataclasses import dataclass

import ibis

from segments.compile import ir
from segments.rules.checking import type_of
from warehouse.catalogue import CatalogueTable, Column

_TYPES = {
    "text": "string",
    "number": "float64",
    "date": "date",
    "time": "timestamp",
    "yes_no": "boolean",
}


@dataclass(frozen=True, slots=True)
class Operand:
    """A value to compare. type: as rules see it; facts: as in catalogue.Column."""

    value: ir.Value
    type: str
    zoned: bool = False
    facts: frozenset[str] = frozenset()


def warehouse_table(table: CatalogueTable) -> ir.Table:
    """The table as the engine has it, with the types that the catalogue knows."""
    schema = {
        column.name: "timestamp('UTC')" if column.zoned else _TYPES[column.type]
        for column in table.columns.values()
    }
    return ibis.table(schema, name=table.name)


def value_of(rows: ir.Table, table: CatalogueTable, column: Column) -> ir.Value:
    """A column as rules read it: customer ids are text."""
    value = rows[column.name]
    return as_text(value) if type_of(table, column) == "text" else value


def as_text(value: ir.Value) -> ir.Value:
    return value if value.type().is_string() else value.cast("string")


def customer_id(rows: ir.Table, table: CatalogueTable) -> ir.Value:
    """The customer column as text."""
    column = table.column(table.customer)
    if column is None:
        raise KeyError(f"{table.name} has no customer column")
    return as_text(rows[column.name])


def operand(value: ir.Value, table: CatalogueTable, column: Column) -> Operand:
    return Operand(value, type_of(table, column), column.zoned, column.facts)
