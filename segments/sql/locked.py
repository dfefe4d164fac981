"""Runs one SELECT in a process of its own; see ``embedded``, which starts it.

Started as a file, isolated, with nothing in its environment: it knows neither Django nor the
settings. It reads a job from its standard input, attaches the files that the job names, closes
every other door of the engine, and writes the answer to its standard output as Arrow.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

import duckdb
import pyarrow as pa

ROWS = 100_000  # of a batch
MARGIN = 3 * 1024**3  # bytes of address space beside what the engine may take
FAILED, TOO_LARGE, GONE = 3, 4, 5  # what the process ends with


def main() -> int:
    job = json.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_seconds"], job["cpu_seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (2 * job["memory"] + MARGIN,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        connection = opened(job)
    except duckdb.IOException:
        return GONE
    try:
        answer(connection, job)
    except (duckdb.OutOfMemoryException, MemoryError):
        return TOO_LARGE
    except (duckdb.Error, pa.ArrowException) as error:
        sys.stderr.write(str(error))
        return FAILED
    return 0


def opened(job: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """The tables of the job, read-only, in an engine that can reach nothing else."""
    connection = duckdb.connect(
        config={
            "memory_limit": f"{job['memory']}B",
            "threads": job["threads"],
            "temp_directory": job["folder"],
            "max_temp_directory_size": f"{4 * job['memory']}B",
            "preserve_insertion_order": False,
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_unsigned_extensions": False,
        }
    )
    connection.execute(f"SET TimeZone = '{job['zone']}'")
    for number, (table, path) in enumerate(sorted(job["files"].items())):
        file, name = path.replace("'", "''"), table.replace('"', '""')
        connection.execute(f"ATTACH '{file}' AS file_{number} (READ_ONLY)")
        connection.execute(
            f'CREATE VIEW "{name}" AS SELECT * FROM file_{number}.main."{job["data"]}"'  # noqa: S608
        )
    if job["relations"]:
        from pyarrow.dataset import dataset  # takes a second to import

        for table, paths in job["relations"].items():
            connection.register(table, dataset(paths, format="parquet"))
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def answer(connection: duckdb.DuckDBPyConnection, job: dict[str, Any]) -> None:
    reader = connection.sql(job["sql"]).to_arrow_reader(ROWS)
    left = job["rows"]
    with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as stream:
        for batch in reader:
            left -= batch.num_rows
            if left < 0:
                raise MemoryError
            stream.write_batch(batch)


if __name__ == "__main__":
    sys.exit(main())
