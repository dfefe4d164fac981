"""Real values of a column with how often they occur, for pickers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.conf import settings
from django.core.cache import cache

from core.nearest import nearest as closest
from warehouse.catalogue import Catalogue, current
from warehouse.engines import engine
from warehouse.errors import ColumnUnknownError
from warehouse.extra import relation, state
from warehouse.models import Type
from warehouse.query import Query
from warehouse.quoting import SPACE, identifier

WHOLE = 1000  # values: a column with no more of them is asked once
KEPT = 24 * 60 * 60  # seconds; a new data version asks anew whatever is kept


@dataclass(frozen=True, slots=True)
class Picklist:
    """values: (value as text, rows), the most frequent first; more: how many follow these."""

    values: Sequence[tuple[str, int]]
    more: int


def picklist(
    table: str,
    column: str,
    search: str = "",
    after: str | None = None,
    limit: int = 50,
    *,
    catalogue: Catalogue | None = None,
) -> Picklist:
    """The values that contain the search text, whatever their case; blanks are none.

    after: the last value already shown. Raises ColumnUnknownError, and errors
    of the WarehouseError family.
    """
    found = (catalogue or current()).table(table)
    known = found.column(column) if found else None
    if found is None or known is None:
        raise ColumnUnknownError(table, column)
    search = search.strip()
    if search and limit < WHOLE and after is None:
        whole = picklist(table, column, limit=WHOLE, catalogue=catalogue)
        if not whole.more:  # few enough to be looked through here
            held = [each for each in whole.values if search.lower() in each[0].lower()]
            return Picklist(held[:limit], max(len(held) - limit, 0))
    own = state(found.name)
    around = (settings.WAREHOUSE_URL, engine().version(), own)
    key = repr((*around, found.name, known.name, search, after, limit))
    kept = f"picklist:{hashlib.sha256(key.encode()).hexdigest()}"
    answer: Picklist | None = None if own is None else cache.get(kept)
    if answer is None:
        answer = counted(found.name, known.name, known.type, search, after, limit)
        if own is not None:
            cache.set(kept, answer, KEPT)
    return answer


def nearest(table: str, column: str, search: str, catalogue: Catalogue) -> str:
    """The value that somebody probably meant by the search text, or ''. Raises as ``picklist``."""
    known = picklist(table, column, limit=WHOLE, catalogue=catalogue)
    return closest(search, (value for value, _ in known.values))


def counted(
    table: str, column: str, kind: str, search: str, after: str | None, limit: int
) -> Picklist:
    """``picklist`` as the warehouse answers it now. kind: the column's type."""
    name = identifier(column)
    value = f"trim({name}, {SPACE})" if kind == Type.TEXT else f"CAST({name} AS text)"
    shown = (
        "WHERE place > coalesce((SELECT min(r.place) FROM ranked r, asked a "
        "WHERE r.value = a.shown), 0)"
        if after is not None
        else ""
    )
    sql = (
        "WITH asked AS (SELECT * FROM muster_search), counted AS ("  # noqa: S608
        f"SELECT value, count(*) AS n FROM (SELECT {value} AS value FROM {identifier(table)}) v, "
        "asked a WHERE v.value <> '' AND strpos(lower(v.value), lower(a.search)) > 0 "
        "GROUP BY value), "
        "ranked AS (SELECT value, n, row_number() OVER (ORDER BY n DESC, value) AS place, "
        "count(*) OVER () AS total FROM counted) "
        f"SELECT value, n, place, total FROM ranked {shown} ORDER BY place LIMIT {int(limit)}"
    )
    relations = {"muster_search": pa.table({"search": [search], "shown": [after or ""]})}
    if (own := relation(table)) is not None:
        relations[table] = own
    rows = engine().fetch(Query(sql, relations))
    more = rows[-1][3] - rows[-1][2] if rows else 0
    return Picklist([(value, n) for value, n, *_ in rows], more)
