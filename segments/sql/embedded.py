"""SQL over the embedded warehouse: in a child process that can reach nothing but its tables."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from segments.sql import locked
from segments.sql.binding import Place
from segments.sql.errors import SqlFailedError, SqlTooLargeError, SqlTooLongError
from warehouse import limits, store
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.engines.wording import reason
from warehouse.errors import QueryCancelledError, WarehouseUnavailableError
from warehouse.query import Relation

TRIES = 3  # a load may remove a file between reading the pointer and opening it
MOST = 500_000_000  # customers


def place(table: str) -> tuple[str, ...]:
    """The full name of a table there: no CTE and no system table can take its place."""
    return ("memory", "main", table)


def stream(
    engine: DuckDBEngine,
    write: Callable[[Place], str],
    tables: frozenset[str],
    relations: Mapping[str, Relation],
    zone: str,
    seconds: int,
    key: str,
) -> Iterator[pa.RecordBatch]:
    """The result in batches: text ids of customers, each once.

    write: the SQL, once it is known where tables are. tables: those that it reads;
    relations: of them those that Muster adds. Raises SqlError, QueryCancelledError,
    WarehouseUnavailableError.
    """
    with tempfile.TemporaryDirectory(prefix="muster-sql-") as folder:
        for attempt in range(TRIES):
            files = engine.current().pointer.tables
            job = {
                "sql": write(place),
                "zone": zone,
                "files": {
                    name: str(engine.folder / files[name])
                    for name in tables
                    if name in files and name not in relations
                },
                "relations": {
                    name: _paths(name, rows, Path(folder)) for name, rows in relations.items()
                },
                "data": store.DATA,
                "memory": limits.memory(),
                "threads": limits.threads(),
                "cpu_seconds": seconds * limits.threads() + 5,
                "folder": folder,
                "rows": MOST,
            }
            try:
                yield from _run(engine, job, seconds, key)
            except FileNotFoundError:
                if attempt == TRIES - 1:
                    raise WarehouseUnavailableError("a file of a table is missing") from None
                continue
            return


def _paths(name: str, rows: Relation, folder: Path) -> list[str]:
    if not isinstance(rows, pa.Table):
        return [str(path) for path in rows]
    path = folder / f"{name}.parquet"
    pq.write_table(rows, path)
    return [str(path)]


def _run(
    engine: DuckDBEngine, job: Mapping[str, Any], seconds: int, key: str
) -> Iterator[pa.RecordBatch]:
    with _child(job["folder"]) as child, engine.registry.running(key, child.kill) as running:
        late = Event()
        timer = Timer(seconds, _stop, (child, late))
        timer.start()
        try:
            yield from _answer(child, job)
        except (OSError, pa.ArrowException):
            pass  # it ended before its answer did: how it ended says why
        finally:
            timer.cancel()
        code = child.wait()
        if running.cancelled:
            raise QueryCancelledError()
        if late.is_set():
            raise SqlTooLongError(seconds)
        if code == locked.GONE:
            raise FileNotFoundError
        if code == locked.FAILED:
            raise SqlFailedError(reason(duckdb.Error(_end(child.stderr).read().decode())))
        if code:
            raise SqlTooLargeError()


def _stop(child: subprocess.Popen[bytes], late: Event) -> None:
    late.set()
    child.kill()


def _answer(child: subprocess.Popen[bytes], job: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
    with _end(child.stdin) as asked:
        asked.write(json.dumps(job).encode())
    with pa.ipc.open_stream(_end(child.stdout)) as reader:
        yield from reader


def _end(pipe: IO[bytes] | None) -> IO[bytes]:
    """Our end of a pipe that the child was started with."""
    if pipe is None:
        raise TypeError(pipe)
    return pipe


@contextmanager
def _child(folder: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, killed at the latest when its answer is no longer wanted."""
    with subprocess.Popen(
        [sys.executable, "-I", locked.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={"HOME": folder, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    ) as child:
        try:
            yield child
        finally:
            child.kill()
