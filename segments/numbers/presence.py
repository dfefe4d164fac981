"""Of values that were pasted, picked or uploaded: which of them the data does not hold."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

from segments import lists
from segments.compile import Context, to_query
from segments.compile.folding import folded
from segments.compile.presence import absent
from warehouse.catalogue import CatalogueTable, Column
from warehouse.engines import engine
from warehouse.extra import state

KEPT = 2 * 86_400  # seconds; a new data version asks anew whatever is kept
NAMED = 200  # of those that are not found, so many are named


@dataclass(frozen=True, slots=True)
class Missing:
    """count: how many are not in the data; values: the first of them."""

    count: int
    values: Sequence[str]


def missing(
    table: CatalogueTable, column: Column, values: Sequence[str], context: Context
) -> Missing:
    """The values, as they were written, that no row of the column has.

    Raises errors of the WarehouseError family.
    """
    written = {folded(each): each for each in reversed(values)}
    found = _absent(table, column, values, context, hashlib.sha256(repr(values).encode()))
    named = set(found.values)
    kept = [each for key, each in written.items() if key in named]
    return Missing(found.count, list(reversed(kept)))


def missing_of_list(
    table: CatalogueTable, column: Column, digest: str, context: Context
) -> Missing:
    """The values of an uploaded list, folded, that no row has. Raises as ``missing`` does,
    and ListMissingError."""
    return _absent(table, column, lists.relation(digest), context, hashlib.sha256(digest.encode()))


def _absent(
    table: CatalogueTable,
    column: Column,
    values: Sequence[str] | list[Path],
    context: Context,
    asked: hashlib._Hash,
) -> Missing:
    source = engine()
    own = state(table.name)
    around = (settings.WAREHOUSE_URL, source.version(), own, table.name, column.name)
    kept = f"missing:{asked.hexdigest()}:{hashlib.sha256(repr(around).encode()).hexdigest()}"
    found: Missing | None = None if own is None else cache.get(kept)
    if found is None:
        expression = absent(table, column, values, context)
        counted = to_query(expression.aggregate(n=expression.count()), context, source.dialect)
        named = expression.order_by("value").limit(NAMED)
        [(count,)] = source.fetch(counted)
        rows = source.fetch(to_query(named, context, source.dialect)) if count else []
        found = Missing(int(count), [value for (value,) in rows])
        if own is not None:
            cache.set(kept, found, KEPT)
    return found
