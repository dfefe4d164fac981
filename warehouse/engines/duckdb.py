"""The embedded warehouse: DuckDB over the files that the pointer names.

Each process has one in-memory instance with every file attached read-only and a view for
each table. When the pointer has changed, the next query opens a new instance; queries that
are running end on the old data.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import scratch, store
from warehouse.engines.base import EngineColumn, EngineTable, empty_batch
from warehouse.engines.running import Registry, Running
from warehouse.engines.wording import reason
from warehouse.errors import (
    QueryCancelledError,
    QueryFailedError,
    QueryTooLargeError,
    WarehouseError,
    WarehouseUnavailableError,
)
from warehouse.models import Type
from warehouse.query import Query, Relation
from warehouse.quoting import identifier, literal

TRIES = 10  # a load may replace the files between reading the pointer and opening them

TYPES = {
    "VARCHAR": Type.TEXT,
    "DATE": Type.DATE,
    "BOOLEAN": Type.YES_NO,
    "TIMESTAMP": Type.TIME,
    "TIMESTAMP_S": Type.TIME,
    "TIMESTAMP_MS": Type.TIME,
    "TIMESTAMP_NS": Type.TIME,
    "TIMESTAMP WITH TIME ZONE": Type.TIME,
    **dict.fromkeys(
        ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"], Type.NUMBER
    ),
    **dict.fromkeys(
        ["UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DECIMAL"], Type.NUMBER
    ),
}


@dataclass(frozen=True, slots=True)
class Instance:
    """One opened state of the warehouse, in the process that opened it."""

    stamp: store.Stamp
    pointer: store.Pointer
    connection: duckdb.DuckDBPyConnection
    process: int = field(default_factory=os.getpid)


class DuckDBEngine:
    """See ``base.Engine``."""

    dialect = "duckdb"

    def __init__(self, folder: Path):
        self.folder = folder
        self.registry = Registry()
        self.lock = Lock()
        self.instance: Instance | None = None
        self.inherited: list[Instance] = []

    def version(self) -> str:
        return self.current().pointer.data_version

    def loaded_at(self) -> datetime | None:
        return self.current().pointer.loaded_at

    def describe(self) -> list[EngineTable]:
        with self.cursor() as (cursor, _), translated():
            rows = cursor.execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns() "
                "WHERE database_name = 'memory' AND schema_name = 'main' AND NOT internal "
                "ORDER BY table_name, column_index"
            ).fetchall()
        tables: dict[str, list[EngineColumn]] = {}
        for table, column, native in rows:
            columns = tables.setdefault(table, [])
            if kind := TYPES.get(native.partition("(")[0]):
                columns.append(EngineColumn(column, kind.value, native.endswith("TIME ZONE")))
        return [EngineTable(name, tuple(columns)) for name, columns in tables.items()]

    def fetch(self, query: Query, key: str = "") -> list[tuple[Any, ...]]:
        with self.cursor(key, query.relations) as (cursor, running), translated(running):
            rows: list[tuple[Any, ...]] = cursor.execute(query.sql).fetchall()
            return rows

    def stream(self, query: Query, rows: int = 100_000, key: str = "") -> Iterator[pa.RecordBatch]:
        with self.cursor(key, query.relations) as (cursor, running), translated(running):
            reader = cursor.sql(query.sql).to_arrow_reader(rows)
            empty = True
            for batch in reader:
                running.check()
                empty = False
                yield batch
            if empty:
                yield empty_batch(reader.schema)

    def cancel(self, key: str) -> bool:
        return self.registry.cancel(key)

    @contextmanager
    def cursor(
        self, key: str = "", relations: Mapping[str, Relation] | None = None
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, Running]]:
        """A cursor of its own for one query, with the relations known to it alone."""
        instance = self.current()
        with translated():
            cursor = instance.connection.cursor()
        try:
            with self.registry.running(key, lambda: interrupt(cursor)) as running:
                with translated():
                    for name, relation in (relations or {}).items():
                        cursor.register(name, readable(relation))
                running.check()
                yield cursor, running
        finally:
            cursor.close()

    def current(self) -> Instance:
        """The instance for the pointer as it is now."""
        try:
            stamp = store.stamp(self.folder)
            known = self.instance
            if known and known.stamp == stamp and known.process == os.getpid():
                return known
            with self.lock:
                if self.instance and self.instance.process != os.getpid():
                    # Closing what belongs to the parent process would wait for its threads.
                    self.inherited.append(self.instance)
                    self.instance = None
                if self.instance is None or self.instance.stamp != store.stamp(self.folder):
                    self.instance = opened(self.folder)
                return self.instance
        except OSError as error:
            raise WarehouseUnavailableError(error.strerror or type(error).__name__) from None


def opened(folder: Path) -> Instance:
    """Open what the pointer names; again when a load replaced it in the meantime."""
    for attempt in range(TRIES):
        stamp, pointer = store.stamp(folder), store.read(folder)
        connection = scratch.connect()
        try:
            attach(connection, folder, pointer)
        except duckdb.IOException:
            connection.close()
            if attempt == TRIES - 1 or store.stamp(folder) == stamp:
                raise WarehouseUnavailableError("a file of a table is missing or damaged") from None
            continue
        except duckdb.Error as error:
            connection.close()
            raise WarehouseUnavailableError(reason(error)) from None
        if store.stamp(folder) == stamp:
            return Instance(stamp, pointer, connection)
        connection.close()
    raise WarehouseUnavailableError("it is being replaced again and again")


def attach(connection: duckdb.DuckDBPyConnection, folder: Path, pointer: store.Pointer) -> None:
    """Attach every file read-only under its table's name, then close all other doors."""
    for number, (table, file) in enumerate(sorted(pointer.tables.items())):
        path = literal(str(folder / file))
        connection.execute(f"ATTACH {path} AS file_{number} (READ_ONLY)")
        connection.execute(
            f"CREATE VIEW {identifier(table)} AS SELECT * FROM file_{number}.main.{store.DATA}"  # noqa: S608
        )
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def readable(relation: Relation) -> Any:
    """Arrow reads the files: the instance itself may open none."""
    if isinstance(relation, pa.Table):
        return relation
    from pyarrow.dataset import dataset  # brings pandas along, which takes a second to import

    return dataset([str(path) for path in relation], format="parquet")


def interrupt(cursor: duckdb.DuckDBPyConnection) -> None:
    """Stop what the cursor runs; one that was closed meanwhile has ended by itself."""
    with suppress(duckdb.ConnectionException):
        cursor.interrupt()


@contextmanager
def translated(running: Running | None = None) -> Iterator[None]:
    """DuckDB's errors as ours; their own text may hold customers' values and goes no further."""
    try:
        yield
    except duckdb.InterruptException:
        raise QueryCancelledError() from None
    except duckdb.OutOfMemoryException:
        raise QueryTooLargeError() from None
    except (WarehouseError, QueryCancelledError):
        raise
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if running and running.cancelled:  # Arrow wraps the interrupt of a stream
            raise QueryCancelledError() from None
        raise QueryFailedError(reason(error)) from None
