"""What may feed a destination's phone or email: columns of tables with one row a customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.nearest import did_you_mean
from warehouse.catalogue import Catalogue, CatalogueTable, Column
from warehouse.models import Type

BEST_CONTACTS = "merged_customers"
IDENTIFIERS = {"phone", "email"}


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

    @property
    def words(self) -> str:
        return f"{self.table_label}: {self.label}"


def readable(source: str, catalogue: Catalogue) -> tuple[CatalogueTable, Column] | None:
    """The table and column if its values can be looked at: one a customer, text or digits."""
    place = catalogue.find(source)
    if place and _one_per_customer(place[0]) and place[1].type in (Type.TEXT, Type.NUMBER):
        return place
    return None


def choices(identifier: str, catalogue: Catalogue) -> list[Source]:
    """Every column that could be it: those that the catalogue means first, best contacts first."""
    found = list(_columns(identifier, catalogue))
    return sorted(found, key=lambda each: (not each.meant, _rank(each.table, catalogue)))


def suggested(identifier: str, catalogue: Catalogue) -> str:
    """The first column that means it, in Merged Customers if that has one; else ''."""
    return next((each.value for each in choices(identifier, catalogue) if each.meant), "")


def words(source: str, catalogue: Catalogue) -> str:
    """A source as people read it: "Merged Customers: Phone"; one that is gone as it is stored."""
    place = catalogue.find(source)
    return Source(source, *place, meant=False).words if place else source


def table_of(source: str, catalogue: Catalogue) -> str:
    """The name of a source's table; without a source, that of the best contacts."""
    if place := catalogue.find(source):
        return place[0].name
    if source or catalogue.table(BEST_CONTACTS) is None:
        return source.partition(".")[0] or catalogue.base
    return BEST_CONTACTS


def in_table(identifier: str, table: str, catalogue: Catalogue) -> str:
    """The table's first column that means the identifier, "table.column"; '' without one."""
    found = choices(identifier, catalogue)
    return next((each.value for each in found if each.meant and _is(each.table, table)), "")


def tables(identifier: str, table: str, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The tables that a source can be in, as a picklist shows them; one that is gone comes first.

    table: the name of the chosen one.
    """
    known = {each.table.name: each.table_label for each in choices(identifier, catalogue)}
    found = [
        {"value": name, "text": label, "note": name, "selected": name.lower() == table.lower()}
        for name, label in known.items()
    ]
    return _with_gone(table, found)


def attributes(
    identifier: str, table: str, chosen: str, catalogue: Catalogue
) -> list[dict[str, Any]]:
    """The columns of a table that could be it; a chosen one that is none of them comes first."""
    found = [
        {
            "value": each.value,
            "text": each.label,
            "note": each.column.name,
            "selected": each.value.lower() == chosen.lower(),
        }
        for each in choices(identifier, catalogue)
        if _is(each.table, table)
    ]
    ours = chosen.lower().startswith(f"{table.lower()}.")
    return [{"value": "", "text": "", "selected": not ours}, *_with_gone(chosen * ours, found)]


def _with_gone(chosen: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if chosen and not any(option["selected"] for option in found):
        return [{"value": chosen, "text": chosen, "selected": True, "gone": True}, *found]
    return found


def _is(table: CatalogueTable, name: str) -> bool:
    return table.name.lower() == name.lower()


def fault(identifier: str, source: str, catalogue: Catalogue) -> str:
    """Why "table.column" cannot be sent as this identifier, as far as the catalogue knows, or ''.

    ``contents.refusal`` asks its values too.
    """
    place = catalogue.find(source)
    if place is None:
        return _gone(source, catalogue)
    table, column = place
    if not _one_per_customer(table):
        return f"{table.name} has many rows a customer. Choose a table with one."
    if not _readable(column, identifier):
        return f"{column.name} is not text. Choose a column with {identifier}s."
    if column.semantic in IDENTIFIERS - {identifier}:
        return (
            f"{column.name} holds {column.semantic}s. "
            f"Choose it for {column.semantic}, or another column for {identifier}."
        )
    return ""


def _gone(source: str, catalogue: Catalogue) -> str:
    """What is missing of "table.column", and what was probably meant."""
    name, _, rest = source.partition(".")
    table = catalogue.table(name)
    if table is None:
        hint = did_you_mean(name, catalogue.tables) or " Choose another source."
        return f'There is no table "{name}".{hint}'
    hint = did_you_mean(rest, table.columns) or " Choose another source."
    return f'{table.name} has no column "{rest}".{hint}'


def _columns(identifier: str, catalogue: Catalogue) -> Iterator[Source]:
    for table in filter(_one_per_customer, catalogue.tables.values()):
        for column in table.columns.values():
            if _readable(column, identifier) and column.name != table.customer:
                meant = column.semantic == identifier
                yield Source(f"{table.name}.{column.name}", table, column, meant)


def _one_per_customer(table: CatalogueTable) -> bool:
    return table.one_per_customer and bool(table.customer)


def _readable(column: Column, identifier: str) -> bool:
    """Text, or the digits of a phone that were taken for a number."""
    return column.type == Type.TEXT or (
        column.type == Type.NUMBER and column.semantic == identifier
    )


def _rank(table: CatalogueTable, catalogue: Catalogue) -> tuple[bool, bool, str]:
    name = table.name.lower()
    return name != BEST_CONTACTS, name != catalogue.base.lower(), name
