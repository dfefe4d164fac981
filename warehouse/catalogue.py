"""The catalogue as plain values: what rules are checked against and compiled from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeAlias

from django.db.models import TextField
from django.db.models.functions import Cast

from warehouse import meanings
from warehouse.engines import engine
from warehouse.errors import WarehouseError
from warehouse.extra import registered
from warehouse.meanings import BASE_TABLES
from warehouse.models import Attribute, Join, Sync, Table


@dataclass(frozen=True, slots=True)
class Column:
    """type: a value of models.Type; semantic: one of models.Semantic or ''.

    zoned: a time that carries its zone (a moment); others are in the brand's zone.
    facts: what is known of all values, so that a query may leave work out:
    "filled" (none is blank), "unique" (nor is one blank), "trimmed" (no white space around),
    "lower" (no upper case), and what ``within`` names.
    """

    name: str
    type: str
    semantic: str = ""
    label: str = ""
    filled: int | None = None
    zoned: bool = False
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class JoinTo:
    """Each row of the table leads to the row of ``table`` whose ``to_column`` equals ``column``."""

    column: str
    table: str
    to_column: str


@dataclass(frozen=True, slots=True)
class CatalogueTable:
    """A table. customer: the customer id column or ''; key: the column naming a row, or ''.

    one_per_customer: its columns are attributes of customers; otherwise, with
    a customer column, its rows are events. Column names are the keys of
    ``columns`` in the warehouse's own spelling.
    """

    name: str
    columns: Mapping[str, Column]
    customer: str = ""
    key: str = ""
    one_per_customer: bool = False
    joins: tuple[JoinTo, ...] = ()
    rows: int | None = None
    label: str = ""

    def column(self, name: str) -> Column | None:
        """The column of that name, whatever its case."""
        if name in self.columns:
            return self.columns[name]
        folded = name.lower()
        return next((c for c in self.columns.values() if c.name.lower() == folded), None)

    def meaning(self, semantic: str) -> Column | None:
        """The first column with that semantic."""
        return next((c for c in self.columns.values() if c.semantic == semantic), None)


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """All tables, by their own names. version: the data version they were read at.

    dialect: the engine's words, in which people write SQL over them. Equal to itself alone,
    so that what follows from a catalogue can be kept by it.
    """

    tables: Mapping[str, CatalogueTable] = field(default_factory=dict)
    base: str = ""  # the table whose customer ids are everyone
    version: str = ""
    dialect: str = "duckdb"

    def table(self, name: str) -> CatalogueTable | None:
        """The table of that name, whatever its case."""
        if name in self.tables:
            return self.tables[name]
        folded = name.lower()
        return next((t for t in self.tables.values() if t.name.lower() == folded), None)

    def find(self, attribute: str) -> tuple[CatalogueTable, Column] | None:
        """Table and column of "table.column", whatever its case; names may hold dots themselves."""
        at = attribute.find(".")
        while at != -1:
            table = self.table(attribute[:at])
            column = table.column(attribute[at + 1 :]) if table else None
            if table and column:
                return table, column
            at = attribute.find(".", at + 1)
        return None


def within(table: str, column: str) -> str:
    """The fact of a column that each of its values, blanks aside, is one of that column's."""
    return f"in {table}.{column}"


TABLE = ("pk", "name", "label", "key", "customer", "one_per_customer", "rows")
ATTRIBUTE = ("table_id", "name", "label", "type", "semantic", "corrected", "filled", "zoned")
JOIN = ("table_id", "column", "to_table_id", "to_column")
Rows: TypeAlias = tuple[tuple[Any, ...], ...]


