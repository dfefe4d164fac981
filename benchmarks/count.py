"""count_ratio: purchase rules counted through the product, beside SQL written by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from benchmarks.figure import Figure, agree, ratio, side_by_side
from segments.numbers import asking, counting
from warehouse import limits, store
from warehouse.engines import embedded_folder

GOAL = 1.1

# A rule as a marketer builds it, and the SQL that an analyst would write for it.
RULES: list[tuple[dict[str, Any], str]] = [
    (
        {"event": "orders", "period": {"last": 90, "unit": "days"}, "value": 3},
        """
        SELECT count(*) FROM (
            SELECT customer_id FROM orders
            WHERE order_datetime >= $today - INTERVAL 90 DAY AND order_datetime <= $now
            GROUP BY customer_id HAVING count(*) >= 3)
        """,
    ),
    (
        {
            "event": "orders",
            "where": {"attribute": "products.category", "operator": "is", "value": "Soft drinks"},
            "period": {"last": 90, "unit": "days"},
            "value": 1,
        },
        """
        SELECT count(DISTINCT o.customer_id)
        FROM orders o JOIN order_items i USING (order_id) JOIN products p USING (product_id)
        WHERE p.category = 'Soft drinks'
            AND o.order_datetime >= $today - INTERVAL 90 DAY AND o.order_datetime <= $now
        """,
    ),
    (
        {
            "all": [
                {
                    "attribute": "customer_360.household_income",
                    "operator": "is_in",
                    "value": ["50-74K", "75-99K"],
                },
                {
                    "event": "orders",
                    "period": {"last": 42, "unit": "days"},
                    "operator": "is",
                    "value": 0,
                },
            ]
        },
        """
        SELECT count(*) FROM customer_360
        WHERE household_income IN ('50-74K', '75-99K') AND customer_id NOT IN (
            SELECT customer_id FROM orders
            WHERE order_datetime >= $today - INTERVAL 42 DAY AND order_datetime <= $now)
        """,
    ),
    (
        {"event": "orders", "measure": "total", "operator": "at_least", "value": 100},
        """
        SELECT count(*) FROM (
            SELECT customer_id FROM orders WHERE order_datetime <= $now
            GROUP BY customer_id HAVING sum(order_value) >= 100)
        """,
    ),
]
OPERATORS = {"operator": "at_least"}


def measure(customers: int) -> Figure:
    connection = plain_connection()
    ours = plain = 0.0
    for rule, sql in RULES:
        rule = OPERATORS | rule if "event" in rule else rule
        agree(through_product(rule), by_hand(connection, sql))
        times = side_by_side(
            lambda rule=rule: through_product(rule),
            lambda sql=sql: by_hand(connection, sql),
            before=forget,
        )
        ours, plain = ours + times[0], plain + times[1]
    return ratio("count_ratio", ours, plain, GOAL)


def forget() -> None:
    """Both what was answered and what was compiled."""
    cache.clear()
    asking.place_of.cache_clear()


def through_product(rule: dict[str, Any]) -> int:
    """As a page asks: the catalogue, segments and lists are read, the rule is compiled."""
    return counting.count(rule, counting.context())


def by_hand(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(by_hand_row(connection, sql, timezone.now())[0])


def by_hand_row(connection: duckdb.DuckDBPyConnection, sql: str, now: datetime) -> tuple[Any, ...]:
    """The one row of a query whose ``$now`` and ``$today`` are those."""
    known = {"now": now.replace(tzinfo=None), "today": now.date()}
    parameters = {name: value for name, value in known.items() if f"${name}" in sql}
    (row,) = connection.execute(sql, parameters).fetchall()
    return tuple(row)


def plain_connection() -> duckdb.DuckDBPyConnection:
    """The same files and the same share of the machine, without the product."""
    folder = embedded_folder()
    connection = duckdb.connect(
        config={"threads": limits.threads(), "memory_limit": f"{limits.memory()}B"}
    )
    for number, (name, file) in enumerate(store.read(folder).tables.items()):
        connection.execute(f"ATTACH '{folder / file}' AS t{number} (READ_ONLY)")
        connection.execute(f"CREATE VIEW {name} AS FROM t{number}.{store.DATA}")
    connection.execute(f"SET TimeZone = '{settings.TIME_ZONE}'")
    return connection
