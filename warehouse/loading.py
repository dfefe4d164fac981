"""Bringing files of customer tables into the embedded warehouse, all at once or not at all.

One file is one table. A faulty file is refused whole and the others are loaded; the tables
of one load appear together, and until then everybody reads the old ones.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

import duckdb

from core.formats import counted
from warehouse import extra, meanings, scratch, store
from warehouse.engines import embedded_folder
from warehouse.engines.wording import reason
from warehouse.errors import TableRefusedError
from warehouse.models import Sync, Table
from warehouse.quoting import SPACE, identifier, literal
from warehouse.sources import Plan, Runner, delimited, ending, parquet, table_name
from warehouse.sync import sync

# Older storage reads text much quicker than DuckDB 2's own.
STORAGE = "v1.0.0"
T = TypeVar("T")
RENAME = "Give the file another name."
POLL = 0.1  # seconds between two looks at a running query


@dataclass(frozen=True, slots=True)
class Progress:
    """file: index and number of files, from 1; share: how much of the step is done, 0 to 1."""

    table: str
    step: str
    share: float
    file: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Loaded:
    """notes: sentences that the user should read, though the table is loaded."""

    table: str
    path: Path
    rows: int
    columns: int
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A file whose table stays as it was. faults: sentences, with lines where they have one."""

    path: Path
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class Report:
    """loaded: visible to everybody by now."""

    loaded: Sequence[Loaded] = ()
    refused: Sequence[Refused] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What the catalogue says of tables before they are loaded.

    base: tables of one row a customer, in which customer ids may not repeat;
    customers: the customer columns that an admin named, by table.
    """

    base: frozenset[str]
    customers: Mapping[str, str]


def load(paths: Iterable[Path]) -> Generator[Progress, None, Report]:
    """Load CSV, CSV.gz and Parquet files, and folders of them, into the embedded warehouse.

    Yields progress and returns the report, once the tables are visible and the
    catalogue is synced. Raises NotEmbeddedError when the warehouse is another.
    """
    folder = embedded_folder()
    found, refused = files(paths)
    expected = expectations()
    loaded: dict[str, tuple[Path, Loaded]] = {}
    with store.locked(folder):
        for number, (table, path) in enumerate(found.items(), 1):
            written = store.fresh(folder, table)
            start = Progress(table, "Reading", 0, (number, len(found)))
            try:
                loaded[table] = written, (yield from written_table(start, path, written, expected))
            except TableRefusedError as error:
                refused.append(Refused(path, error.faults))
        if loaded:
            store.publish(folder, {table: written for table, (written, _) in loaded.items()})
    if loaded:
        yield Progress("", "Reading the catalogue", 0, (len(found), len(found)))
        sync()
    return Report([outcome for _, outcome in loaded.values()], refused)


def load_quietly(paths: Iterable[Path]) -> Report:
    """The same without progress."""
    steps = load(paths)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            report: Report = end.value
            return report


def files(paths: Iterable[Path]) -> tuple[dict[str, Path], list[Refused]]:
    """The file of each table, and what is none. Of a folder only the files that can be tables."""
    candidates: list[Path] = []
    refused: list[Refused] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if is_table(file))
            candidates += inside
            if not inside:
                refused.append(Refused(path, ["It holds no CSV, CSV.gz or Parquet files."]))
        elif not path.exists():
            refused.append(Refused(path, ["There is no such file."]))
        elif not ending(path):
            refused.append(Refused(path, ["Its name does not end in .csv, .csv.gz or .parquet."]))
        else:
            candidates.append(path)
    tables: dict[str, list[Path]] = defaultdict(list)
    for path in dict.fromkeys(candidate.resolve() for candidate in candidates):
        try:
            table = table_name(path)
        except TableRefusedError as error:
            refused.append(Refused(path, error.faults))
            continue
        if table in extra.registered():
            refused.append(Refused(path, [f"Muster itself fills the table {table}. {RENAME}"]))
        else:
            tables[table].append(path)
    for table, same in tables.items():
        if len(same) > 1:
            names = ", ".join(path.name for path in same)
            fault = f"Several files would become the table {table}: {names}. Keep one of them."
            refused += [Refused(path, [fault]) for path in same]
    return {table: same[0] for table, same in tables.items() if len(same) == 1}, refused


def is_table(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and bool(ending(path))


def expectations() -> Expected:
    base = set(meanings.BASE_TABLES)
    if (synced := Sync.objects.first()) and synced.base_table:
        base.add(synced.base_table.lower())
    corrected = Table.objects.filter(corrected=True).exclude(customer="")
    customers = {table.name.lower(): table.customer for table in corrected}
    return Expected(frozenset(base), customers)


def written_table(
    start: Progress, path: Path, written: Path, expected: Expected
) -> Generator[Progress, None, Loaded]:
    """Write the file's table into a file of its own, complete and closed.

    Raises TableRefusedError when the file or what is in it is faulty.
    """
    with closing(loader(written)) as connection:
        run = runner(connection)
        if ending(path) == ".parquet":
            plan = parquet.plan(connection, path)
        else:
            plan = yield from told(delimited.plan(connection, path, run), start)
        plan, customer = with_customer(plan, start.table, expected)
        try:
            making = run(f"CREATE TABLE made.{store.DATA} AS {plan.select}")
            yield from told(making, replace(start, step="Writing"))
            notes = customer_notes(connection, start.table, customer, expected)
            rows = connection.execute(f"SELECT count(*) FROM made.{store.DATA}").fetchone()  # noqa: S608
            connection.execute("CHECKPOINT made")
            connection.execute("DETACH made")
        except duckdb.Error as error:
            raise TableRefusedError(f"It could not be written: {reason(error)}.") from None
    yield replace(start, step="Written", share=1)
    count = rows[0] if rows else 0
    return Loaded(start.table, path, count, len(plan.columns), [*plan.notes, *notes])


def loader(written: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with every core, the new file attached as ``made``."""
    connection = scratch.connect()
    connection.execute(f"SET threads = {os.cpu_count() or 1}")
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    connection.execute(f"ATTACH {literal(str(written))} AS made (STORAGE_VERSION '{STORAGE}')")
    return connection


