"""A made-up brand of any size, with the demo's tables, computed by DuckDB row by row.

Everything about a customer, an order, an item follows from its number and the seed, so
nothing is kept in memory and the same numbers give the same brand. Phones are valid ones
of any exchange: they may be somebody's, so such a brand is only ever sent to a loopback
address.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from math import gcd
from pathlib import Path

import phonenumbers

from warehouse.demo import profile
from warehouse.demo.errors import SourceMissingError
from warehouse.demo.places import CITIES
from warehouse.scratch import scratch

MOST = 100_000_000  # customers
ORDERS_EACH = 3  # on average; a few buy most of it

DEPARTMENTS = {
    "Grocery": [
        "Soft drinks", "Coffee", "Tea", "Fluid milk products", "Cheese", "Yogurt", "Bag snacks",
        "Cold cereal", "Soup", "Frozen pizza", "Ice cream/milk/sherbts", "Baked bread/buns/rolls",
        "Cookies/cones", "Dry noodles/pasta", "Pasta sauce", "Cat food", "Dog foods", "Beers/ales",
    ],
    "Produce": ["Apples", "Potatoes", "Tomatoes", "Tropical fruit", "Salad mix", "Onions"],
    "Meat": ["Beef", "Chicken", "Pork", "Lunchmeat"],
    "Deli": ["Deli meats", "Cheeses", "Prepared foods"],
    "Drugstore": ["Candy - packaged", "Baby foods", "Diapers & disposables", "Vitamins"],
    "Cosmetics": ["Makeup and treatment", "Hair care products", "Fragrances"],
}  # fmt: skip
SIZES = ["6 oz", "12 oz", "16 oz", "32 oz", "1 lb", "2 lb", "12 pk", "2 ltr"]
NAMES = 300  # of each list that Faker ships
AGES = ["19-24", "25-34", "35-44", "45-54", "55-64", "65+"]
INCOMES = [
    "Under 15K", "15-24K", "25-34K", "35-49K", "50-74K", "75-99K", "100-124K", "125-149K",
    "150-174K", "175-199K", "200-249K", "250K+",
]  # fmt: skip

# draw(n, what): a number from 0 up to 1 that looks random, the same for the same arguments.
# pick(list, x): the element at the fraction x. permuted(n, ...): n's place in a shuffled row.
MACROS = """
    CREATE MACRO draw(n, what) AS
        (hash(xor(hash(n::BIGINT), hash(what || '{seed}'))) >> 11)::DOUBLE / 9007199254740992;
    CREATE MACRO pick(items, x) AS items[1 + CAST(floor(x * len(items)) AS INTEGER)];
    CREATE MACRO permuted(n, many, step) AS
        CAST((n::HUGEINT * step + {seed}) % many AS BIGINT);
    CREATE MACRO price(product) AS 0.49 + floor(draw(product, 'price') ** 3 * 1500) / 100;
    CREATE MACRO product_of(o, item) AS
        CAST(floor(draw(o * 4 + item, 'product') ** 2 * {products}) AS BIGINT);
    CREATE MACRO quantity_of(o, item) AS
        1 + CAST(floor(draw(o * 4 + item, 'quantity') ** 3 * 4) AS INT);
    CREATE MACRO amount(o, item) AS
        CAST(price(product_of(o, item)) * quantity_of(o, item) AS DECIMAL(10, 2));
