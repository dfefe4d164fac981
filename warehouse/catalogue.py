"""The catalogue as plain values: what rules are checked against and compiled from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Prefetch

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
    "unique" (nor is one blank), "trimmed" (no white space around), "lower" (no upper case).
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
        folded = name.lower()
        return next((c for c in self.columns.values() if c.name.lower() == folded), None)

    def meaning(self, semantic: str) -> Column | None:
        """The first column with that semantic."""
        return next((c for c in self.columns.values() if c.semantic == semantic), None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All tables, by their own names. version: the data version they were read at."""

    tables: Mapping[str, CatalogueTable] = field(default_factory=dict)
    base: str = ""  # the table whose customer ids are everyone
    version: str = ""

    def table(self, name: str) -> CatalogueTable | None:
        """The table of that name, whatever its case."""
        folded = name.lower()
        return next((t for t in self.tables.values() if t.name.lower() == folded), None)


def current() -> Catalogue:
    """The catalogue as last synced, with the tables that Muster adds; four SQL queries.

    What is known of all values (``Column.facts``) is left out once the data is newer
    than the catalogue: it may not hold any more.
    """
    synced = Sync.objects.first()
    version = synced.data_version if synced else ""
    fresh = is_of_now(version)
    stored = {
        table.pk: table
        for table in Table.objects.filter(gone=False).prefetch_related(
            Prefetch("attributes", Attribute.objects.filter(gone=False).order_by("position")),
            Prefetch("joins", Join.objects.order_by("pk")),
        )
    }
    found = {
        table.pk: plain(table, columns(table.attributes.all(), fresh)) for table in stored.values()
    }
    tables = {
        made.name: replace(made, joins=tuple(joins(stored[pk], found)))
        for pk, made in found.items()
    }
    for name, extra in registered().items():
        tables = {known: table for known, table in tables.items() if known.lower() != name.lower()}
        tables[name] = extra.table
    catalogue = Catalogue(tables, version=version)
    names = [synced.base_table if synced else "", *BASE_TABLES]
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


def joins(table: Table, found: Mapping[int, CatalogueTable]) -> Iterator[JoinTo]:
    """The joins whose both ends the warehouse still has, in its own spelling."""
    for join in table.joins.all():
        target = found.get(join.to_table_id)
        start = found[table.pk].column(join.column)
        end = target.column(join.to_column) if target else None
        if target and start and end:
            yield JoinTo(start.name, target.name, end.name)
