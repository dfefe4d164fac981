"""The two tables about customers, made from who they are and what they bought.

Takes ``people`` and ``orders`` of a DuckDB connection, joined by the number ``n`` of a customer.
"""

from __future__ import annotations

import duckdb

MERGED_CUSTOMERS = """
    SELECT customer_id, given_name, surname, email, phone, address, city, state, postal_code,
           'US' AS country, birth_date
    FROM people
"""

# Tiers are by a year's spending; who spends little is no member and has none.
CUSTOMER_360 = """
    WITH spending AS (
        SELECT n, count(*) AS orders, sum(order_value) AS value,
               min(order_datetime) AS first_at, max(order_datetime) AS latest_at,
               mode(store_id) AS store_id
        FROM orders GROUP BY n
    )
    SELECT customer_id, given_name, surname, city, state, postal_code, birth_date,
           age, household_income, home_ownership, marital_status, household_size,
           household_composition, children,
           CASE WHEN value >= {gold} THEN 'Gold' WHEN value >= {silver} THEN 'Silver'
                WHEN value >= {bronze} THEN 'Bronze' END AS loyalty_tier,
           email_opt_in, sms_opt_in,
           store_id AS preferred_store_id,
           first_at AS first_order_datetime,
           latest_at AS latest_order_datetime,
           coalesce(orders, 0) AS lifetime_orders,
           CAST(coalesce(value, 0) AS DECIMAL(12, 2)) AS lifetime_value,
           CAST(value / orders AS DECIMAL(12, 2)) AS average_order_value
    FROM people LEFT JOIN spending USING (n)
"""


def customer_360(gold: int, silver: int, bronze: int) -> str:
    """The query for Customer 360. gold, silver, bronze: what a tier asks for, in dollars."""
    return CUSTOMER_360.format(gold=gold, silver=silver, bronze=bronze)


def amounts(connection: duckdb.DuckDBPyConnection, *shares: float) -> list[int]:
    """What the top share of buyers (0.1: a tenth) spent at least, in whole dollars."""
    (amounts,) = connection.execute(
        "SELECT quantile_cont(value, $ranks) "
        "FROM (SELECT sum(order_value) AS value FROM orders GROUP BY n)",
        {"ranks": [1 - share for share in shares]},
    ).fetchall()[0]
    return [round(amount) for amount in amounts]
