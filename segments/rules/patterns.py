"""Whether a regular expression can be read (RE2 syntax, as DuckDB has it)."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

import duckdb

_lock = Lock()


@lru_cache(maxsize=1)
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": "1", "enable_external_access": "false"})


@lru_cache(maxsize=1000)
def problem(pattern: str) -> str:
    """What RE2 says against the expression, '' when it can be read."""
    with _lock:
        try:
            _engine().execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
        except duckdb.Error as error:
            return str(error).partition(": ")[2] or str(error)
    return ""
