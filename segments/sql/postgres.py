"""SQL over a warehouse in PostgreSQL: in a session of its own that may read, for a limited time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from time import monotonic

import psycopg
import pyarrow as pa

from segments.sql.binding import CUSTOMER, Place
from segments.sql.errors import SqlFailedError, SqlTooLargeError, SqlTooLongError
from warehouse.engines.postgres import PostgresEngine, interrupt, load, shadow, unreachable
from warehouse.engines.running import Running
from warehouse.engines.wording import reason
from warehouse.errors import QueryCancelledError, WarehouseUnavailableError
from warehouse.query import Relation

STEP = 20_000  # rows that are fetched at a time

SCHEMA = """
SELECT n.nspname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident(%s))
"""
SETTINGS = """
SELECT set_config('TimeZone', %(zone)s, true),
  set_config('statement_timeout', %(milliseconds)s, true),
  set_config('cursor_tuple_fraction', '1', true)
"""


def stream(
    engine: PostgresEngine,
    write: Callable[[Place], str],
    relations: Mapping[str, Relation],
    zone: str,
    seconds: int,
    key: str,
) -> Iterator[pa.RecordBatch]:
    """The result in batches. As ``embedded.stream``."""
    end = monotonic() + seconds
    try:
        session = engine.connected()
    except psycopg.Error as error:
        raise WarehouseUnavailableError(unreachable(error)) from None
    with (
        closing(session),
        engine.registry.running(key, lambda: interrupt(session)) as running,
        translated(running, seconds),
    ):
        shadow(session)
        for name, relation in relations.items():
            load(session, name, relation)
        session.execute(SETTINGS, {"zone": zone, "milliseconds": str(seconds * 1000)})
        session.execute("SET TRANSACTION READ ONLY")
        sql = write(lambda table: _full_name(session, table))
        with session.cursor(name="muster") as cursor:
            cursor.execute(sql.encode())
            while rows := cursor.fetchmany(STEP):
                running.check()
                if monotonic() > end:
                    raise SqlTooLongError(seconds)
                column = pa.array([row[0] for row in rows], pa.string())
                yield pa.RecordBatch.from_arrays([column], [CUSTOMER])


def _full_name(session: psycopg.Connection, table: str) -> tuple[str, ...]:
    """Its schema and name as the session's search path finds it, those of ours first."""
    found = session.execute(SCHEMA, [table]).fetchone()
    return (found[0], table) if found else (table,)


@contextmanager
def translated(running: Running, seconds: int) -> Iterator[None]:
    """PostgreSQL's errors as those of a segment's SQL."""
    try:
        yield
    except psycopg.errors.QueryCanceled:
        if running.cancelled:
            raise QueryCancelledError() from None
        raise SqlTooLongError(seconds) from None
    except (psycopg.errors.OutOfMemory, psycopg.errors.DiskFull):
        raise SqlTooLargeError() from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise WarehouseUnavailableError(unreachable(error)) from None
    except psycopg.Error as error:
        raise SqlFailedError(reason(error)) from None
