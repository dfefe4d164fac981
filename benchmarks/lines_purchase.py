"""lines_purchase_ratio: what each of ten lines costs when some of them are about purchases."""

from __future__ import annotations

from typing import Any

from benchmarks import lines
from benchmarks.figure import Figure

GOAL = 1.5
RULE: dict[str, Any] = {
    "all": [
        *lines.RULE["all"][:2],
        {
            "event": "orders",
            "where": {"attribute": "products.category", "operator": "is", "value": "Soft drinks"},
            "period": {"last": 180, "unit": "days"},
            "operator": "at_least",
            "value": 1,
        },
        {
            "event": "orders",
            "measure": "total",
            "period": {"last": 365, "unit": "days"},
            "operator": "at_least",
            "value": 50,
        },
        lines.RULE["all"][2],
        {
            "none": [
                {
                    "event": "orders",
                    "period": {"last": 7, "unit": "days"},
                    "operator": "at_least",
                    "value": 1,
                },
                {"attribute": "customer_360.sms_opt_in", "operator": "is_false"},
            ]
        },
    ]
}
SQL = """
    SELECT count(*) FROM customer_360
    WHERE email_opt_in AND birth_date < DATE '2000-01-01'
        AND (household_income IN ('50-74K', '75-99K') OR home_ownership = 'Renter'
             OR children = '0')
        AND NOT coalesce(NOT sms_opt_in, false)
        AND customer_id IN (
            SELECT o.customer_id
            FROM orders o JOIN order_items i USING (order_id) JOIN products p USING (product_id)
            WHERE p.category = 'Soft drinks'
                AND o.order_datetime >= $today - INTERVAL 180 DAY AND o.order_datetime <= $now)
        AND customer_id IN (
            SELECT customer_id FROM orders
            WHERE order_datetime >= $today - INTERVAL 365 DAY AND order_datetime <= $now
            GROUP BY customer_id HAVING sum(order_value) >= 50)
        AND customer_id NOT IN (
            SELECT customer_id FROM orders
            WHERE order_datetime >= $today - INTERVAL 7 DAY AND order_datetime <= $now)
"""


def measure(customers: int) -> Figure:
    return lines.beside("lines_purchase_ratio", RULE, SQL, GOAL)
