"""How much of a source column is filled, and how much of that could be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from django.core.cache import cache

from destinations import identifiers
from destinations.sources import split
from warehouse import catalogue as catalogues
from warehouse.engines import engine
from warehouse.query import Query
from warehouse.scratch import scratch

ROWS = "SELECT count(*) FROM {table}"
VALUES = "SELECT CAST({column} AS {text}) AS value FROM {table} WHERE {column} IS NOT NULL"
TEXT = {"duckdb": "VARCHAR", "postgres": "text"}


@dataclass(frozen=True, slots=True)
class Shares:
    """Rows of the table, those that are not blank, those whose value is valid; a masked one."""

    rows: int
    filled: int
    valid: int
    sample: str = ""

    @property
    def filled_share(self) -> float | None:
        return self.filled / self.rows if self.rows else None

    @property
    def valid_share(self) -> float | None:
        return self.valid / self.filled if self.filled else None


def shares(source: str, identifier: str) -> Shares | None:
    """Counted over every row; None when the source is gone. Kept while the data is the same.

    Raises errors of the WarehouseError family.
    """
    found = split(source, catalogues.current())
    if found is None:
        return None
    table, column = found
    version = engine().version()
    key = f"shares:{version}:{table.name}:{column.name}:{identifier}"
    known: Shares | None = cache.get(key)
    if known is None:
        known = _count(_quoted(table.name), _quoted(column.name), identifier)
        cache.set(key, known, timeout=None)
    return known


def _count(table: str, column: str, identifier: str) -> Shares:
    rows = engine().fetch(Query(_sql(ROWS, table, column)))[0][0]
    reader = engine().stream(Query(_sql(VALUES, table, column)))
    with scratch() as connection:
        connection.execute("CREATE TABLE raw (value VARCHAR)")
        for batch in reader:
            _insert(connection, batch)
        connection.execute(
            "CREATE TABLE kept AS SELECT value FROM raw WHERE trim(value, ?) <> ''",
            [identifiers.WHITE_SPACE],
        )
        identifiers.normalise(connection, "kept", {"value": identifier}, "settled")
        figures = "SELECT count(*), count(value), min(value) FROM settled"
        filled, valid, sample = _one(connection.execute(figures))
    return Shares(rows, filled, valid, masked(sample or ""))


def _insert(connection: duckdb.DuckDBPyConnection, batch: pa.RecordBatch) -> None:
    connection.register("batch", pa.Table.from_batches([batch]))
    connection.execute("INSERT INTO raw SELECT value FROM batch")
    connection.unregister("batch")


def _one(result: Any) -> tuple[int, int, str | None]:
    row = result.fetchone()
    return row[0], row[1], row[2]


def masked(identifier: str) -> str:
    """Enough to recognise the kind of value, not the person: "+1 *** 0143", "j***@ex***"."""
    if not identifier:
        return ""
    if identifier.startswith("+"):
        return f"{identifier[:2]} *** {identifier[-4:]}"
    name, _, host = identifier.partition("@")
    return f"{name[:1]}***@{host[:2]}***"


def _sql(template: str, table: str, column: str) -> str:
    return template.format(table=table, column=column, text=TEXT[engine().dialect])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
