"""A warehouse in PostgreSQL, read with an account that needs no more than SELECT and TEMP.

Results stream from a cursor of the server's; relations are loaded into temporary tables by
COPY. Every query is a transaction of its own that is rolled back, so that nothing
of it stays. ``WAREHOUSE_URL=postgres://user:password@host/database?schema=brand`` names the
schema (default: the account's search path).
"""

from __future__ import annotations

import hashlib
import io
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql
from psycopg.types.numeric import FloatLoader
from psycopg.types.string import TextLoader

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

IDLE = 4  # connections kept open between queries
STEP = 20_000  # rows of a stream that are fetched at a time
CONNECT_SECONDS = 10

KINDS = {
    **dict.fromkeys(["text", "varchar", "name", "citext"], Type.TEXT),
    **dict.fromkeys(["bpchar", "uuid"], Type.TEXT),
    **dict.fromkeys(["int2", "int4", "int8", "numeric", "float4", "float8"], Type.NUMBER),
    "date": Type.DATE,
    **dict.fromkeys(["timestamp", "timestamptz"], Type.TIME),
    "bool": Type.YES_NO,
}
# Text for rules, but not for PostgreSQL's text functions until it is cast.
CAST = {"bpchar", "uuid", "citext"}

ARROW = {
    "int2": pa.int64(),
    "int4": pa.int64(),
    "int8": pa.int64(),
    "numeric": pa.float64(),
    "float4": pa.float64(),
    "float8": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
    "bool": pa.bool_(),
}

# What a stream reads otherwise than psycopg would: numbers as Arrow has them, ids as text.
LOADERS: dict[str, Any] = {"numeric": FloatLoader, "uuid": TextLoader}

COLUMNS = """
SELECT c.oid, n.nspname, c.relname, c.relkind, a.attname, t.typname, t.typtype
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind = ANY ('{r,p,v,m,f}')
  AND NOT c.relispartition AND pg_catalog.pg_table_is_visible(c.oid)
  AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY c.relname, a.attnum
"""

# What changes with the data and costs nothing to read. Counters of writes for tables and
# their partitions; what has none (a view, a foreign table, anything on a standby) counts
# as changed each hour.
FINGERPRINT = """
WITH RECURSIVE seen AS (
  SELECT c.oid, c.relkind, c.relfilenode, c.relnatts FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind = ANY ('{r,p,v,m,f}')
  UNION
  SELECT c.oid, c.relkind, c.relfilenode, c.relnatts FROM seen
  JOIN pg_catalog.pg_inherits i ON i.inhparent = seen.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
)
SELECT seen.oid, seen.relkind, seen.relfilenode, seen.relnatts,
  s.n_tup_ins, s.n_tup_upd, s.n_tup_del,
  CASE WHEN pg_is_in_recovery() OR seen.relkind = ANY ('{v,f}')
    THEN date_trunc('hour', now()) END
FROM seen LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = seen.oid
ORDER BY seen.oid
"""


class PostgresEngine:
    """See ``base.Engine``."""

    dialect = "postgres"

    def __init__(self, url: str):
        self.address, self.schema = split_schema(url)
        self.registry = Registry()
        self.lock = Lock()
        self.idle: deque[psycopg.Connection] = deque()

    def version(self) -> str:
        with self.transaction() as (connection, _):
            rows = connection.execute(FINGERPRINT).fetchall()
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:32]

    def loaded_at(self) -> datetime | None:
        """PostgreSQL does not say when its rows came."""
        return None

    def describe(self) -> list[EngineTable]:
        with self.transaction() as (connection, _):
            rows = connection.execute(COLUMNS).fetchall()
        tables: dict[str, list[EngineColumn]] = {}
        for _oid, _schema, table, _kind, column, native, sort in rows:
            columns = tables.setdefault(table, [])
            if kind := Type.TEXT if sort == "e" else KINDS.get(native):
                columns.append(EngineColumn(column, kind.value, native == "timestamptz"))
        return [EngineTable(name, tuple(columns)) for name, columns in tables.items()]

    def fetch(self, query: Query, key: str = "") -> list[tuple[Any, ...]]:
        with self.transaction(key, query.relations) as (connection, _):
            # Without parameters a per cent sign in the text is only a per cent sign.
            return connection.execute(query.sql.encode()).fetchall()

    def stream(self, query: Query, rows: int = 100_000, key: str = "") -> Iterator[pa.RecordBatch]:
        with self.transaction(key, query.relations) as (connection, running):
            schema = result_schema(connection, query.sql)
            # All rows will be read: plan for the last one, not for the first.
            connection.execute("SET LOCAL cursor_tuple_fraction = 1")
            with connection.cursor(name="muster") as cursor:
                for kind, loader in LOADERS.items():
                    cursor.adapters.register_loader(kind, loader)
                cursor.execute(query.sql.encode())
                empty = True
                while found := cursor.fetchmany(min(rows, STEP)):
                    running.check()
                    empty = False
                    yield batch(found, schema)
                if empty:
                    yield empty_batch(schema)

    def cancel(self, key: str) -> bool:
        return self.registry.cancel(key)

    @contextmanager
    def transaction(
        self, key: str = "", relations: Mapping[str, Relation] | None = None
    ) -> Iterator[tuple[psycopg.Connection, Running]]:
        """A connection for one query, the relations loaded, everything rolled back at the end."""
        with translated():
            connection = self.connection()
        try:
            with (
                self.registry.running(key, lambda: interrupt(connection)) as running,
                translated(running),
            ):
                shadow(connection)
                for name, relation in (relations or {}).items():
                    load(connection, name, relation)
                connection.execute("SET TRANSACTION READ ONLY")
                running.check()
                yield connection, running
        finally:
            self.give_back(connection)

    def connection(self) -> psycopg.Connection:
        """An idle connection that still answers, or a new one."""
        while True:
            with self.lock:
                idle = self.idle.popleft() if self.idle else None
            if idle is None:
                return self.connected()
            try:
                idle.execute("SELECT 1")
            except psycopg.Error:
                idle.close()
                continue
            return idle

    def connected(self) -> psycopg.Connection:
        connection = psycopg.connect(
            self.address,
            connect_timeout=CONNECT_SECONDS,
            application_name="muster",
            client_encoding="utf8",
            prepare_threshold=None,
        )
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET DateStyle = 'ISO'")
        if self.schema:
            connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(self.schema)))
        connection.commit()
        return connection

    def give_back(self, connection: psycopg.Connection) -> None:
        with suppress(psycopg.Error):
            connection.rollback()
        with self.lock:
            if not connection.closed and len(self.idle) < IDLE:
                self.idle.append(connection)
                return
        connection.close()


