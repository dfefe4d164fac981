"""Segments in SQL over a warehouse in PostgreSQL, and rules that became SQL on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from segments.compile import Context, members, to_query
from segments.converting import written
from segments.sql import embedded, locked, postgres
from segments.sql.binding import at, bound
from segments.sql.errors import SqlError, SqlFailedError, SqlTooLongError
from segments.sql.reading import read
from tests.segments import shop
from tests.segments.test_postgres import NOW, one_of_each
from warehouse import store

RULES = [
    {"attribute": "customer_360.tier", "operator": "is", "value": "İstanbul"},
    {"attribute": "customer_360.tier", "operator": "does_not_contain", "value": "tea"},
    {"attribute": "customer_360.tier", "operator": "matches", "value": "^C.*e\\b"},
    {"attribute": "customer_360.tier", "operator": "is_in", "value": [f"{n}" for n in range(300)]},
    {"attribute": "customer_360.score", "operator": "is_not_between", "value": [1, 2.5]},
    {
        "attribute": "customer_360.born",
        "operator": "is_in_last",
        "value": {"n": 3, "unit": "months"},
    },
    {
        "attribute": "customer_360.seen",
        "operator": "is_in_last",
        "value": {"n": 30, "unit": "days"},
    },
    {
        "attribute": "customer_360.seen",
        "operator": "is_in_next",
        "value": {"n": 2, "unit": "weeks"},
    },
    {"attribute": "customer_360.joined", "operator": "is_in_previous", "value": "quarter"},
    {"attribute": "customer_360.joined", "operator": "is_on", "value": {"days_ago": 1}},
    {"attribute": "customer_360.vip", "operator": "is_false"},
    {
        "event": "orders",
        "where": {"attribute": "products.category", "operator": "is", "value": "coffee"},
        "period": {"last": 2, "unit": "years"},
        "value": 1,
    },
    {"event": "orders", "which": "repeat", "measure": "total", "operator": "at_most", "value": 3},
    {
        "event": "orders",
        "measure": "most_frequent",
        "of": "orders.channel",
        "operator": "is",
        "value": "tea",
    },
    {
        "event": "visits",
        "measure": "last",
        "operator": "is_not_in_last",
        "value": {"n": 1, "unit": "months"},
    },
    {"none": [{"event": "coupons", "value": 1}]},
]


def test_rules_as_sql_give_the_same_customers(warehouse, tmp_path):
    engine = warehouse(shop.arrow(one_of_each()))
    files = engine.current().pointer.tables
    child = locked.opened(  # as the child opens them, without starting one for each rule
        {
            "memory": 2**30,
            "threads": 1,
            "folder": str(tmp_path),
            "zone": shop.ZONE,
            "files": {name: str(engine.folder / file) for name, file in files.items()},
            "relations": {},
            "data": store.DATA,
        }
    )
    same_customers(engine, lambda make: child.execute(make(embedded.place)).fetchall())


def test_rules_as_sql_give_the_same_customers_on_postgresql(postgres_warehouse):
    engine = postgres_warehouse(shop.arrow(one_of_each()))

    def run(make):
        batches = postgres.stream(engine, make, {}, shop.ZONE, 30, "")
        return [(value,) for batch in batches for value in batch.column(0).to_pylist()]

    same_customers(engine, run)


def same_customers(engine, run):
    """Each of the rules as SQL gives whom the rule gives, now and half a year on."""
    catalogue = replace(shop.CATALOGUE, dialect=engine.dialect)
    base = catalogue.table("customer_360")
    for rule in RULES:
        found = written(rule, Context(catalogue, NOW, shop.ZONE))  # in the hour that comes twice
        assert not found.unlike, rule
        for moment in (NOW + timedelta(hours=2), NOW + timedelta(days=181)):
            context = Context(catalogue, moment, shop.ZONE)
            statement = at(read(found.text, catalogue), moment, shop.ZONE)
            rows = run(lambda place, made=statement: bound(made, base, place, engine.dialect))
            query = to_query(members(rule, context), context, engine.dialect)
            assert set(rows) == set(engine.fetch(query)), (rule, moment)


@pytest.fixture
def brand(postgres_warehouse):
    return postgres_warehouse({"customer_360": [{"customer_id": f"c{n}"} for n in range(4)]})


def given(engine, text, seconds=30):
    batches = postgres.stream(engine, lambda place: text, {}, "UTC", seconds, "")
    return [value for batch in batches for value in batch.column(0).to_pylist()]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT passwd FROM pg_shadow",
        "CREATE TABLE x (a text)",
        "DELETE FROM customer_360 RETURNING customer_id",
        "COPY customer_360 TO PROGRAM 'sh'",
        "SELECT set_config('transaction_read_only', 'off', true)",
    ],
)
def test_the_session_reads_and_does_nothing_else(brand, text):
    """What would be reached if the reading let it through."""
    with pytest.raises(SqlError):
        given(brand, text)
    assert sorted(given(brand, "SELECT customer_id FROM customer_360")) == ["c0", "c1", "c2", "c3"]


def test_what_takes_too_long_is_stopped(brand):
    with pytest.raises(SqlTooLongError):
        given(brand, "SELECT pg_sleep(30)::text", seconds=1)


def test_what_only_the_engine_can_tell_is_told_without_values(brand):
    with pytest.raises(SqlFailedError) as told:
        given(brand, "SELECT customer_id FROM customer_360 WHERE CAST(customer_id AS int) = 1")
    assert "c0" not in str(told.value)
