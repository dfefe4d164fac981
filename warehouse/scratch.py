"""DuckDB for Muster's own work on files, outside the warehouse: splitting, comparing, reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings

from warehouse import limits


@contextmanager
def scratch(
    *, ordered: bool = False, memory: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty in-memory DuckDB, limited in memory and threads, spilling under VAR_DIR, in UTC.

    ordered: keep the order in which rows are read (costs memory); otherwise
    only an ORDER BY decides. memory: bytes, where less will do than ``limits`` allow.
    """
    connection = connect(ordered=ordered, memory=memory)
    try:
        yield connection
    finally:
        connection.close()


def connect(*, ordered: bool = False, memory: int | None = None) -> duckdb.DuckDBPyConnection:
    """The same, for callers that close it themselves."""
    spill = Path(settings.VAR_DIR) / "tmp"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": f"{min(memory or limits.memory(), limits.memory())}B",
            "threads": limits.threads(),
            "temp_directory": str(spill),
            "preserve_insertion_order": ordered,
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "allow_community_extensions": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection
