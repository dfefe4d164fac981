"""What can be chosen in the editor, as options of a picklist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from core import formats
from segments import words
from segments.rules import type_of
from segments.rules.joins import customer_of, paths
from warehouse.catalogue import Catalogue, CatalogueTable, Column

Option = dict[str, Any]
SHOWN = 200


def criteria(catalogue: Catalogue) -> list[Option]:
    """All that a line can ask: purchases and other events first, then segments, then attributes."""
    found = [event_option(table) for table in events(catalogue)]
    found.append(
        {"value": "segment:", "text": "In a segment", "note": "Members of a saved segment"}
    )
    return found + attributes(catalogue)


def attributes(catalogue: Catalogue) -> list[Option]:
    """The columns of tables with one row a customer, those of the base table first."""
    tables = [table for table in catalogue.tables.values() if table.one_per_customer]
    tables.sort(key=lambda table: (table.name != catalogue.base, table.name))
    return [column_option(table, column) for table in tables for column in table.columns.values()]


def events(catalogue: Catalogue) -> list[CatalogueTable]:
    """The tables with many rows a customer, purchases first."""
    found = [
        table
        for table in catalogue.tables.values()
        if not table.one_per_customer and customer_of(table, catalogue) is not None
    ]
    return sorted(found, key=lambda table: (not table.meaning("order_value"), table.name))


def event_columns(
    event: CatalogueTable, catalogue: Catalogue, types: Iterable[str] = ()
) -> list[Option]:
    """The columns of an event's table and of all tables it leads to, products' first."""
    tables = [catalogue.tables[name] for name in paths(event, catalogue)]
    tables.sort(key=lambda table: table.meaning("category") is None)
    wanted = set(types)
    return [
        column_option(table, column)
        for table in tables
        for column in table.columns.values()
        if not wanted or type_of(table, column) in wanted
    ]


def event_option(table: CatalogueTable) -> Option:
    label = words.table_label(table, table.name)
    bought = words.is_purchase(table)
    note = f"{formats.counted(table.rows, 'row')} with dates" if table.rows else "Events"
    return {
        "value": f"event:{table.name}",
        "text": f"Bought ({words.lowered(label)})" if bought else label,
        "note": note,
    }


def column_option(table: CatalogueTable, column: Column) -> Option:
    note = [words.table_label(table, table.name), words.TYPES[type_of(table, column)].lower()]
    if column.filled is not None and table.rows:
        note.append(f"{formats.percent(column.filled / table.rows)} filled")
    return {
        "value": f"attribute:{table.name}.{column.name}",
        "text": words.column_label(column, column.name),
        "note": ", ".join(note),
    }


def found(options: Iterable[Option], search: str) -> dict[str, Any]:
    """The options that hold every word that was typed, as static/js/picklist.js wants them.

    Those whose names hold them come before those of which only a note does.
    """
    asked = search.lower().split()
    hits = [option for option in options if _holds(option, asked)]
    hits.sort(key=lambda option: not all(word in option["text"].lower() for word in asked))
    return {"options": hits[:SHOWN], "more": max(len(hits) - SHOWN, 0)}


def _holds(option: Option, asked: list[str]) -> bool:
    text = f"{option['text']} {option.get('note', '')} {option['value']}".lower()
    return all(word in text for word in asked)


def chosen(options: Iterable[tuple[str, str]], value: str) -> Iterator[Option]:
    """Plain options of a select, the chosen one marked."""
    for each, text in options:
        yield {"value": each, "text": text, "selected": each == value}
