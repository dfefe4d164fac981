"""A few values of each column of a table, so that a person sees what it holds."""

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


def _read(table: CatalogueTable) -> dict[str, list[str]]:
    columns = [column for column in table.columns.values() if column.type != Type.YES_NO]
    if not columns:
        return {}
    named = ", ".join(f"CAST({identifier(column.name)} AS text)" for column in columns)
    sql = f"SELECT {named} FROM {identifier(table.name)} LIMIT {READ}"  # noqa: S608
    own = relation(table.name)
    rows = engine().fetch(Query(sql, {} if own is None else {table.name: own}))
    return {
        column.name: _frequent(column, [row[place] for row in rows])
        for place, column in enumerate(columns)
    }


def _frequent(column: Column, values: Sequence[str | None]) -> list[str]:
    filled = Counter(value.strip() for value in values if value and value.strip())
    found = [value for value, _ in filled.most_common(SHOWN)]
    if is_personal(column):
        return list(dict.fromkeys(masked(value, column.semantic) for value in found[:1]))
    if column.type == Type.TIME:
        found = list(dict.fromkeys(value[:10] for value in found))
    return [value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..." for value in found]
