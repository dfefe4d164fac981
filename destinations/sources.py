"""What may feed a destination's phone or email: columns of tables with one row a customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from warehouse.catalogue import Catalogue, CatalogueTable, Column
from warehouse.models import Type

BEST_CONTACTS = "merged_customers"
IDENTIFIERS = {"phone", "email"}
READABLE = {Type.TEXT, Type.NUMBER}


@dataclass(frozen=True, slots=True)
class Source:
    """A column that may be sent. value: "table.column"; meant: the catalogue says it is one."""

    value: str
    table: CatalogueTable
    column: Column
    meant: bool

    @property
    def label(self) -> str:
        return self.column.label or self.column.name

    @property
    def table_label(self) -> str:
        return self.table.label or self.table.name


def split(source: str, catalogue: Catalogue) -> tuple[CatalogueTable, Column] | None:
    """The table and column of "table.column", whatever its case; None when either is gone."""
    name, _, rest = source.partition(".")
    table = catalogue.table(name)
    column = table.column(rest) if table else None
    return (table, column) if table and column else None


def choices(identifier: str, catalogue: Catalogue) -> list[Source]:
    """Every column that could be it: those that the catalogue means first, best contacts first."""
    found = list(_columns(identifier, catalogue))
    return sorted(found, key=lambda each: (not each.meant, _rank(each.table, catalogue)))


def suggested(identifier: str, catalogue: Catalogue) -> str:
    """The first column that means it, in Merged Customers if that has one; else ''."""
    return next((each.value for each in choices(identifier, catalogue) if each.meant), "")


def fault(identifier: str, source: str, catalogue: Catalogue) -> str:
    """What is wrong with a source for this identifier, or ''."""
    name, _, column = source.partition(".")
    table = catalogue.table(name)
    if table is None:
        return f"There is no table {name}.{_nearest(name, [*catalogue.tables])}"
    found = table.column(column)
    if found is None:
        return f"{table.name} has no column {column}.{_nearest(column, [*table.columns])}"
    if not table.one_per_customer:
        return f"{table.name} does not have one row a customer. Take the column from one that does."
    if found.semantic in IDENTIFIERS - {identifier}:
        return (
            f"{found.name} holds {found.semantic}s. "
            f"Choose it for {found.semantic}, or another column for {identifier}."
        )
    return ""


def _columns(identifier: str, catalogue: Catalogue) -> Iterator[Source]:
    for table in catalogue.tables.values():
        if table.one_per_customer and table.customer:
            for column in table.columns.values():
                if column.type in READABLE and column.name != table.customer:
                    meant = column.semantic == identifier
                    yield Source(f"{table.name}.{column.name}", table, column, meant)


def _rank(table: CatalogueTable, catalogue: Catalogue) -> tuple[bool, bool, str]:
    name = table.name.lower()
    return name != BEST_CONTACTS, name != catalogue.base.lower(), name


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name.lower(), [each.lower() for each in known], 1)
    return f" Did you mean {near[0]}?" if near else ""
