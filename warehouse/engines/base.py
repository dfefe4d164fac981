"""What every engine can do for the rest of Muster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa

from warehouse.query import Query


@dataclass(frozen=True, slots=True)
class EngineColumn:
    """type: a value of models.Type. zoned: its times carry a time zone; otherwise (a clock's
    reading) they are in the brand's zone."""

    name: str
    type: str
    zoned: bool = False


@dataclass(frozen=True, slots=True)
class EngineTable:
    """A table and those of its columns that rules can read, in the engine's order."""

    name: str
    columns: tuple[EngineColumn, ...]


class Engine(Protocol):
    """Runs SQL over the customer tables. Safe to use from several threads at once.

    dialect: "duckdb" or "postgres", the name by which Ibis compiles for it.
    Every method raises errors of the WarehouseError family, or QueryCancelledError where it
    was stopped by its key, and nothing else.
    """

    dialect: str

    def version(self) -> str:
        """The data version: another text whenever the data is another."""
        ...

    def loaded_at(self) -> datetime | None:
        """When the data came; None where the engine cannot tell or has none."""
        ...

    def describe(self) -> list[EngineTable]:
        """All tables by name; columns of types that rules cannot read are left out."""
        ...

    def fetch(self, query: Query, key: str = "") -> list[tuple[Any, ...]]:
        """All rows of a small result. key: a name by which ``cancel`` finds the query."""
        ...

    def stream(self, query: Query, rows: int = 100_000, key: str = "") -> Iterator[pa.RecordBatch]:
        """The result in batches of at most about ``rows``, in flat memory.

        At least one batch comes, an empty one if need be, so that the schema is known.
        """
        ...

    def cancel(self, key: str) -> bool:
        """Stop the queries of this process running under the key; they raise
        QueryCancelledError. False when there is none."""
        ...


def empty_batch(schema: pa.Schema) -> pa.RecordBatch:
    """A batch without rows, which says what the columns would be."""
    return pa.RecordBatch.from_pylist([], schema=schema)
