"""Facts of the tables as they are now: one pass over each table, and a look at some rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from warehouse import meanings
from warehouse.engines.base import Engine, EngineColumn, EngineTable
from warehouse.models import Type
from warehouse.query import Query
from warehouse.quoting import SPACE, identifier

SAMPLE = 5_000  # rows whose values are looked at
AT_ONCE = 10_000_000  # ids that are compared with each other at a time: they stand in memory


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """filled: rows that are not blank; differ: no two of those are alike, None where not known.

    facts: see ``catalogue.Column``; sample: values that are not blank, from some rows.
    """

    name: str
    type: str
    zoned: bool
    filled: int
    differ: bool | None = None
    facts: frozenset[str] = frozenset()
    sample: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class TableFacts:
    name: str
    rows: int
    columns: Sequence[ColumnFacts] = field(default_factory=tuple)

    def column(self, name: str) -> ColumnFacts | None:
        """The column of that name, whatever its case."""
        return next((c for c in self.columns if c.name.lower() == name.lower()), None)


def survey(engine: Engine, customers: Mapping[str, str]) -> list[TableFacts]:
    """Look at every table. customers: columns that an admin named, by table in lower case."""
    return [
        table_facts(engine, table, customers.get(table.name.lower(), ""))
        for table in engine.describe()
        if table.columns
    ]


def table_facts(engine: Engine, table: EngineTable, customer: str) -> TableFacts:
    """One table. customer: its customer column as an admin named it, '' for none."""
    ids = {
        column.name
        for column in table.columns
        if column.type in (Type.TEXT, Type.NUMBER)
        and (meanings.stays_text(column.name) or column.name.lower() == customer.lower())
    }
    # What is known of every text for a version of the data is only known where versions are
    # whole: in a database of its own rows change at any time.
    embedded = engine.dialect == "duckdb"
    aggregates = ["count(*)"]
    for column in table.columns:
        aggregates.append(f"count({not_blank(column)})")
        if embedded and column.type == Type.TEXT:
            text = identifier(column.name)
            aggregates.append(f"coalesce(bool_and({text} = trim({text}, {SPACE})), true)")
            aggregates.append(f"coalesce(bool_and({text} = lower({text})), true)")
    name = identifier(table.name)
    counted = iter(
        engine.fetch(Query(f"SELECT {', '.join(aggregates)} FROM {name}"))[0]  # noqa: S608
    )
    rows = next(counted)
    sample = sampled(engine, table)
    columns = []
    for column in table.columns:
        filled = next(counted)
        differ = all_differ(engine, table, column, filled) if column.name in ids else None
        facts = set()
        if embedded and filled == rows:
            facts.add("filled")
        if embedded and differ and filled == rows:
            facts.add("unique")
        if embedded and column.type == Type.TEXT:
            facts |= {fact for fact in ("trimmed", "lower") if next(counted)}
        columns.append(
            ColumnFacts(
                column.name,
                column.type,
                column.zoned,
                filled,
                differ,
                frozenset(facts),
                [value for value in sample.column(column.name).to_pylist() if not blank(value)],
            )
        )
    return TableFacts(table.name, rows, columns)


def all_differ(engine: Engine, table: EngineTable, column: EngineColumn, filled: int) -> bool:
    """Is no value like another, blanks aside? filled: how many there are.

    The embedded engine would hold them all in memory to tell: it looks at a part of the
    hashes after the other, and only at values that share one.
    """
    name, value = identifier(table.name), not_blank(column)
    asked = f"SELECT count({value}) = count(DISTINCT {value}) FROM {name}"  # noqa: S608
    if engine.dialect != "duckdb":
        return bool(engine.fetch(Query(asked))[0][0])
    hashed = f"hash({identifier(column.name)})"
    parts = filled // AT_ONCE + 1
    for part in range(parts):
        shared = (
            f"SELECT {hashed} FROM {name} WHERE {hashed} % {parts} = {part} "  # noqa: S608
            f"GROUP BY 1 HAVING count(*) > 1"
        )
        ((differ,),) = engine.fetch(Query(f"{asked} WHERE {hashed} IN ({shared})"))
        if not differ:
            return False
    return True


def lies_within(
    engine: Engine, table: TableFacts, column: str, everyone: TableFacts, ids: str
) -> bool:
    """Is each value of the column, blanks aside, one of everyone's ids?"""
    value, known = identifier(column), identifier(ids)
    ((strangers,),) = engine.fetch(
        Query(
            f"SELECT count(*) FROM {identifier(table.name)} AS t "  # noqa: S608
            f"WHERE t.{value} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
            f"{identifier(everyone.name)} AS e WHERE CAST(e.{known} AS text) = "
            f"CAST(t.{value} AS text))"
        )
    )
    return bool(strangers == 0)


def sampled(engine: Engine, table: EngineTable) -> pa.Table:
    columns = ", ".join(identifier(column.name) for column in table.columns)
    query = Query(f"SELECT {columns} FROM {identifier(table.name)} LIMIT {SAMPLE}")  # noqa: S608
    return pa.Table.from_batches(list(engine.stream(query)))


def not_blank(column: EngineColumn) -> str:
    name = identifier(column.name)
    if column.type != Type.TEXT:
        return name
    return f"CASE WHEN trim({name}, {SPACE}) <> '' THEN {name} END"


def blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
