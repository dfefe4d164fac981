"""A load is seen whole or not at all, whoever reads meanwhile and whenever the loader dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.fixtures.services import database_url
from warehouse import store
from warehouse.engines import engine, folder
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.query import Query

BASE_DIR = Path(__file__).resolve().parents[2]

# Reads two tables in one query until the pointer is at the last version: both must always
# be of one load, and no query may fail.
READER = """
import sys
from pathlib import Path
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.query import Query
engine, last, seen = DuckDBEngine(Path(sys.argv[1])), int(sys.argv[2]), set()
print("reading", flush=True)
while last not in seen:
    found = engine.fetch(Query("SELECT (SELECT min(n) FROM a), (SELECT max(n) FROM a), "
                               "(SELECT min(n) FROM b), (SELECT max(n) FROM b)"))[0]
    assert len(set(found)) == 1, found
    assert not seen or found[0] >= max(seen), (found, seen)
    seen.add(found[0])
print(len(seen))
"""

# Loads a folder and dies at the nth time that a file is put in its place.
LOADER = """
import os, signal, sys
from pathlib import Path
from warehouse import loading
replaced, nth = Path.replace, int(sys.argv[2])
def replace(path, target):
    global nth
    nth -= 1
    if nth == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return replaced(path, target)
Path.replace = replace
loading.load_quietly([Path(sys.argv[1])])
"""


def python(code, *arguments, **more):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | more
    return subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup()\n" + code, *map(str, arguments)],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def two(n):
    return {name: pa.table({"n": pa.array([n] * 20_000, pa.int64())}) for name in ("a", "b")}


def test_processes_read_on_while_tables_are_replaced(warehouse, settings):
    warehouse(two(0))
    where = folder(settings.WAREHOUSE_URL)
    readers = [python(READER, where, 8) for _ in range(2)]
    for reader in readers:
        assert reader.stdout.readline() == "reading\n"
    for n in range(1, 9):
        warehouse(two(n))
    for reader in readers:
        said, _ = reader.communicate(timeout=60)
        assert reader.returncode == 0
        assert int(said) > 1


def test_a_running_stream_ends_on_the_data_it_began_with(warehouse):
    source = warehouse({"a": pa.table({"n": [1] * 50_000})})
    stream = source.stream(Query("SELECT n FROM a"), rows=2048)
    first = next(stream)
    warehouse({"a": pa.table({"n": [2]})})
    assert source.fetch(Query("SELECT n FROM a")) == [(2,)]
    rows = first.num_rows + sum(batch.num_rows for batch in stream)
    assert rows == 50_000


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_loader_killed_before_the_end_changes_nothing(warehouse, settings, tmp_path, nth):
    source = warehouse(two(1))
    before, where = source.version(), folder(settings.WAREHOUSE_URL)
    new = tmp_path / "new"
    new.mkdir()
    for name, table in two(2).items():
        pq.write_table(table, new / f"{name}.parquet")
    loader = python(
        LOADER, new, nth, WAREHOUSE_URL=settings.WAREHOUSE_URL, DATABASE_URL=database_url()
    )
    loader.communicate(timeout=60)
    assert loader.returncode == -signal.SIGKILL
    fresh = DuckDBEngine(where)
    assert fresh.version() == before
    assert fresh.fetch(Query("SELECT max(a.n), max(b.n) FROM a, (SELECT max(n) AS n FROM b) b"))[
        0
    ] == (1, 1)
    warehouse(two(3))
    assert sorted(file.name for file in where.rglob("*") if file.is_file()) == [
        ".lock",
        "00000002.duckdb",
        "00000002.duckdb",
        "current.json",
    ]


def test_a_second_loader_waits_for_the_first(warehouse, settings):
    where = folder(settings.WAREHOUSE_URL)
    code = (
        "import sys\nfrom pathlib import Path\nfrom warehouse import store\n"
        "print('asking', flush=True)\n"
        "with store.locked(Path(sys.argv[1])): print('mine', flush=True)"
    )
    with store.locked(where):
        other = python(code, where)
        assert other.stdout.readline() == "asking\n"
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.3)
    assert other.communicate(timeout=30)[0] == "mine\n"


def test_a_warehouse_made_anew_is_another_version(warehouse, settings):
    first = warehouse(two(1)).version()
    (folder(settings.WAREHOUSE_URL) / store.POINTER).unlink()
    assert engine().version() != first
    assert warehouse(two(1)).version() != first


def test_a_child_process_reads_after_a_fork(warehouse):
    source = warehouse(two(1))
    source.fetch(Query("SELECT 1"))
    child = os.fork()
    if child == 0:
        good = source.fetch(Query("SELECT max(n) FROM a")) == [(1,)]
        os._exit(0 if good else 1)
    until = time.monotonic() + 30
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
        os.sched_yield()
    assert ended == (child, 0)


def test_a_long_stream_stays_flat_in_memory(warehouse):
    source = warehouse({"a": pa.table({"n": list(range(2000))})})
    query = Query("SELECT CAST(x.n * 2000 + y.n AS text) || repeat('x', 100) AS v FROM a x, a y")
    rows, held = 0, []
    for batch in source.stream(query):
        rows += batch.num_rows
        held.append(resident())
    assert rows == 4_000_000
    assert max(held) - max(held[: len(held) // 10]) < 100 * 2**20  # of 460 MB


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
