"""The customers that a segment's SQL gives, kept as a file for each moment and state of the data.

    VAR_DIR/sql/DIGEST.parquet   ids (one text column, "customer"); thrown away two days after
                                 it was last asked for

The digest names the SQL as it was read, with its now, and the data version, so that what lies
there is true. SQL that could not be run is not run again for a while: a list of
segments would wait for it each time.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.core.cache import cache

from core.files import replacing
from segments.sql import embedded, postgres
from segments.sql.binding import CUSTOMER, Place, at, bound
from segments.sql.errors import SqlError
from segments.sql.reading import read
from warehouse import extra
from warehouse.catalogue import Catalogue, CatalogueTable
from warehouse.engines import engine
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.engines.postgres import PostgresEngine
from warehouse.query import Relation

KEPT = 2 * 86_400  # seconds
REMEMBERED = 300  # seconds for which a failure is

SCHEMA = pa.schema([(CUSTOMER, pa.string())])


class Members:
    """The customers of one SQL at one moment; calling it gives them as a relation."""

    def __init__(
        self, text: str, catalogue: Catalogue, base: CatalogueTable, moment: datetime, zone: str
    ):
        """base: whose customers are everyone. Raises SqlRefusedError."""
        self.statement = at(read(text, catalogue), moment, zone)
        self.base = base
        self.zone = zone
        self.dialect = catalogue.dialect
        said = self.statement.tree.sql(catalogue.dialect, identify=True, comments=False)
        self.said = repr([said, base.name, base.customer, zone])
        self.name = f"sql_{hashlib.sha256(self.said.encode()).hexdigest()[:16]}"

    def __call__(self, key: str = "") -> Relation:
        """Run it, unless that was done. key: a name by which engine().cancel stops it.

        Raises SqlError, WarehouseError.
        """
        tables = self.statement.tables | {self.base.name}
        states = [extra.state(name) for name in sorted(tables)]
        stamp = [settings.WAREHOUSE_URL, engine().version(), states, self.said]
        digest = hashlib.sha256(repr(stamp).encode()).hexdigest()
        path = Path(settings.VAR_DIR) / "sql" / f"{digest}.parquet"
        if None not in states:
            with suppress(FileNotFoundError):
                os.utime(path)
                return [path]
            failed: SqlError | None = cache.get(f"sql:{digest}")
            if failed is not None:
                raise failed
        try:
            self._write(path, key)
        except SqlError as error:
            cache.set(f"sql:{digest}", error, REMEMBERED)
            raise
        return [path]

    def _write(self, path: Path, key: str) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(path.parent)
        with replacing(path) as rough, pq.ParquetWriter(rough, SCHEMA) as file:
            rough.chmod(0o600)
            for batch in self._stream(key):
                file.write_batch(batch.cast(SCHEMA))

    def _stream(self, key: str) -> Iterator[pa.RecordBatch]:
        source, seconds = engine(), settings.SQL_SEGMENT_SECONDS
        tables = self.statement.tables | {self.base.name}
        found = {name: extra.relation(name) for name in tables}
        relations = {name: rows for name, rows in found.items() if rows is not None}
        match source:
            case DuckDBEngine():
                return embedded.stream(
                    source, self._text, tables, relations, self.zone, seconds, key
                )
            case PostgresEngine():
                return postgres.stream(source, self._text, relations, self.zone, seconds, key)
        raise TypeError(source)

    def _text(self, place: Place) -> str:
        return bound(self.statement, self.base, place, self.dialect)


def sweep(folder: Path) -> None:
    """Throw away what nobody has asked for in two days."""
    old = time.time() - KEPT
    for path in folder.glob("*.parquet"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < old:
                path.unlink()
