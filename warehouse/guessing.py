"""What the tables seem to mean, from names and values together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from warehouse import meanings
from warehouse.catalogue import JoinTo
from warehouse.engines.base import Engine
from warehouse.meanings import folded
from warehouse.models import Semantic, Type
from warehouse.query import Query
from warehouse.quoting import identifier
from warehouse.survey import ColumnFacts, TableFacts

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+?[\d\s().-]{7,25}(\s*(x|ext\.?)\s*\d+)?", re.IGNORECASE)
WRITTEN_PHONE = re.compile(r"\+\d[\d\s().-]{6,20}|\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}")

NAMED = 0.5  # share of values that must fit a name that says so
UNNAMED = 0.9  # share of values that say so without a name
CONTAINED = 0.5  # share of values found in the other table, under the same name
CONTAINED_UNNAMED = 0.95
VALUES = 1_000  # distinct values that are looked for in another table
ENOUGH = 20  # distinct values that are no chance


@dataclass(frozen=True, slots=True)
class Guess:
    """What a table seems to be. semantics: by column name; joins: what its rows lead to."""

    customer: str = ""
    key: str = ""
    one_per_customer: bool = False
    semantics: Mapping[str, str] = field(default_factory=dict)
    joins: Sequence[JoinTo] = ()


def guess(engine: Engine, tables: Sequence[TableFacts], base: str = "") -> dict[str, Guess]:
    """A guess for each table, by its name. base: the table that an admin named, in lower case."""
    everyone = base_table(tables, base)
    ids = base_ids(everyone)
    guesses = {}
    for table in tables:
        customer = customer_column(engine, table, everyone, ids)
        one = one_per_customer(table, customer)
        found = semantics(table, customer, one=one)
        guesses[table.name] = Guess(customer, key(table, customer, tables, one=one), one, found)
    joins = all_joins(engine, tables, guesses)
    return {name: replace(found, joins=joins[name]) for name, found in guesses.items()}


# Customers


def base_table(tables: Sequence[TableFacts], named: str) -> TableFacts | None:
    """The table of everyone: the one named, else customer_360, else merged_customers."""
    by_name = {table.name.lower(): table for table in tables}
    names = [named, *meanings.BASE_TABLES]
    return next((by_name[name] for name in names if name in by_name), None)


def base_ids(table: TableFacts | None) -> ColumnFacts | None:
    """The customer id of the base table."""
    if table is None:
        return None
    return table.column(meanings.customer_column(names_of(table), base=True))


def customer_column(
    engine: Engine, table: TableFacts, everyone: TableFacts | None, ids: ColumnFacts | None
) -> str:
    """The column with the customer id, by its name and by what is in it; '' for none."""
    if table.name.lower() in meanings.BASE_TABLES or table is everyone:
        return meanings.customer_column(names_of(table), base=True)
    if everyone is None or ids is None:
        return meanings.customer_column(names_of(table))
    same = table.column(ids.name)
    if same:
        return same.name
    named = table.column(meanings.customer_column(names_of(table)))
    others = [c for c in table.columns if meanings.is_id(c.name) and c is not named]
    for column, share in [(named, CONTAINED), *((c, CONTAINED_UNNAMED) for c in others)]:
        if column is None or column.type != ids.type:
            continue
        values = distinct(column)
        if column is not named and len(values) < ENOUGH:
            continue
        if contained(engine, values, everyone, ids) >= share:
            return column.name
    return ""


def one_per_customer(table: TableFacts, customer: str) -> bool:
    """Does each customer have at most one row, and not only because the table is small?"""
    column = table.column(customer)
    if column is None or not column.filled or not column.differ:
        return False
    return table.name.lower() in meanings.BASE_TABLES or not has_events(table, customer)


def has_events(table: TableFacts, customer: str) -> bool:
    """Is the table named as one of events, or do its columns name an order, a product or a row?"""
    if meanings.EVENTS.search(folded(table.name)):
        return True
    own = f"{meanings.singular(table.name)}_id"
    return any(
        column.name != customer
        and (
            meanings.rank(Semantic.ORDER_ID, column.name) is not None
            or meanings.rank(Semantic.PRODUCT_ID, column.name) is not None
            or folded(column.name) == own
        )
        for column in table.columns
    )


# Keys


def key(table: TableFacts, customer: str, tables: Sequence[TableFacts], *, one: bool) -> str:
    """The column that names a row, alone; '' when no column does."""
    rows = [c for c in table.columns if c.differ and c.filled == table.rows and table.rows]
    if one:
        return next((c.name for c in rows if c.name == customer), "")
    foreign = {f"{meanings.singular(other.name)}_id" for other in tables if other is not table}
    fit = [
        c.name
        for c in rows
        if c.name != customer
        and folded(c.name) not in foreign
        and not meanings.PHONES.search(folded(c.name))
    ]
    return min(fit, key=lambda name: key_rank(table.name, name), default="")


def key_rank(table: str, name: str) -> int:
    """How likely the column names the rows of the table: 0 the likeliest."""
    own, words = meanings.singular(table), folded(name)
    likely = [
        words in {f"{own}_id", f"{own}_key", f"{own}_number", f"{folded(table)}_id"},
        words == "id",
        meanings.rank(Semantic.ORDER_ID, name) is not None,
        meanings.rank(Semantic.PRODUCT_ID, name) is not None,
        words.endswith("_id"),
    ]
    return likely.index(True) if True in likely else len(likely)


# Meanings


def semantics(table: TableFacts, customer: str, *, one: bool) -> dict[str, str]:
    """The meaning of each column that has one, by its name."""
    found: dict[str, str] = {customer: Semantic.CUSTOMER_ID} if customer else {}
    for column in table.columns:
        if column.name in found or column.type not in (Type.TEXT, Type.NUMBER):
            continue
        if is_email(column):
            found[column.name] = Semantic.EMAIL
        elif is_phone(column):
            found[column.name] = Semantic.PHONE
    for semantic in meanings.NAMES:
        if wanted(semantic, one=one, events=bool(customer) and not one) and (
            best := best_named(semantic, [c for c in table.columns if c.name not in found])
        ):
            found[best] = semantic
    if customer and not one and Semantic.ORDER_TIME not in found.values():
        times = [
            c.name
            for c in table.columns
            if c.type in (Type.TIME, Type.DATE)
            and c.name not in found
            and not meanings.OTHER_TIMES.search(folded(c.name))
        ]
        if len(times) == 1:
            found[times[0]] = Semantic.ORDER_TIME
    return {name: str(semantic) for name, semantic in found.items()}


def wanted(semantic: Semantic, *, one: bool, events: bool) -> bool:
    """Can a table of this kind have a column of that meaning?"""
    if semantic in meanings.PERSONAL | meanings.POSTAL:
        return one
    if semantic in meanings.EVENT:
        return events
    return not one


def best_named(semantic: Semantic, columns: Sequence[ColumnFacts]) -> str:
    types = meanings.TYPES.get(semantic, {Type.TEXT})
    ranked = [
        (rank, column.name)
        for column in columns
        if column.type in types and (rank := meanings.rank(semantic, column.name)) is not None
    ]
    return min(ranked)[1] if ranked else ""


def is_email(column: ColumnFacts) -> bool:
    if column.type != Type.TEXT:
        return False
    return fits(column, meanings.EMAILS.search(folded(column.name)), EMAIL, EMAIL)


def is_phone(column: ColumnFacts) -> bool:
    return fits(column, meanings.PHONES.search(folded(column.name)), PHONE, WRITTEN_PHONE)


def fits(
    column: ColumnFacts, named: object, pattern: re.Pattern[str], unnamed: re.Pattern[str]
) -> bool:
    """Do the values look so: most of them under a name that says so, else nearly all?"""
    values = [str(value).strip() for value in column.sample]
    if named:
        matching = sum(bool(pattern.fullmatch(value)) for value in values)
        return matching >= NAMED * len(values)
    if column.type != Type.TEXT or len(values) < ENOUGH:
        return False
    matching = sum(bool(unnamed.fullmatch(value)) for value in values)
    return matching >= UNNAMED * len(values)


# Joins


def all_joins(
    engine: Engine, tables: Sequence[TableFacts], guesses: Mapping[str, Guess]
) -> dict[str, list[JoinTo]]:
    """For each table the tables that its rows lead to: one for each column at most."""
    joins: dict[str, list[JoinTo]] = {table.name: [] for table in tables}
    for table in tables:
        for column in table.columns:
            if column.name == guesses[table.name].customer or column.differ is None:
                continue
            for target in sorted(tables, key=lambda t: join_rank(column, t, guesses[t.name].key)):
                into = target.column(guesses[target.name].key)
                if target is table or into is None or into.type != column.type:
                    continue
                if into.name == guesses[target.name].customer:
                    continue  # every table with a customer id leads to the customer as it is
                back = JoinTo(into.name, table.name, column.name)
                if back in joins[target.name]:
                    continue  # both name the row of the other: one way is enough
                if leads(engine, column, target, into):
                    joins[table.name].append(JoinTo(column.name, target.name, into.name))
                    break
    return joins


def join_rank(column: ColumnFacts, table: TableFacts, key: str) -> tuple[bool, bool, str]:
    """Tables that the column's name speaks of come before those that its values alone fit."""
    into = table.column(key)
    speaks = into is not None and names_rows(column, table, into)
    begins = folded(column.name).startswith(f"{meanings.singular(table.name)}_")
    return not speaks, not begins, table.name


