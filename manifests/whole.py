"""The installation as it would be with a file applied: what names in the file may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from manifests.document import Campaign, Destination, List, Manifest, Segment, Table
from manifests.section import Entry
from warehouse import meanings
from warehouse.catalogue import Catalogue, CatalogueTable, Column, JoinTo

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Whole:
    """File and database together, the file first. Keys are exact names.

    kinds: of the credentials. rules: those that other rules may name, by the names of
    their segments. catalogue: with the file's corrections. before: the database alone.
    """

    kinds: Mapping[str, str]
    destinations: Mapping[str, Destination]
    lists: Mapping[str, List]
    segments: Mapping[str, Segment]
    rules: Mapping[str, Any]
    campaigns: Mapping[str, Campaign]
    catalogue: Catalogue
    before: Manifest


def whole(manifest: Manifest, stored: Manifest, catalogue: Catalogue) -> Whole:
    segments = by_name(manifest.segments, stored.segments)
    return Whole(
        kinds={each.name: each.kind for each in together(manifest.credentials, stored.credentials)},
        destinations=by_name(manifest.destinations, stored.destinations),
        lists=by_name(manifest.lists, stored.lists),
        segments=segments,
        rules={name: each.rule for name, each in segments.items() if not each.archived},
        campaigns=by_name(manifest.campaigns, stored.campaigns),
        catalogue=corrected(catalogue, manifest.tables),
        before=stored,
    )


def by_name(entries: Iterable[E], stored: Iterable[E]) -> dict[str, E]:
    return {each.name: each for each in together(entries, stored)}


def together(entries: Iterable[E], stored: Iterable[E]) -> list[E]:
    """The file's entries, and the stored ones of other names, whatever the case."""
    entries = list(entries)
    taken = {each.name.lower() for each in entries}
    return [*entries, *(each for each in stored if each.name.lower() not in taken)]


def corrected(catalogue: Catalogue, corrections: Iterable[Table]) -> Catalogue:
    tables = dict(catalogue.tables)
    base = catalogue.base
    for entry in corrections:
        table = catalogue.table(entry.name)
        if table is not None:
            tables[table.name] = corrected_table(table, entry)
            base = table.name if entry.base else base
    return replace(catalogue, tables=tables, base=base)


def corrected_table(table: CatalogueTable, entry: Table) -> CatalogueTable:
    told = {column.lower(): meaning for column, meaning in entry.semantics.items()}
    joined = {column.lower() for column in entry.joins}
    return replace(
        table,
        key=table.key if entry.key is None else entry.key,
        customer=table.customer if entry.customer is None else entry.customer,
        one_per_customer=(
            table.one_per_customer if entry.one_per_customer is None else entry.one_per_customer
        ),
        columns={name: meant(column, told) for name, column in table.columns.items()},
        joins=(
            *(each for each in table.joins if each.column.lower() not in joined),
            *(JoinTo(column, *target) for column, target in entry.joins.items()),
        ),
    )


def meant(column: Column, told: Mapping[str, str]) -> Column:
    """told: what the file says, by column. An event's one time, value or mark is the told one."""
    known = "" if column.semantic in {*told.values()} & meanings.EVENT else column.semantic
    return replace(column, semantic=told.get(column.name.lower(), known))


def spelled(entry: Table, catalogue: Catalogue) -> Table:
    """The entry with its names as the warehouse spells them: names match without case."""
    table = catalogue.table(entry.name)
    if table is None:
        return entry
    joins = {}
    for column, (to_table, to_column) in entry.joins.items():
        other = catalogue.table(to_table)
        target = (other.name, own(other, to_column)) if other else (to_table, to_column)
        joins[own(table, column)] = target
    return replace(
        entry,
        key=None if entry.key is None else own(table, entry.key),
        customer=None if entry.customer is None else own(table, entry.customer),
        semantics={own(table, column): each for column, each in entry.semantics.items()},
        joins=joins,
    )


def own(table: CatalogueTable, column: str) -> str:
    found = table.column(column)
    return found.name if found else column
