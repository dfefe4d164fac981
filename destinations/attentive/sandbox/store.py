"""The sandbox's state: one SQLite file, so that it survives a restart."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from destinations.attentive.sandbox import settings

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS segment (
  id INTEGER PRIMARY KEY,
  external_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  created REAL NOT NULL,
  updated REAL NOT NULL,
  archived INTEGER NOT NULL DEFAULT 0,
  size INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS member (
  segment INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (segment, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS job (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  segment INTEGER NOT NULL,
  operation TEXT NOT NULL,
  members TEXT NOT NULL,
  total INTEGER NOT NULL,
  begun REAL NOT NULL,
  due REAL NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting',
  word TEXT NOT NULL DEFAULT 'COMPLETED',
  applies INTEGER NOT NULL DEFAULT 1,
  result TEXT NOT NULL DEFAULT '',
  codes TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS job_due ON job (due, number) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# One writer at a time: SQLite would make the others wait anyway, with a time-out.
writing = threading.RLock()
_threads = threading.local()
_made = threading.Event()


def reading() -> sqlite3.Connection:
    """This thread's connection."""
    connection: sqlite3.Connection | None = getattr(_threads, "connection", None)
    if connection is None:
        with writing:
            settings.SANDBOX_STATE.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                settings.SANDBOX_STATE / "sandbox.sqlite3", isolation_level=None, timeout=30
            )
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = NORMAL")
            if not _made.is_set():
                connection.executescript(SCHEMA)
                _made.set()
        _threads.connection = connection
    return connection


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """All of it or nothing of it."""
    connection = reading()
    with writing:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def clear() -> None:
    with transaction() as connection:
        for table in ("member", "job", "segment", "setting"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608  (names from the line above)


def stored_settings() -> dict[str, Any]:
    rows = reading().execute("SELECT name, value FROM setting")
    return {row["name"]: json.loads(row["value"]) for row in rows}


def store_settings(changes: dict[str, Any]) -> None:
    with transaction() as connection:
        connection.executemany(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            [(name, json.dumps(value)) for name, value in changes.items()],
        )