def split_schema(url: str) -> tuple[str, str]:
    """The address as PostgreSQL knows it, and the schema that ours adds to it."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    schema = options.pop("schema", "")
    return urlunsplit(parts._replace(query=urlencode(options, quote_via=quote))), schema


def interrupt(connection: psycopg.Connection) -> None:
    with suppress(psycopg.Error):
        connection.cancel_safe(timeout=CONNECT_SECONDS)


def shadow(connection: psycopg.Connection) -> None:
    """Put a temporary view in front of each table with columns that must be cast to text."""
    tables: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for _oid, schema, table, _kind, column, native, sort in connection.execute(COLUMNS).fetchall():
        known = sort == "e" or native in KINDS
        if known:
            tables.setdefault((schema, table), []).append((column, sort == "e" or native in CAST))
    for (schema, table), columns in tables.items():
        if not any(cast for _, cast in columns):
            continue
        names = [
            sql.SQL("CAST({0} AS text) AS {0}" if cast else "{0}").format(sql.Identifier(column))
            for column, cast in columns
        ]
        connection.execute(
            sql.SQL("CREATE TEMPORARY VIEW {} AS SELECT {} FROM {}").format(
                sql.Identifier(table), sql.SQL(", ").join(names), sql.Identifier(schema, table)
            )
        )


def load(connection: psycopg.Connection, name: str, relation: Relation) -> None:
    """Copy a relation into a temporary table of that name, gone with the transaction."""
    table = sql.Identifier("pg_temp", name)
    if isinstance(relation, pa.Table):
        copied(connection, table, relation.schema, relation.to_batches())
    else:
        from pyarrow.dataset import dataset  # brings pandas along, which takes a second to import

        files = dataset([str(path) for path in relation], format="parquet")
        copied(connection, table, files.schema, files.to_batches())
    connection.execute(sql.SQL("ANALYZE {}").format(table))


def copied(
    connection: psycopg.Connection,
    table: sql.Identifier,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
) -> None:
    """Make a table of Arrow batches."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(native(column.type)))
        for column in schema
    )
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
    options = pyarrow.csv.WriteOptions(include_header=False)
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(table)) as copy,
    ):
        for batch in batches:
            text = io.BytesIO()
            pyarrow.csv.write_csv(batch, text, options)
            copy.write(text.getbuffer())


def native(kind: pa.DataType) -> str:
    """PostgreSQL's type for a column of a relation."""
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_floating(kind):
        return "double precision"
    if pa.types.is_decimal(kind):
        return "numeric"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "timestamptz" if kind.tz else "timestamp"
    return "text"


def result_schema(connection: psycopg.Connection, text: str) -> pa.Schema:
    """The result's columns in Arrow's types, asked for without running the query."""
    probe = connection.execute(f"SELECT * FROM ({text}) AS probe LIMIT 0".encode())  # noqa: S608
    names = {info.oid: info.name for info in connection.adapters.types}
    return pa.schema(
        (column.name, ARROW.get(names.get(column.type_code, ""), pa.string()))
        for column in probe.description or ()
    )


def batch(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        pa.array([row[place] for row in rows], column.type) for place, column in enumerate(schema)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


@contextmanager
def translated(running: Running | None = None) -> Iterator[None]:
    """PostgreSQL's errors as ours; what they quote of the data goes no further."""
    try:
        yield
    except (WarehouseError, QueryCancelledError):
        raise
    except (psycopg.errors.OutOfMemory, psycopg.errors.DiskFull):
        raise QueryTooLargeError() from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        if running and running.cancelled:
            raise QueryCancelledError() from None
        raise WarehouseUnavailableError(unreachable(error)) from None
    except (psycopg.Error, pa.ArrowException, OSError) as error:
        if running and running.cancelled:
            raise QueryCancelledError() from None
        raise QueryFailedError(reason(error)) from None


def unreachable(error: psycopg.Error) -> str:
    """The kind of trouble only: libpq's own text names hosts and users."""
    if isinstance(error, psycopg.errors.InvalidPassword):
        return "it refused the account"
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "it stopped the query, as its settings or an admin of it ask"
    return "it could not be reached or broke the connection"
