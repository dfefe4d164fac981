# ruff: noqa: S608  (SQL is put together from our own names and quoted text)
"""Columns of raw values of any length, settled inside DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import phonenumbers
import pyarrow as pa
from django.conf import settings

from warehouse.identifiers import emails, phones
from warehouse.identifiers.plans import CountryUnknownError
from warehouse.identifiers.values import PHONE, WHITE_SPACE, phone
from warehouse.quoting import identifier, literal

SLOW_ROWS = 50_000  # values a batch that go through the library


def normalise(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    columns: Mapping[str, str],
    into: str,
    country: str | None = None,
    number: str = "",
) -> None:
    """Settle columns of raw values: the view ``into`` is ``source`` with its columns replaced.

    source: a table or a SELECT in brackets, readable on the connection.
    columns: name of a text column of it -> kind. Each keeps its name and holds
    the identifier, null where there is none; beside it stands ``NAME_reason``,
    null for a valid or blank value. number: the name of a column to be added that numbers the
    rows. ``into`` and names that begin with it are made.
    Raises CountryUnknownError.
    """
    country = country or settings.DEFAULT_COUNTRY
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise CountryUnknownError(country)
    numbers = [name for name, kind in columns.items() if kind == PHONE]
    settled, slow = f"{into}_settled", f"{into}_slow"
    connection.execute(f"CREATE TABLE {settled} AS {_settle(source, columns, country)}")
    judged = numbers if _judge(connection, settled, numbers, slow, country) else []
    connection.execute(f"CREATE VIEW {into} AS {_join(settled, numbers, judged, slow, number)}")


def _settle(source: str, columns: Mapping[str, str], country: str) -> str:
    """The first pass, in SQL: values, reasons, and phones that are left open for the library."""
    clean: list[str] = []
    prepared: list[str] = []
    accepted: list[str] = []
    refused: list[str] = []
    settled: list[str] = []
    working: list[str] = []
    for name, kind in columns.items():
        raw, plain, value = (
            identifier(name),
            identifier(f"{name}_plain"),
            identifier(f"{name}_value"),
        )
        reason, open_ = identifier(f"{name}_reason"), identifier(f"{name}_open")
        why, ready = identifier(f"{name}_refused"), identifier(f"{name}_clean")
        working += [raw, plain, value]
        if kind == PHONE:
            # Most are E.164 already: one look settles these, and the rest is only for others.
            clean.append(f"CASE WHEN {phones.is_e164(raw, country)} THEN {raw} END AS {ready}")
            prepared.append(
                f"CASE WHEN {ready} IS NULL THEN {phones.digits_of(raw)} END AS {plain}"
            )
            accepted.append(f"coalesce({ready}, {phones.value(plain, country)}) AS {value}")
            refused.append(
                f"CASE WHEN {value} IS NULL AND {raw} IS NOT NULL "
                f"THEN {phones.reason(plain, raw, country)} END AS {why}"
            )
            settled += [
                f"{value} AS {raw}",
                f"{why} AS {reason}",
                f"CASE WHEN {value} IS NULL AND {raw} IS NOT NULL THEN "
                f"CASE WHEN {why} IS NULL AND NOT {phones.blank(raw)} THEN {raw} END END "
                f"AS {open_}",
            ]
            working += [why, ready]
        else:
            prepared.append(f"trim({raw}, {literal(WHITE_SPACE)}) AS {plain}")
            accepted.append(f"{emails.value(plain)} AS {value}")
            settled += [f"{value} AS {raw}", f"{emails.reason(plain, value)} AS {reason}"]
    select = f"SELECT * FROM {source}"
    if not columns:
        return select
    return (
        f"SELECT * EXCLUDE ({', '.join(working)}), {', '.join(settled)} "
        f"FROM (SELECT {', '.join(['*', *refused])} FROM (SELECT *, {', '.join(accepted)} "
        f"FROM (SELECT *, {', '.join(prepared)} "
        f"FROM (SELECT {', '.join(['*', *clean])} FROM ({select})))))"
    )


def _judge(
    connection: duckdb.DuckDBPyConnection,
    settled: str,
    numbers: list[str],
    slow: str,
    country: str,
) -> bool:
    """The second pass: what is still open goes through the library, each value once.

    numbers: the columns with phones. False where nothing was open.
    """
    if not numbers:
        return False
    connection.execute(f"CREATE TABLE {slow} (raw VARCHAR, identifier VARCHAR, reason VARCHAR)")
    distinct = " UNION ".join(
        f"SELECT {identifier(name + '_open')} AS raw FROM {settled} "
        f"WHERE {identifier(name + '_open')} IS NOT NULL"
        for name in numbers
    )
    connection.execute(f"CREATE TABLE {slow}_raw AS SELECT DISTINCT raw FROM ({distinct})")
    found = False
    for raws in _batches(connection, f"{slow}_raw"):
        found = True
        judged = [phone(raw, country) for raw in raws]
        batch = pa.table(
            {
                "raw": pa.array(raws, pa.string()),
                "identifier": pa.array([each.identifier for each in judged], pa.string()),
                "reason": pa.array([each.reason for each in judged], pa.string()),
            }
        )
        connection.register(f"{slow}_batch", batch)
        connection.execute(f"INSERT INTO {slow} SELECT * FROM {slow}_batch")
        connection.unregister(f"{slow}_batch")
    return found


def _batches(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[list[str]]:
    reader = connection.cursor()
    try:
        for batch in reader.sql(f"SELECT raw FROM {table}").to_arrow_reader(SLOW_ROWS):
            yield batch.column("raw").to_pylist()
    finally:
        reader.close()


def _join(
    settled: str, numbers: Sequence[str], judged: Sequence[str], slow: str, number: str
) -> str:
    """SQL: what was settled, with what the library said of the phones ``judged``."""
    columns = [f"s.rowid AS {identifier(number)}"] if number else []
    columns.append("s.*")
    if numbers:
        columns[-1] += f" EXCLUDE ({', '.join(identifier(f'{name}_open') for name in numbers)})"
    replaced, joins = [], []
    for index, name in enumerate(judged):
        by = f"judged_{index}"
        for column, found in ((name, "identifier"), (f"{name}_reason", "reason")):
            replaced.append(
                f"coalesce(s.{identifier(column)}, {by}.{found}) AS {identifier(column)}"
            )
        joins.append(f"LEFT JOIN {slow} {by} ON s.{identifier(f'{name}_open')} = {by}.raw")
    if replaced:
        columns[-1] += f" REPLACE ({', '.join(replaced)})"
    return f"SELECT {', '.join(columns)} FROM {settled} s {' '.join(joins)}"