"""
PEOPLE = """
    CREATE VIEW drawn AS
    SELECT range AS n, printf('c%09d', range) AS customer_id,
           pick({given_names}, draw(range, 'given')) AS given_name,
           pick({surnames}, draw(range, 'surname')) AS surname,
           pick({cities}, draw(range, 'city')) AS place,
           draw(range, 'known') < 0.7 AS known,
           draw(range, 'email') AS email_draw, draw(range, 'phone') AS phone_draw,
           -- one in fifty has the phone of the customer before
           permuted(range - (draw(range, 'shared') < 0.02 AND range > 0)::INT,
                    {numbers}, {number_step}) AS number
    FROM range({customers});

    CREATE VIEW dialled AS
    SELECT *, pick({areas}, (number // 8000000) / {area_count}) AS area,
           2000000 + number % 8000000 AS local
    FROM drawn;

    CREATE VIEW people AS
    SELECT n, customer_id, given_name, surname,
           CASE WHEN draw(n, 'street') >= 0.03 THEN
               (1 + CAST(draw(n, 'house') * 9000 AS INT)) || ' '
               || pick({surnames}, draw(n, 'street')) || ' Street' END AS address,
           place.city AS city, place.state AS state,
           place.postal || printf('%02d', CAST(draw(n, 'postal') * 99 AS INT)) AS postal_code,
           CASE WHEN known THEN
               DATE '{today}' - CAST(19 * 366 + draw(n, 'born') * 65 * 365 AS INT) END
               AS birth_date,
           CASE WHEN email_draw < 0.06 THEN NULL
                WHEN email_draw < 0.08 THEN lower(given_name) || n || '@example'
                WHEN email_draw < 0.081 THEN lower(given_name) || n || '@staff.example.com'
                ELSE lower(given_name || '.' || surname) || n || '@example.com' END AS email,
           CASE WHEN phone_draw < 0.08 THEN NULL
                WHEN phone_draw < 0.10 THEN '555-' || printf('%04d', n % 10000)
                WHEN phone_draw < 0.80 THEN '+1' || area || local
                ELSE '(' || area || ') ' || (local // 10000) || '-'
                     || printf('%04d', local % 10000) END AS phone,
           CASE WHEN known THEN pick({ages}, draw(n, 'born')) END AS age,
           CASE WHEN known THEN pick({incomes}, draw(n, 'income')) END AS household_income,
           CASE WHEN known THEN pick(['Homeowner', 'Homeowner', 'Renter'], draw(n, 'home')) END
               AS home_ownership,
           CASE WHEN known THEN pick(['Married', 'Unmarried'], draw(n, 'married')) END
               AS marital_status,
           CASE WHEN known THEN pick(['1', '2', '2', '3', '4', '5+'], draw(n, 'size')) END
               AS household_size,
           CASE WHEN known THEN pick(['1 Adult Kids', '1 Adult No Kids', '2 Adults Kids',
               '2 Adults No Kids'], draw(n, 'composition')) END AS household_composition,
           CASE WHEN known THEN pick(['0', '0', '1', '2', '3+'], draw(n, 'children')) END
               AS children,
           draw(n, 'email yes') < 0.8 AS email_opt_in,
           CASE WHEN draw(n, 'sms') >= 0.05 THEN draw(n, 'sms yes') < 0.7 END AS sms_opt_in
    FROM dialled;
"""
ORDERS = """
    CREATE VIEW placed AS
    SELECT range AS o,
           permuted(CAST(floor(draw(range, 'buyer') ** 1.6 * {customers}) AS BIGINT),
                    {customers}, {customer_step}) AS n,
           1 + CAST(floor(draw(range, 'items') * 3) AS INT) AS item_count,
           -- the first order is yesterday's, so that the data ends there
           TIMESTAMP '{today}' - to_days(CASE WHEN range = 0 THEN 1
               ELSE 1 + CAST(floor(draw(range, 'day') * 365) AS INT) END)
               + to_seconds(28800 + CAST(draw(range, 'second') * 43200 AS INT)) AS order_datetime
    FROM range({orders});

    CREATE VIEW orders AS
    SELECT printf('o%010d', o) AS order_id, n, printf('c%09d', n) AS customer_id, order_datetime,
           CAST(amount(o, 0) + CASE WHEN item_count > 1 THEN amount(o, 1) ELSE 0 END
               + CASE WHEN item_count > 2 THEN amount(o, 2) ELSE 0 END AS DECIMAL(10, 2))
               AS order_value,
           CAST(0 AS DECIMAL(10, 2)) AS discount, CAST(item_count AS BIGINT) AS item_count,
           CAST(1 + CAST(floor(draw(n, 'store') * {stores}) AS INT) AS VARCHAR) AS store_id
    FROM placed;
"""
ORDER_ITEMS = """
    SELECT printf('o%010d-%d', o, item) AS order_item_id, printf('o%010d', o) AS order_id,
           printf('c%09d', n) AS customer_id, CAST(product_of(o, item) AS VARCHAR) AS product_id,
           order_datetime, CAST(quantity_of(o, item) AS BIGINT) AS quantity,
           amount(o, item) AS amount, CAST(0 AS DECIMAL(10, 2)) AS discount
    FROM placed, (FROM range(3) AS places(item)) WHERE item < item_count
"""
PRODUCTS = """
    SELECT CAST(range AS VARCHAR) AS product_id,
           kind.category || ', ' || pick({sizes}, draw(range, 'size')) AS product_name,
           kind.department AS department, kind.category AS category,
           kind.category AS product_type,
           CASE WHEN draw(range, 'brand') < 0.85 THEN 'National' ELSE 'Private' END AS brand,
           pick({sizes}, draw(range, 'size')) AS package_size,
           CAST(CAST(draw(range, 'maker') * 300 AS INT) AS VARCHAR) AS manufacturer_id
    FROM (SELECT range, {kinds}[1 + range % len({kinds})] AS kind FROM range({products}))
"""
STORES = """
    SELECT CAST(range AS VARCHAR) AS store_id, 'Store ' || range AS store_name,
           place.city AS city, place.state AS state
    FROM (SELECT range, pick({cities}, draw(range, 'store city')) AS place
          FROM range(1, {stores} + 1))
"""
CAMPAIGN_HISTORY = """
    SELECT printf('%d-%d', campaign, n) AS campaign_history_id, customer_id,
           'Coupon mailing ' || campaign AS campaign_name,
           pick(['Type A', 'Type B', 'Type C'], draw(campaign, 'type')) AS campaign_type,
           TIMESTAMP '{today}' - to_days(30 * CAST(campaign AS INT)) AS sent_at,
           CAST(floor(draw(n, 'coupons' || campaign) ** 6 * 4) AS BIGINT) AS coupons_redeemed,
           CASE WHEN floor(draw(n, 'coupons' || campaign) ** 6 * 4) > 0 THEN
               TIMESTAMP '{today}' - to_days(30 * CAST(campaign AS INT) - 7) END
               AS first_redeemed_at
    FROM (SELECT range AS n, printf('c%09d', range) AS customer_id FROM range({customers})),
         (FROM range(1, 6) AS mailings(campaign))
    WHERE draw(n, 'mailed' || campaign) < 0.1
"""


def write(folder: Path, customers: int, seed: int, today: date) -> Iterator[Path]:
    """Write the tables into the folder as Parquet, yielding each file once it is there.

    customers: from 1 to MOST. today: the day before which the data ends.
    """
    values = _values(customers, seed, today)
    with scratch() as connection:
        connection.execute(MACROS.format(**values))
        connection.execute(PEOPLE.format(**values))
        connection.execute(ORDERS.format(**values))
        tables = {
            "customer_360": profile.customer_360(gold=150, silver=90, bronze=25),
            "merged_customers": profile.MERGED_CUSTOMERS,
            "orders": "SELECT * EXCLUDE n FROM orders",
            "order_items": ORDER_ITEMS.format(**values),
            "products": PRODUCTS.format(**values),
            "stores": STORES.format(**values),
            "campaign_history": CAMPAIGN_HISTORY.format(**values),
        }
        for name, query in tables.items():
            path = folder / f"{name}.parquet"
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
            yield path


def _values(customers: int, seed: int, today: date) -> dict[str, object]:
    """What the queries are completed with: our own constants and numbers, as SQL."""
    if find_spec("faker") is None:
        raise SourceMissingError("faker")
    from faker.providers.person.en_US import Provider as Names

    areas = area_codes()
    numbers = len(areas) * 8_000_000
    kinds = [
        {"department": department, "category": category}
        for department, categories in DEPARTMENTS.items()
        for category in categories
    ]
    return {
        "seed": int(seed),
        "today": today.isoformat(),
        "customers": int(customers),
        "customer_step": _step(customers, (5**0.5 - 1) / 2),
        "orders": int(customers) * ORDERS_EACH,
        "numbers": numbers,
        "number_step": _step(numbers, 2**0.5 - 1),
        "areas": areas,
        "area_count": len(areas),
        "stores": max(3, min(500, customers // 2000)),
        "products": 2000,
        "kinds": kinds,
        "cities": [{"city": c, "state": s, "postal": p} for c, s, p, _ in CITIES],
        "given_names": list(Names.first_names)[:NAMES],
        "surnames": list(Names.last_names)[:NAMES],
        "sizes": SIZES,
        "ages": AGES,
        "incomes": INCOMES,
    }


def _step(many: int, share: float) -> int:
    """A step that visits each of many places once, and evenly where the share is irrational."""
    step = max(1, int(many * share))
    while gcd(step, many) != 1:
        step += 1
    return step


def area_codes() -> list[str]:
    """The area codes in which a US number of every exchange from 200 to 999 is valid."""
    return [
        str(area)
        for area in range(201, 990)
        if all(_is_american(f"+1{area}{local}") for local in ("2000000", "5559999", "9999999"))
    ]


def _is_american(number: str) -> bool:
    parsed = phonenumbers.parse(number, None)
    usual = phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    return (
        phonenumbers.is_valid_number_for_region(parsed, "US")
        and phonenumbers.number_type(parsed) == usual
    )
