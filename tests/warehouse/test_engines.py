"""Both engines answer alike, stop when asked, and say nothing of customers in their errors."""

from threading import Thread

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.engines.base import Engine
from warehouse.engines.postgres import PostgresEngine
from warehouse.errors import (
    QueryCancelledError,
    QueryFailedError,
    WarehouseUnavailableError,
)
from warehouse.query import Query

CUSTOMERS = pa.table(
    {
        "customer_id": ["C1", "C2", "C3", "C4"],
        "email": ["ann@example.com", "", None, 'quote"d, and\nsplit@example.com'],
        "visits": pa.array([1, None, 3, -4], pa.int64()),
        "spent": pa.array([0.5, 1e300, None, -2.25], pa.float64()),
        "born": pa.array([None, 0, 12345, -40000], pa.date32()),
        "seen": pa.array([None, 0, 1_700_000_000_123_456, -1], pa.timestamp("us")),
        "moment": pa.array([None, 0, 1_700_000_000_123_456, -1], pa.timestamp("us", "UTC")),
        "member": [True, False, None, True],
    }
)
FOREVER = "SELECT count(*) FROM range_of a, range_of b, range_of c WHERE a.n + b.n + c.n = -1"


@pytest.fixture(params=["duckdb", "postgres"])
def source(request, db) -> Engine:
    fixture = "warehouse" if request.param == "duckdb" else "postgres_warehouse"
    return request.getfixturevalue(fixture)({"customers": CUSTOMERS})


def test_every_value_comes_back_as_it_went_in(source):
    query = Query("SELECT * FROM customers ORDER BY customer_id")
    streamed = pa.Table.from_batches(list(source.stream(query)))
    assert streamed.cast(CUSTOMERS.schema).to_pylist() == CUSTOMERS.to_pylist()
    assert [row[:3] for row in source.fetch(query)] == [
        (row["customer_id"], row["email"], row["visits"]) for row in CUSTOMERS.to_pylist()
    ]


def test_types_are_those_of_the_rule_language(source):
    (table,) = source.describe()
    assert table.name == "customers"
    assert {c.name: (c.type, c.zoned) for c in table.columns} == {
        "customer_id": ("text", False),
        "email": ("text", False),
        "visits": ("number", False),
        "spent": ("number", False),
        "born": ("date", False),
        "seen": ("time", False),
        "moment": ("time", True),
        "member": ("yes_no", False),
    }


def test_an_empty_result_still_says_its_columns(source):
    batches = list(source.stream(Query("SELECT customer_id FROM customers WHERE 1 = 2")))
    assert [(batch.num_rows, batch.schema.names) for batch in batches] == [(0, ["customer_id"])]


def test_a_null_alone_in_its_row_is_a_row(source):
    query = Query("SELECT visits FROM customers WHERE visits IS NULL")
    assert [batch.to_pylist() for batch in source.stream(query)] == [[{"visits": None}]]


def test_batches_are_no_longer_than_asked(source):
    batches = list(source.stream(Query("SELECT * FROM customers"), rows=3))
    assert sum(batch.num_rows for batch in batches) == 4
    if source.dialect == "postgres":  # DuckDB hands out whole vectors
        assert [batch.num_rows for batch in batches] == [3, 1]


def test_relations_are_tables_of_the_query_and_of_no_other(source, tmp_path):
    pq.write_table(pa.table({"value": ["C1", "C2"]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"value": ["C3", None]}), tmp_path / "b.parquet")
    sql = "SELECT count(*) FROM customers WHERE customer_id IN (SELECT value FROM wanted)"
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    assert source.fetch(Query(sql, {"wanted": files})) == [(3,)]
    assert source.fetch(Query(sql, {"wanted": pa.table({"value": ["C4", "C9"]})})) == [(1,)]
    with pytest.raises(QueryFailedError):
        source.fetch(Query(sql))


def test_a_relation_stands_in_front_of_a_table_of_its_name(source):
    query = Query("SELECT count(*) FROM customers", {"customers": pa.table({"x": [1]})})
    assert source.fetch(query) == [(1,)]


def test_a_per_cent_sign_is_a_per_cent_sign(source):
    query = Query("SELECT count(*) FROM customers WHERE email LIKE '%@example.com'")
    assert source.fetch(query) == [(2,)]


def test_a_stopped_query_says_so_and_others_go_on(source):
    numbers = pa.table({"n": list(range(4000))})
    failures = []

    def run():
        try:
            source.fetch(Query(FOREVER, {"range_of": numbers}), key="edit-7")
        except Exception as error:
            failures.append(error)

    thread = Thread(target=run)
    thread.start()
    while not source.cancel("edit-7"):
        thread.join(0.005)
        assert thread.is_alive()
    thread.join(10)
    assert [type(failure) for failure in failures] == [QueryCancelledError]
    assert source.fetch(Query("SELECT count(*) FROM customers"), key="edit-7") == [(4,)]
    assert not source.cancel("edit-7")


def test_a_stopped_stream_says_so(source):
    numbers = pa.table({"n": list(range(4000))})
    query = Query("SELECT a.n FROM range_of a, range_of b", {"range_of": numbers})
    stream = source.stream(query, rows=2048, key="build")
    next(stream)
    assert source.cancel("build")
    with pytest.raises(QueryCancelledError):
        list(stream)


def test_what_the_server_itself_stops_is_told_and_can_be_tried_again(db, postgres_warehouse):
    source = postgres_warehouse({"customers": CUSTOMERS})
    hurried = PostgresEngine(f"{source.address}?options=-c%20statement_timeout%3D50")
    with pytest.raises(WarehouseUnavailableError, match="it stopped the query"):
        hurried.fetch(Query("SELECT pg_sleep(60)"))


def test_a_stream_left_half_read_leaves_the_engine_usable(source):
    numbers = pa.table({"n": list(range(4000))})
    stream = source.stream(
        Query("SELECT a.n FROM range_of a, range_of b", {"range_of": numbers}), rows=2048
    )
    next(stream)
    stream.close()
    assert source.fetch(Query("SELECT count(*) FROM customers")) == [(4,)]


def test_errors_name_the_column_and_no_value(source):
    with pytest.raises(QueryFailedError, match="no_such"):
        source.fetch(Query("SELECT no_such FROM customers"))
    with pytest.raises(QueryFailedError) as caught:
        source.fetch(Query("SELECT CAST(email AS integer) FROM customers"))
    assert "ann@" not in str(caught.value)
    assert "example" not in str(caught.value)
    with pytest.raises(QueryFailedError) as caught:
        source.fetch(Query("SELECT CAST(customer_id AS integer) FROM customers"))
    assert "C1" not in str(caught.value)


def test_times_are_told_in_utc(source):
    query = Query("SELECT CAST(moment AS text) FROM customers WHERE customer_id = 'C2'")
    assert source.fetch(query) == [("1970-01-01 00:00:00+00",)]


def test_the_version_is_another_when_the_data_is(source, request):
    before = source.version()
    assert source.version() == before
    name = "warehouse" if source.dialect == "duckdb" else "postgres_warehouse"
    request.getfixturevalue(name)({"customers": CUSTOMERS.slice(1)})
    assert source.version() != before
