"""A few values of each column of a table, and a few of its rows: what it holds, at a glance."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.cache import cache

from warehouse.catalogue import CatalogueTable, Column
from warehouse.engines import engine
from warehouse.errors import WarehouseError
from warehouse.extra import relation, state
from warehouse.models import Type
from warehouse.personal import is_personal, masked
from warehouse.query import Query
from warehouse.quoting import identifier

KEPT = 24 * 60 * 60  # seconds; a new data version asks anew whatever is kept
READ = 500  # rows: any will do
SHOWN = 3
LONGEST = 24  # characters
ROWS = 10


def samples(table: CatalogueTable) -> Mapping[str, Sequence[str]]:
    """Column name -> up to three frequent values among some rows, personal ones masked.

    Empty when the warehouse does not answer: nobody is kept waiting for an example.
    """
    try:
        own = state(table.name)
        around = (settings.WAREHOUSE_URL, engine().version(), own, table.name, *table.columns)
        kept = f"samples:{hashlib.sha256(repr(around).encode()).hexdigest()}"
        found: Mapping[str, Sequence[str]] | None = None if own is None else cache.get(kept)
        if found is None:
            found = _read(table)
            if own is not None:
                cache.set(kept, found, KEPT)
    except WarehouseError:
        return {}
    return found


def sample_rows(table: CatalogueTable, *, unmasked: bool = False) -> list[list[str]]:
    """Ten rows, any, with a value for each column, '' where there is none; personal ones masked
    unless one may see them. Raises WarehouseError."""
    columns = list(table.columns.values())
    return [
        [_told(value, column, unmasked) for value, column in zip(row, columns, strict=True)]
        for row in _fetched(table, columns, ROWS)
    ]


def _told(value: str | None, column: Column, unmasked: bool) -> str:
    text = (value or "").strip()
    if text and is_personal(column) and not unmasked:
        return masked(text, column.semantic)
    return _short(text)


def _read(table: CatalogueTable) -> dict[str, list[str]]:
    columns = [column for column in table.columns.values() if column.type != Type.YES_NO]
    if not columns:
        return {}
    rows = _fetched(table, columns, READ)
    return {
        column.name: _frequent(column, [row[place] for row in rows])
        for place, column in enumerate(columns)
    }


def _fetched(
    table: CatalogueTable, columns: Sequence[Column], most: int
) -> list[tuple[str | None, ...]]:
    """Some rows with those columns as text."""
    named = ", ".join(f"CAST({identifier(column.name)} AS text)" for column in columns)
    sql = f"SELECT {named} FROM {identifier(table.name)} LIMIT {most}"  # noqa: S608
    own = relation(table.name)
    return engine().fetch(Query(sql, {} if own is None else {table.name: own}))


def _frequent(column: Column, values: Sequence[str | None]) -> list[str]:
    filled = Counter(value.strip() for value in values if value and value.strip())
    found = [value for value, _ in filled.most_common(SHOWN)]
    if is_personal(column):
        return list(dict.fromkeys(masked(value, column.semantic) for value in found[:1]))
    if column.type == Type.TIME:
        found = list(dict.fromkeys(value[:10] for value in found))
    return [_short(value) for value in found]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
