"""Tables for DuckDB: from files, from rows; and its answers as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from core.errors import MusterError
from runs import files
from warehouse.quoting import literal


class FileLostError(MusterError):
    """A file that the database names is not there. Data: its name, relative to VAR_DIR."""

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"The file {self.name} is gone from VAR_DIR. Ask an admin to look at the disk, "
            "then launch the campaign again."
        )


def view(
    duck: duckdb.DuckDBPyConnection,
    name: str,
    names: Iterable[str],
    schema: pa.Schema,
    *,
    filename: bool = False,
) -> None:
    """The rows of these files as a table of that name; none, where there are no files.

    names: relative to VAR_DIR; '' is skipped. filename: with a column that tells it.
    Raises FileLostError when one is not there.
    """
    found = [str(existing(each)) for each in names if each]
    if found:
        duck.read_parquet(found, filename=filename).create_view(name, replace=True)
        return
    if filename:
        schema = schema.append(pa.field("filename", pa.string()))
    duck.register(name, schema.empty_table())


def existing(name: str) -> Path:
    path = files.path(name)
    if not path.is_file():
        raise FileLostError(name)
    return path


def table(rows: Iterable[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    columns = [list(each) for each in zip(*rows, strict=True)]
    return pa.table(columns or [[] for _ in schema], schema=schema)


def copy(
    duck: duckdb.DuckDBPyConnection,
    query: str,
    target: Path,
    parameters: Mapping[str, Any],
    form: str = "parquet",
) -> None:
    """Write a query's rows to a file."""
    duck.execute(f"COPY ({query}) TO {literal(str(target))} (FORMAT {form})", parameters)
