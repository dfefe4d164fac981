"""insights_ratio: all figures of a segment's page, beside one query written by hand."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from benchmarks.count import by_hand_row, forget, plain_connection
from benchmarks.figure import REPEATS, Figure, agree, ratio, seconds, shown, side_by_side
from segments.numbers import counting
from segments.numbers.insights import Sums, insights

GOAL = 1.1
RULE: dict[str, Any] = {
    "all": [
        {"attribute": "customer_360.marital_status", "operator": "is", "value": "Married"},
        {
            "event": "orders",
            "period": {"last": 180, "unit": "days"},
            "operator": "at_least",
            "value": 1,
        },
    ]
}
SQL = """
    WITH inside AS (
        SELECT customer_id FROM customer_360
        WHERE marital_status = 'Married' AND customer_id IN (
            SELECT customer_id FROM orders
            WHERE order_datetime >= $today - INTERVAL 180 DAY AND order_datetime <= $now)),
    customers AS (
        SELECT email <> '' AS email, phone <> '' AS phone, customer_id IN (FROM inside) AS inside
        FROM customer_360 LEFT JOIN merged_customers USING (customer_id)),
    bought AS (
        SELECT customer_id, customer_id IN (FROM inside) AS inside FROM orders
        WHERE order_datetime >= $today - INTERVAL 1 YEAR AND order_datetime <= $now),
    lines AS (
        SELECT amount, quantity, customer_id IN (FROM inside) AS inside FROM order_items
        WHERE order_datetime >= $today - INTERVAL 1 YEAR AND order_datetime <= $now)
    SELECT * FROM
        (SELECT count(*) FILTER (inside), count(*) FILTER (inside AND email),
            count(*) FILTER (inside AND phone), count(*) FILTER (inside AND email AND phone),
            count(*), count(*) FILTER (email), count(*) FILTER (phone),
            count(*) FILTER (email AND phone) FROM customers),
        (SELECT count(DISTINCT customer_id) FILTER (inside), count(*) FILTER (inside),
            count(DISTINCT customer_id), count(*) FROM bought),
        (SELECT sum(amount) FILTER (inside), sum(quantity) FILTER (inside),
            sum(amount), sum(quantity) FROM lines)
"""


def measure(customers: int) -> Figure:
    """The second time within five minutes the page has its figures from the cache."""
    connection = plain_connection()
    moment = counting.page_moment(timezone.now())

    def ours() -> list[float | None]:
        found = insights(RULE, counting.context(moment))
        inside, everyone = found.segment, found.everyone
        return [
            *_contacts(inside),
            *_contacts(everyone),
            *(inside.active, inside.orders, everyone.active, everyone.orders),
            *(inside.revenue, inside.units, everyone.revenue, everyone.units),
        ]

    def plain() -> list[float]:
        return [float(value) for value in by_hand_row(connection, SQL, moment)]

    agree(ours(), plain())
    times = side_by_side(ours, plain, before=forget)
    ours()
    kept = min(seconds(ours) for _ in range(REPEATS))
    figure = ratio("insights_ratio", *times, GOAL)
    return Figure(
        figure.name,
        figure.value,
        figure.unit,
        f"{figure.baseline}; from the cache {shown(kept)}",
        figure.goal,
    )


def _contacts(sums: Sums) -> tuple[int | None, ...]:
    return sums.customers, sums.email, sums.phone, sums.both
