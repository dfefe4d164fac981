"""An embedded warehouse whose queries take for ever, until they are stopped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.waiting import until
from warehouse.engines import engine
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.errors import QueryCancelledError
from warehouse.query import Query

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range < b.range"


class Slowness:
    """While ``on``, each query whose key begins so never ends by itself. stopped: how many did."""

    def __init__(self, patch: pytest.MonkeyPatch, begins: str):
        self.on = True
        self.stopped = 0
        self.keys: set[str] = set()
        fetch = DuckDBEngine.fetch

        def slowly(source: DuckDBEngine, query: Query, key: str = "") -> list[tuple[Any, ...]]:
            if not self.on or not key.startswith(begins):
                return fetch(source, query, key)
            self.keys.add(key)
            try:
                return fetch(source, Query(ENDLESS), key)
            except QueryCancelledError:
                self.stopped += 1
                raise

        patch.setattr(DuckDBEngine, "fetch", slowly)

    def running(self) -> bool:
        """Is one of them in the engine now?"""
        known = engine().registry.queries  # type: ignore[attr-defined]
        return any(key in known for key in self.keys)

    def wait(self) -> None:
        until(self.running, what="a slow query in the engine")

    def end(self) -> None:
        """Nothing that a test has left behind goes on."""
        self.on = False
        for key in self.keys:
            engine().cancel(key)