def leads(engine: Engine, column: ColumnFacts, target: TableFacts, into: ColumnFacts) -> bool:
    """Do the column's values name rows of the target?"""
    named = names_rows(column, target, into)
    values = distinct(column)
    if not values:
        return False
    if not named and (
        len(values) < ENOUGH
        or column.type != Type.TEXT
        or (is_id(column.name) and is_id(into.name))  # store_id and product_id: small numbers both
    ):
        return False
    share = contained(engine, values, target, into)
    return share >= (CONTAINED if named else CONTAINED_UNNAMED)


def names_rows(column: ColumnFacts, target: TableFacts, into: ColumnFacts) -> bool:
    """Does the column's name speak of the target's rows?"""
    ours, theirs = folded(column.name), folded(into.name)
    return (
        ours == theirs
        or ours.endswith(f"_{theirs}")
        or ours == f"{meanings.singular(target.name)}_{theirs}"
        or (
            meanings.rank(Semantic.PRODUCT_ID, column.name) is not None
            and meanings.rank(Semantic.PRODUCT_ID, into.name) is not None
        )
    )


def is_id(name: str) -> bool:
    return folded(name).endswith("_id")


def contained(
    engine: Engine, values: Sequence[Any], table: TableFacts, column: ColumnFacts
) -> float:
    """The share of the values that the table's column holds."""
    if not values:
        return 0.0
    name = identifier(column.name)
    query = Query(
        f"SELECT count(DISTINCT {name}) FROM {identifier(table.name)} "  # noqa: S608
        f"WHERE {name} IN (SELECT value FROM muster_values)",
        {"muster_values": pa.table({"value": values})},
    )
    return float(engine.fetch(query)[0][0]) / len(values)


def distinct(column: ColumnFacts) -> list[Any]:
    return sorted(set(column.sample))[:VALUES]


def names_of(table: TableFacts) -> list[str]:
    return [column.name for column in table.columns]
