"""Which queries run in this process, so that another thread can stop them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from warehouse.errors import QueryCancelledError

TRIES = 20
PATIENCE = 0.01  # seconds between two tries


class Running:
    """One query. ``interrupt`` stops it in the engine; safe to call from any thread."""

    def __init__(self, interrupt: Callable[[], None]):
        self.interrupt = interrupt
        self.cancelled = False
        self.over = Event()

    def check(self) -> None:
        """Raises QueryCancelledError once someone asked for it to stop."""
        if self.cancelled:
            raise QueryCancelledError()


class Registry:
    """The running queries of one engine by their keys."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.queries: dict[str, set[Running]] = {}

    @contextmanager
    def running(self, key: str, interrupt: Callable[[], None]) -> Iterator[Running]:
        query = Running(interrupt)
        with self.lock:
            self.queries.setdefault(key, set()).add(query)
        try:
            yield query
        finally:
            query.over.set()
            with self.lock:
                self.queries[key].discard(query)
                if not self.queries[key]:
                    del self.queries[key]

    def cancel(self, key: str) -> bool:
        """Stop what runs under the key; False when nothing does.

        An interrupt between two steps of a query can go unheard, so it is
        repeated until the query has ended or has had its chance.
        """
        with self.lock:
            queries = list(self.queries.get(key, ())) if key else []
        for query in queries:
            query.cancelled = True
            for _ in range(TRIES):
                query.interrupt()
                if query.over.wait(PATIENCE):
                    break
        return bool(queries)