def current() -> Catalogue:
    """The catalogue as last synced, with the tables that Muster adds; four SQL queries.

    What is known of all values (``Column.facts``) is left out once the data is newer
    than the catalogue: it may not hold any more. As long as nothing changes it is the
    same object.
    """
    synced = Sync.objects.values_list("data_version", "base_table").first() or ("", "")
    tables = Table.objects.filter(gone=False).order_by("name")
    attributes = Attribute.objects.filter(gone=False, table__gone=False)
    return _made(
        *synced,
        engine().dialect,
        is_of_now(synced[0]),
        tuple(tables.values_list(*TABLE)),
        tuple(
            attributes.order_by("table_id", "position").values_list(
                *ATTRIBUTE, Cast("facts", TextField())
            )
        ),
        tuple(Join.objects.order_by("pk").values_list(*JOIN)),
        tuple((name, id(extra.table)) for name, extra in registered().items()),
    )


@lru_cache(maxsize=8)
def _made(
    version: str,
    named_base: str,
    dialect: str,
    fresh: bool,
    tables: Rows,
    attributes: Rows,
    joined: Rows,
    added: tuple[tuple[str, int], ...],
) -> Catalogue:
    """The catalogue that the stored rows describe. added: the tables that are registered."""
    stored = {row[0]: Table(**dict(zip(TABLE, row, strict=True))) for row in tables}
    found = {
        pk: plain(
            table,
            columns(
                (
                    Attribute(**dict(zip(ATTRIBUTE, row, strict=False)), facts=json.loads(row[-1]))
                    for row in attributes
                    if row[0] == pk
                ),
                fresh,
            ),
        )
        for pk, table in stored.items()
    }
    by_name = {}
    for pk, made in found.items():
        own = (Join(**dict(zip(JOIN, row, strict=True))) for row in joined if row[0] == pk)
        by_name[made.name] = replace(made, joins=tuple(joins(made, own, found)))
    for name, extra in registered().items():
        by_name = {known: made for known, made in by_name.items() if known.lower() != name.lower()}
        by_name[name] = extra.table
    catalogue = Catalogue(by_name, version=version, dialect=dialect)
    names = [named_base, *BASE_TABLES]
    base = next((table for name in names if name and (table := catalogue.table(name))), None)
    return replace(catalogue, base=base.name if base else "")


def is_of_now(version: str) -> bool:
    """Is it the embedded warehouse's data version? Only there a version stays what it is."""
    try:
        return engine().dialect == "duckdb" and engine().version() == version
    except WarehouseError:
        return False


def plain(table: Table, columns: Sequence[Column]) -> CatalogueTable:
    by_name = {each.name: each for each in columns}
    spelling = {each.name.lower(): each.name for each in columns}
    return CatalogueTable(
        name=table.name,
        columns=by_name,
        customer=spelling.get(table.customer.lower(), ""),
        key=spelling.get(table.key.lower(), ""),
        one_per_customer=table.one_per_customer,
        rows=table.rows,
        label=table.label,
    )


def columns(attributes: Iterable[Attribute], fresh: bool) -> list[Column]:
    """A table's columns; an event has one time, one value, one mark of each kind: what an
    admin says is it takes the place of what was guessed."""
    attributes = list(attributes)
    said = {each.semantic for each in attributes if each.corrected} & meanings.EVENT
    return [
        column(each, fresh)
        if each.corrected or each.semantic not in said
        else replace(column(each, fresh), semantic="")
        for each in attributes
    ]


def column(attribute: Attribute, fresh: bool) -> Column:
    return Column(
        name=attribute.name,
        type=attribute.type,
        semantic=attribute.semantic,
        label=attribute.label,
        filled=attribute.filled,
        zoned=attribute.zoned,
        facts=frozenset(attribute.facts) if fresh else frozenset(),
    )


def joins(
    table: CatalogueTable, stored: Iterable[Join], found: Mapping[int, CatalogueTable]
) -> Iterator[JoinTo]:
    """The joins whose both ends the warehouse still has, in its own spelling."""
    for join in stored:
        target = found.get(join.to_table_id)
        start = table.column(join.column)
        end = target.column(join.to_column) if target else None
        if target and start and end:
            yield JoinTo(start.name, target.name, end.name)
