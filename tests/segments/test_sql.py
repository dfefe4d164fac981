"""Segments in SQL: whom they give, what is refused and why, and what hostile SQL reaches."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from segments.compile import members, to_query
from segments.numbers import counting
from segments.rules import check
from segments.sql import embedded
from segments.sql.binding import bound
from segments.sql.errors import SqlFailedError, SqlTooLargeError, SqlTooLongError
from segments.sql.reading import problems, read
from tests.segments.factories import SegmentFactory
from tests.waiting import until
from warehouse.catalogue import Catalogue, CatalogueTable, Column, current
from warehouse.engines import engine
from warehouse.errors import QueryCancelledError

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)  # the 27th in New York


def rows():
    return {
        "customer_360": [
            {"customer_id": f"c{n}", "tier": "Gold" if n < 3 else "Silver", "spent": n * 10.5}
            for n in range(8)
        ],
        "orders": [
            {
                "order_id": f"o{n}",
                "customer_id": f"c{n % 4}",
                "order_time": datetime(2026, 11, n + 1, 12),
                "order_value": n * 5.0,
            }
            for n in range(12)
        ],
    }


@pytest.fixture
def shop(warehouse, settings):
    settings.TIME_ZONE = "America/New_York"
    return warehouse(rows())


def who(rule, moment=NOW):
    context = counting.context(moment)
    query = to_query(members(rule, context), context, engine().dialect)
    return {row[0] for row in engine().fetch(query)}


def sql(text):
    return {"sql": text}


def test_a_select_of_customer_ids_is_a_rule_like_any_other(shop):
    gold = sql("SELECT customer_id FROM customer_360 WHERE tier = 'Gold'")
    assert who(gold) == {"c0", "c1", "c2"}
    assert who({"none": [gold]}) == {"c3", "c4", "c5", "c6", "c7"}
    big = {"attribute": "customer_360.spent", "operator": "at_least", "value": 20}
    assert who({"all": [gold, big]}) == {"c2"}
    assert who({"any": [gold, big]}) == {f"c{n}" for n in range(8)}
    assert counting.count(gold, counting.context(NOW)) == 3


def test_ids_of_nobody_nulls_and_doubles_fall_away(shop):
    given = "SELECT x FROM (VALUES ('c1'), ('c1'), (NULL), ('nobody'), (' ')) AS v(x)"
    assert who(sql(given)) == {"c1"}


def test_a_segment_in_sql_is_named_by_other_rules(shop):
    SegmentFactory(name="Gold", rule=sql("SELECT customer_id FROM customer_360 WHERE spent < 20"))
    rule = {
        "all": [
            {"segment": "Gold"},
            {"attribute": "customer_360.spent", "operator": "is", "value": 0},
        ]
    }
    assert who(rule) == {"c0"}
    assert who({"none": [{"segment": "Gold"}]}) == {f"c{n}" for n in range(2, 8)}


@pytest.mark.parametrize(
    ("text", "customers"),
    [
        (
            "WITH big AS (SELECT customer_id, sum(order_value) AS total FROM orders GROUP BY 1)\n"
            "SELECT c.customer_id FROM customer_360 c JOIN big ON big.customer_id = c.customer_id\n"
            "WHERE big.total > 75 AND c.tier = 'Gold'",
            {"c2"},
        ),
        (
            "SELECT customer_id FROM (SELECT customer_id, row_number() OVER "
            "(ORDER BY spent DESC) AS place FROM customer_360) AS t WHERE place <= 2",
            {"c7", "c6"},
        ),
        (
            "SELECT customer_id FROM customer_360 EXCEPT SELECT customer_id FROM orders",
            {"c4", "c5", "c6", "c7"},
        ),
        (
            "WITH RECURSIVE few AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM few WHERE n < 3) "
            "SELECT 'c' || cast(n AS text) AS id FROM few;",
            {"c1", "c2", "c3"},
        ),
        (
            "SELECT customer_id FROM Customer_360 -- the best\nWHERE NOT exists "
            "(SELECT 1 FROM orders WHERE orders.customer_id = Customer_360.customer_id)",
            {"c4", "c5", "c6", "c7"},
        ),
        ("SELECT orders.customer_id FROM orders GROUP BY 1 HAVING count(*) > 3", set()),
        ("(SELECT customer_id FROM customer_360 ORDER BY spent LIMIT 1)", {"c0"}),
    ],
)
def test_ctes_joins_aggregates_and_windows_are_understood(shop, text, customers):
    assert who(sql(text)) == customers


def test_now_is_the_counts_own_in_the_brands_zone(shop):
    """At 3:00 of the 28th in UTC it is still the 27th in New York."""

    def ordered(condition):
        return who(sql(f"SELECT customer_id FROM orders WHERE {condition}"))

    assert ordered("CAST(order_time AS date) = CURRENT_DATE - 15") == {"c3"}  # the 12th
    assert ordered("order_time > now() - INTERVAL 16 DAY") == {"c3", "c2"} - {"c2"}
    assert ordered("order_time > CURRENT_TIMESTAMP") == set()


# What is refused


@pytest.fixture
def told(shop):
    catalogue = current()

    def told(text):
        return [str(each) for each in problems(text, catalogue)]

    return told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write one SELECT"),
        ("SELECT customer_id, tier FROM customer_360", "Line 1, column 21: Give one column"),
        ("SELECT * FROM customer_360", "Line 1, column 8: Give one column"),
        ("SELECT c.* FROM customer_360 c", "Give one column"),
        ("SELECT customer_id FROM orders UNION SELECT tier, spent FROM customer_360", "Give one"),
        ("UPDATE customer_360 SET tier = 'x'", "Line 1, column 1: UPDATE is not allowed."),
        ("DELETE FROM orders", "DELETE is not allowed"),
        ("SELECT customer_id FROM orders; SELECT 1", "Here are 2 statements"),
        (
            "SELECT customer_id\nFROM custmer_360",
            'Line 2, column 6: There is no table "custmer_360". Did you mean "customer_360"?',
        ),
        (
            "SELECT customer_id\nFROM customer_360\nWHERE  teir = 'Gold'",
            'Line 3, column 8: There is no column "teir". Did you mean "tier"?',
        ),
        ("SELECT customer_id FROM orders WHERE (a = 1", "Line 1, column"),
        ("SELECT customer_id FROM orders WHERE x = 'a", "Line 1, column 42: A quote"),
        ("SELECT customer_id FROM WHERE", "Line 1, column 25: “WHERE” does not fit"),
        ("SELECT customer_id FROM orders WHERE order_id = $1", "Write the value itself"),
        ("SELECT customer_id FROM orders TABLESAMPLE 10%", "Table sample cannot stand"),
        ("SELECT customer_id FROM main.orders", 'Name the table alone: "orders"'),
    ],
)
def test_what_is_wrong_is_told_with_its_place(told, text, words):
    (problem,) = told(text)[:1]
    assert words in problem


HOSTILE = [
    "COPY customer_360 TO '/tmp/out.csv'",
    "COPY (SELECT 1) TO PROGRAM 'sh'",
    "ATTACH '/etc/passwd' AS x",
    "PRAGMA database_list",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CALL pragma_version()",
    "EXPLAIN SELECT customer_id FROM orders",
    "DESCRIBE orders",
    "SHOW TABLES",
    "EXPORT DATABASE '/tmp/x'",
    "CREATE TABLE t AS SELECT 1",
    "INSERT INTO orders SELECT * FROM orders",
    "DROP TABLE orders",
    "DO $$ BEGIN END $$",
    "VACUUM",
    "BEGIN",
    "SELECT customer_id INTO x FROM orders",
    "SELECT customer_id FROM orders FOR UPDATE",
    "WITH x AS (DELETE FROM orders RETURNING customer_id) SELECT customer_id FROM x",
    "WITH x AS (INSERT INTO orders VALUES (1) RETURNING 1) SELECT customer_id FROM orders",
    "SELECT customer_id FROM orders; DROP TABLE orders",
    "SELECT customer_id FROM orders; -- \n ATTACH 'x'",
    "SELECT column0 AS a FROM read_csv('/etc/passwd')",
    "SELECT a FROM read_csv_auto('/etc/passwd') AS t(a)",
    "SELECT a FROM ReAd_TeXt('/etc/passwd') AS t(a)",
    "SELECT a FROM \"read_text\"('/etc/passwd') AS t(a)",
    "SELECT a FROM read_parquet('x') AS t(a)",
    "SELECT a FROM read_blob('x') AS t(a)",
    "SELECT a FROM read_json('x') AS t(a)",
    "SELECT a FROM glob('/*') AS t(a)",
    "SELECT a FROM '/etc/passwd' AS t(a)",
    'SELECT a FROM "/etc/passwd" AS t(a)',
    "SELECT a FROM 'https://example.com/x.parquet' AS t(a)",
    "SELECT a FROM duckdb_settings() AS t(a)",
    "SELECT a FROM duckdb_secrets() AS t(a)",
    "SELECT a FROM pragma_database_list() AS t(a)",
    "SELECT name FROM duckdb_settings",
    "SELECT name FROM sqlite_master",
    "SELECT table_name FROM information_schema.tables",
    "SELECT usename FROM pg_user",
    "SELECT usename FROM pg_catalog.pg_shadow",
    "SELECT passwd FROM pg_shadow",
    "SELECT a FROM file_0.main.data AS t(a)",
    "SELECT a FROM query('SELECT 1') AS t(a)",
    "SELECT a FROM query_table('orders') AS t(a)",
    "SELECT a FROM generate_series(1, 1000000000) AS t(a)",
    "SELECT a FROM range(1000000000) AS t(a)",
    "SELECT a FROM unnest([1, 2]) AS t(a)",
    "SELECT a FROM orders, LATERAL unnest([1]) AS t(a)",
    "SELECT a FROM dblink('host=x', 'SELECT 1') AS t(a)",
    "SELECT getenv('SECRET_KEY') FROM orders",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_catalog.pg_read_file('/etc/passwd')",
    "SELECT \"pg_read_file\"('/etc/passwd')",
    "SELECT pg_sleep(100)",
    "SELECT pg_terminate_backend(1)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_create(0)",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT current_setting('data_directory')",
    "SELECT current_user",
    "SELECT session_user",
    "SELECT version()",
    "SELECT current_database()",
    "SELECT current_schemas(true)",
    "SELECT getvariable('x') FROM orders",
    "SELECT query_to_xml('SELECT 1', true, true, '')",
    "SELECT database_to_xml(true, true, '')",
    "SELECT 'orders'::regclass FROM orders",
    "SELECT '16384'::oid FROM orders",
    "SELECT nextval('x') FROM orders",
    "SELECT random() FROM orders",
    "SELECT uuid() FROM orders",
    "SELECT columns('.*') FROM orders",
    "SELECT * EXCLUDE (order_id) FROM orders",
    "SELECT rowid FROM orders",
    "SELECT ctid FROM orders",
    "SELECT xmin FROM orders",
    "SELECT customer_id FROM orders WHERE order_id = (SELECT getenv('HOME'))",
    "SELECT customer_id FROM orders WHERE EXISTS (SELECT 1 FROM (SELECT * FROM pg_user) AS t)",
    "SELECT customer_id FROM orders ORDER BY pg_sleep(1)",
    "SELECT customer_id FROM orders LIMIT (SELECT pg_sleep(1))",
    "SELECT customer_id FROM orders GROUP BY 1 HAVING pg_sleep(1) IS NULL",
    "SELECT count(*) FILTER (WHERE getenv('x') = '') FROM orders",
    "SELECT sum(order_value) OVER (PARTITION BY getenv('x')) FROM orders",
    "SELECT customer_id FROM orders JOIN customer_360 ON getenv('x') = ''",
    "SELECT customer_id FROM orders /* */ WHERE /*! getenv('x') */ pg_sleep(1)",
    "SELECT customer_id FROM orders PIVOT (sum(order_value) FOR order_id IN ('o1'))",
    "SELECT [x FOR x IN [1]] FROM orders",
    "SELECT {'a': 1}.a FROM orders",
    "SELECT customer_id -> 'x' FROM orders",
    "SELECT json_extract(customer_id, '$') FROM orders",
    "SELECT array_agg(customer_id) FROM orders",
    "SELECT list_transform([1], lambda x: getenv('x')) FROM orders",
    "SELECT repeat('x', 1000000000) FROM orders",
    'SELECT customer_id COLLATE "x" FROM orders',
    # A CTE's name counts only where the CTE does, letter by letter.
    "SELECT t.a FROM (WITH pg_user AS (SELECT 1 AS a) SELECT a FROM pg_user) AS t, pg_user",
    "WITH duc\u212adb_settings AS (SELECT 1 AS name) SELECT name FROM duckdb_settings",
    "WITH a AS (SELECT name FROM b), b AS (SELECT 1 AS name) SELECT name FROM a",
    "\uff33\uff25\uff2c\uff25\uff23\uff34 customer_id FROM orders",  # full-width letters
    "SELECT customer_id FROM orders WHERE pg_sle\u200bep(1)",
    "SELECT customer_id FROM \u202eorders",
    "SELECT customer_id FROM orders WHERE 1 = 1\0",
    "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    "SELECT " + "NOT " * 5000 + "true",
    "SELECT " + "- " * 5000 + "1",
    "SELECT " + "1 + " * 9000 + "1",
    "SELECT " + "CASE WHEN true THEN " * 500 + "1" + " END" * 500,
    "SELECT 1" + " UNION SELECT 1" * 4000,
]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("text", HOSTILE, ids=[text[:50] for text in HOSTILE])
def test_hostile_sql_is_refused_before_it_runs(text, dialect):
    catalogue = Catalogue(
        {
            name: CatalogueTable(
                name,
                {
                    column: Column(column, "text")
                    for column in ("customer_id", "order_id", "order_value")
                },
                customer="customer_id",
            )
            for name in ("customer_360", "orders")
        },
        base="customer_360",
        dialect=dialect,
    )
    assert problems(text, catalogue)


def test_comments_and_hints_do_not_reach_the_engine(shop):
    text = "SELECT /*+ x */ customer_id -- '\nFROM /* ; DROP TABLE orders */ orders"
    statement = read(text, current())
    bare = bound(statement, current().table("customer_360"), lambda t: (t,), "duckdb")
    assert "*" not in bare
    assert "DROP" not in bare
    assert "--" not in bare


# What would be reached if the reading let it through


@pytest.mark.parametrize(
    "text",
    [
        "SELECT content AS customer FROM read_text('/etc/passwd')",
        "SELECT file AS customer FROM glob('/etc/*')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/muster-escaped.csv'",
        "ATTACH '/tmp/muster-escaped.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allow_unsigned_extensions = true",
        "CREATE PERSISTENT SECRET x (TYPE s3)",
        "DELETE FROM file_0.main.data",
        "DROP TABLE file_0.main.data",
    ],
)
def test_the_child_reaches_no_file_and_opens_no_door(shop, text):
    with pytest.raises(SqlFailedError):
        list(
            embedded.stream(
                engine(), lambda place: text, frozenset({"orders"}), {}, "UTC", 30, "hostile"
            )
        )
    assert not Path("/tmp/muster-escaped.csv").exists()  # noqa: S108


def test_the_child_has_no_secret_in_its_environment(shop, monkeypatch):
    monkeypatch.setenv("ATTENTIVE_TOKEN", "muster-secret")
    with embedded._child("/tmp") as child:  # noqa: S108
        environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    assert b"muster-secret" not in environment


ENDLESS = [
    "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) "
    "SELECT 'c1' AS id FROM n WHERE x < 0",
    "SELECT a.customer_id FROM "
    + ", ".join(f"orders {name}" for name in "abcdefghijkl")
    + " WHERE a.order_value + l.order_value < 0",
]


@pytest.mark.parametrize("text", ENDLESS)
def test_what_never_ends_is_stopped(shop, settings, text):
    settings.SQL_SEGMENT_SECONDS = 2
    with pytest.raises((SqlTooLongError, SqlTooLargeError)):
        who(sql(text))


def test_what_took_too_long_is_not_tried_again_at_once(shop, settings):
    settings.SQL_SEGMENT_SECONDS = 1
    with pytest.raises(SqlTooLongError):
        who(sql(ENDLESS[1]))
    settings.SQL_SEGMENT_SECONDS = 100
    with pytest.raises(SqlTooLongError):
        who(sql(ENDLESS[1]))


def test_a_newer_count_stops_the_older_sql(shop, settings):
    settings.SQL_SEGMENT_SECONDS = 100
    context = counting.context(NOW)
    with ThreadPoolExecutor(1) as pool:
        count = pool.submit(counting.count, sql(ENDLESS[1]), context, "mine")
        until(lambda: engine().cancel("mine"))
        with pytest.raises(QueryCancelledError):
            count.result()


def test_what_only_the_engine_can_tell_is_told_without_values(shop):
    text = "SELECT customer_id FROM customer_360 WHERE CAST(tier AS integer) = 1"
    with pytest.raises(SqlFailedError) as told:
        who(sql(text))
    assert "Gold" not in str(told.value)


def test_new_data_gives_new_members(shop, warehouse):
    rule = sql("SELECT customer_id FROM customer_360 WHERE tier = 'Gold'")
    assert len(who(rule)) == 3
    warehouse({"customer_360": [{"customer_id": "n1", "tier": "Gold", "spent": 1.0}]})
    assert who(rule) == {"n1"}


def test_a_where_of_an_event_takes_no_sql(shop):
    rule = {"event": "orders", "where": {"all": [{"sql": "SELECT customer_id FROM orders"}]}}
    assert check(rule, current())


@pytest.mark.parametrize("kind", [1, None, ["SELECT 1"], {"a": 1}])
def test_sql_is_a_text(shop, kind):
    (fault,) = check({"sql": kind}, current())
    assert fault.path == "sql"