def runner(connection: duckdb.DuckDBPyConnection) -> Runner:
    """Runs SQL in a thread, so that its progress can be told meanwhile."""

    def run(sql: str) -> Iterator[float]:
        over = Event()
        failed: list[BaseException] = []

        def work() -> None:
            try:
                connection.execute(sql)
            except BaseException as error:
                failed.append(error)
            finally:
                over.set()

        thread = Thread(target=work, daemon=True)
        thread.start()
        try:
            while not over.wait(POLL):
                yield max(connection.query_progress(), 0) / 100
        finally:
            if not over.is_set():  # the user has had enough
                connection.interrupt()
            thread.join()
        if failed:
            raise failed[0]

    return run


def told(
    steps: Generator[float, None, T] | Iterator[float], start: Progress
) -> Generator[Progress, None, T]:
    """Shares as progress of the table; returns what the steps return."""
    while True:
        try:
            yield replace(start, share=next(steps))
        except StopIteration as end:
            result: T = end.value
            return result


def with_customer(plan: Plan, table: str, expected: Expected) -> tuple[Plan, str]:
    """The plan with the customer id as text, and its column, '' for a table without one.

    Raises TableRefusedError for a table of customers without a customer id.
    """
    names = [name for name, _ in plan.columns]
    base = table in expected.base
    customer = next(
        (name for name in names if name.lower() == expected.customers.get(table, "").lower()),
        "",
    ) or meanings.customer_column(names, base=base)
    if base and not customer:
        raise TableRefusedError(
            "It has no column with a customer id. Name that column customer_id, "
            "or say in the catalogue which one it is."
        )
    text = [
        (name, f"CAST({sql} AS VARCHAR)" if name == customer else sql) for name, sql in plan.columns
    ]
    return replace(plan, columns=text), customer


def customer_notes(
    connection: duckdb.DuckDBPyConnection, table: str, customer: str, expected: Expected
) -> list[str]:
    """What to tell of the customer ids of the table just made.

    Raises TableRefusedError when they repeat in a table of one row a customer.
    """
    if not customer:
        return ["It has no customer id: its rows can be looked up from other tables only."]
    column = identifier(customer)
    repeated = "count(DISTINCT id)" if table in expected.base else "count(id)"
    found = connection.execute(
        f"SELECT count(*) - count(id), count(id) - {repeated} "  # noqa: S608
        f"FROM (SELECT CASE WHEN trim({column}, {SPACE}) <> '' THEN {column} END AS id "
        f"FROM made.{store.DATA})"
    ).fetchone()
    blank, doubled = found or (0, 0)
    if doubled:
        raise TableRefusedError(
            f"{counted(doubled, 'row repeats,rows repeat')} a customer id "
            f'("{customer}"). Keep one row a customer.'
        )
    if blank:
        rows = counted(blank, "row has,rows have")
        return [f'{rows} no customer id ("{customer}"): nobody is found by them.']
    return []
