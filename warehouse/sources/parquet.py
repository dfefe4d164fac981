"""Parquet files: their types are their own; only ids become text, as in every other table."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from warehouse import meanings
from warehouse.engines.wording import reason
from warehouse.errors import TableRefusedError
from warehouse.quoting import identifier, literal
from warehouse.sources import Plan, check_names

AS_TEXT = ("ENUM", "UUID", "TIME", "INTERVAL", "JSON", '"NULL"', "BIT")
LEFT_OUT = ("BLOB", "STRUCT", "MAP", "UNION", "LIST", "VARIANT", "GEOMETRY")
WHOLE = 1e15  # up to here a fraction without a fractional part is exact


def plan(connection: duckdb.DuckDBPyConnection, path: Path) -> Plan:
    """Raises TableRefusedError for a file that is no Parquet, is cut off or has no rows."""
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names, rows = file.schema_arrow.names, file.metadata.num_rows
    except PermissionError:
        raise TableRefusedError("It may not be read: give Muster's account the right.") from None
    except (pa.ArrowException, OSError):
        raise TableRefusedError(
            "It is no Parquet file, or a part of it is missing. Export it again."
        ) from None
    check_names(names)
    if not rows:
        raise TableRefusedError("It has no rows.")
    source = f"read_parquet({literal(str(path))})"
    columns, notes = [], []
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
        for name, native, *_ in described:
            if native.endswith("]") or native.startswith(LEFT_OUT):
                kind = native.partition("(")[0].lower()
                notes.append(f'"{name}" is left out: rules cannot read values of type {kind}.')
            else:
                columns.append((name, expression(connection, source, name, native)))
    except duckdb.Error as error:
        raise TableRefusedError(f"It cannot be read: {reason(error)}.") from None
    if not columns:
        raise TableRefusedError("It has no column that rules can read.", *notes)
    return Plan(source, columns, notes)


def expression(connection: duckdb.DuckDBPyConnection, source: str, name: str, native: str) -> str:
    """The SQL that makes the column."""
    column = identifier(name)
    if native.startswith("TIMESTAMP"):
        kind = "TIMESTAMPTZ" if native.endswith("TIME ZONE") else "TIMESTAMP"
        return f"CAST({column} AS {kind})"
    if native.startswith(AS_TEXT):
        return f"CAST({column} AS VARCHAR)"
    if native in ("VARCHAR", "BOOLEAN", "DATE") or not meanings.stays_text(name):
        return column
    if native in ("DOUBLE", "FLOAT"):
        # Whole numbers that turned into fractions because some were missing.
        fractions = connection.execute(
            f"SELECT count(*) FROM {source} "  # noqa: S608
            f"WHERE {column} <> floor({column}) OR NOT abs({column}) < {WHOLE}"
        ).fetchone()
        if fractions == (0,):
            return f"CAST(CAST({column} AS BIGINT) AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)"
