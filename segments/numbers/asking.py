"""Questions to the customer tables: compiled once a process, answered once for all of them.

Compiling takes longer than reading an answer that is kept. So a process keeps what it compiled,
named by the question and all that compiling reads of its context. Answers are kept in Django's
cache, which the settings put into files below VAR_DIR: web and workers share them, they outlive
a restart, and reading a page never takes the database's write lock. An answer is named by the
SQL, the relations it reads and the data version, so that what is found is true; nothing needs
to be thrown away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.core.cache import cache

from segments.compile import Compiled, Context, compiled, ir
from segments.rules import list_names, segment_names, to_json
from segments.rules.nodes import Rule
from warehouse.engines import engine
from warehouse.query import Query

KEPT = 2 * 86_400  # seconds: what was counted two days ago is not asked for again
QUESTIONS = 200  # so many a process keeps compiled


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a small query."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    @property
    def row(self) -> dict[str, Any]:
        """The only one, by column."""
        (values,) = self.rows
        return dict(zip(self.columns, values, strict=True))

    @property
    def numbers(self) -> dict[str, int]:
        """The only one, where all are whole numbers."""
        return {name: int(value) for name, value in self.row.items()}


def answer(
    about: object,
    rules: Sequence[Any],
    context: Context,
    build: Callable[[], ir.Table],
    key: str = "",
) -> Answer:
    """What the query that ``build`` makes answers: from the cache when that is known.

    about: all that the query depends on beside the rules and the context, as values whose
    ``repr`` tells them. key: a name by which engine().cancel stops the query. Raises RuleError
    for a rule that does not fit the catalogue, SqlError, WarehouseError.
    """
    place = place_of(_question(about, rules, context))
    found = place[0] if place else compiled(build(), context, engine().dialect)
    if not place and not any(isinstance(rows, pa.Table) for rows in found.relations.values()):
        place.append(found)  # without rows of its own, which would fill the memory
    return Answer(found.columns, _rows(found, key))


def fetched(expression: ir.Table, context: Context, key: str = "") -> list[tuple[Any, ...]]:
    """The same of a query that follows from another's answer: it is compiled each time."""
    return _rows(compiled(expression, context, engine().dialect), key)


@lru_cache(maxsize=QUESTIONS)
def place_of(question: Hashable) -> list[Compiled]:
    """Where it is kept what a question compiles to; empty before."""
    return []


def _question(about: object, rules: Sequence[Any], context: Context) -> Hashable:
    """All that compiling depends on. Of segments and lists only those count that are named."""
    plain = [to_json(rule) if isinstance(rule, Rule) else rule for rule in rules]
    segments: dict[str, Any] = {}
    lists: dict[str, str | None] = {}
    waiting = list(plain)
    while waiting:
        json = waiting.pop()
        lists |= {name: context.lists.get(name) for name in list_names(json)}
        for name in segment_names(json) - segments.keys():
            segments[name] = context.segments.get(name)
            waiting.append(segments[name])
    told = repr((about, plain, sorted(segments.items()), sorted(lists.items())))
    digest = hashlib.sha256(told.encode()).hexdigest()
    return digest, context.catalogue, context.moment, context.zone, engine().dialect


def _rows(asked: Compiled, key: str) -> list[tuple[Any, ...]]:
    source = engine()
    query = asked.query(key)
    name = _name(query, source.version())
    found: list[tuple[Any, ...]] | None = cache.get(name) if name else None
    if found is None:
        found = source.fetch(query, key)
        if name and name == _name(query, source.version()):  # answered before the data changed
            cache.set(name, found, KEPT)
    return found


def _name(query: Query, version: str) -> str:
    """The name of a query's answer, '' when it reads rows that no name stands for."""
    parts = [settings.WAREHOUSE_URL, version, query.sql]
    for name, relation in query.relations.items():
        if isinstance(relation, pa.Table):
            if not name.startswith("values_"):  # these are named by what they hold
                return ""
        else:
            parts += [name, *(str(Path(path)) for path in relation)]
    return f"count:{hashlib.sha256(repr(parts).encode()).hexdigest()}"
