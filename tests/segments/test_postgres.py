"""The same rules mean the same on PostgreSQL, read with an account that may only read."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segments.compile import Context, members, to_query
from segments.numbers import membership
from segments.rules import check
from segments.rules.operators import OPERATORS, Shape
from tests.segments import shop
from tests.segments.oracle import Brand

NOW = datetime(2026, 11, 1, 6, 15, tzinfo=ZoneInfo("UTC"))  # 01:15 for the second time


def one_of_each(now=NOW, zone=shop.ZONE):
    """A customer for each text, and around each border of days."""
    moments = [
        now + timedelta(days=days, minutes=minutes)
        for days in (-366, -365, -31, -30, -7, -1, 0, 1, 7, 30)
        for minutes in (-200, 0, 60)
    ]
    count = max(len(shop.TEXTS), len(moments))
    people = [f"c{n}" for n in range(count)]
    texts = [*shop.TEXTS, *[None] * (count - len(shop.TEXTS))]
    customers = [
        {
            "customer_id": who,
            "tier": texts[n],
            "score": [*shop.NUMBERS, None][n % 8],
            "born": [date(2000, 2, 29), (now - timedelta(days=n)).date(), None][n % 3],
            "seen": shop.clock(moments[n % len(moments)], zone),
            "joined": moments[-n % len(moments)],
            "vip": [True, False, None][n % 3],
        }
        for n, who in enumerate(people)
    ]
    orders = [
        {
            "order_id": f"{'oO'[n % 2]}{n}",
            "customer_id": people[n % 7],
            "order_time": [shop.clock(m, zone), None][n % 9 > 7],
            "order_value": [*shop.NUMBERS, None][n % 8],
            "returned": [None, False, False, True][n % 4],
            "channel": texts[n],
            "store_id": ["s1", "s2", None, "s9"][n % 4],
        }
        for n, m in enumerate(moments)
    ]
    items = [
        {
            "item_id": n,
            "order_id": orders[n // 2]["order_id"] if n % 5 else None,
            "product_id": ["p1", "p2", "p9", None][n % 4],
            "quantity": [*shop.NUMBERS, None][n % 8],
        }
        for n in range(40)
    ]
    return {
        "customer_360": customers,
        "merged_customers": [{"customer_id": w, "email": texts[-n]} for n, w in
                             enumerate(people[:12])],
        "orders": [*orders, *orders[:2]],
        "order_items": items,
        "products": [
            {"product_id": "p1", "category": "Coffee ", "launched": date(2025, 11, 1)},
            {"product_id": "p1", "category": "Coffee ", "launched": date(2025, 11, 1)},
            {"product_id": "p2", "category": "tea", "launched": None},
        ],
        "stores": [{"store_id": "s1", "city": "istanbul"}, {"store_id": "s2", "city": ""}],
        "visits": [{"visitor": people[n % 5], "at": m, "page": texts[n]} for n, m in
                   enumerate(moments)],
        "coupons": [
            {"code": f"k{n}", "customer_id": people[n % 4], "cancelled": [None, True, False][n % 3],
             "used": m.date()}
            for n, m in enumerate(moments)
        ],
    }  # fmt: skip


VALUES = {
    "text": ["coffee", "TEA", shop.GREEK.upper(), "istanbul", "stra\u00dfe", " ", "%_", "a\\b"],
    "number": [2, 2.5, 0],
    "date": ["today", "2026-10-31", {"days_ago": 7}, "2026-11-01 01:30", "2026-11-01T06:15:00Z"],
}
VALUES["time"] = VALUES["date"]
SPANS = [{"n": 1, "unit": "months"}, {"n": 0, "unit": "days"}, {"n": 1, "unit": "years"}]


def rules():
    columns = [
        (f"{table.name}.{column.name}", column.type)
        for table in shop.CATALOGUE.tables.values()
        if table.one_per_customer
        for column in table.columns.values()
    ]
    for attribute, kind in columns:
        for operator, shape in OPERATORS[kind].items():
            values = {
                Shape.ONE: VALUES.get(kind, []),
                Shape.MANY: [VALUES.get(kind, [])[:2]],
                Shape.PAIR: [[0, 2]] if kind == "number" else [["2026-10-25", "today"]],
                Shape.PATTERN: shop.PATTERNS,
                Shape.SPAN: SPANS,
                Shape.PERIOD: ["week", "quarter"],
                Shape.NOTHING: [None],
            }[shape]
            for value in values:
                node = {"attribute": attribute, "operator": operator}
                yield node | ({} if value is None else {"value": value})
                if kind == "text" and shape is not Shape.NOTHING:
                    yield node | {"value": value, "ignore_case": False}
    coffee = {"attribute": "products.category", "operator": "is", "value": "coffee"}
    not_tea = {"attribute": "products.category", "operator": "is_not", "value": "tea"}
    yield {"event": "orders", "where": coffee, "period": {"last": 1, "unit": "years"}}
    yield {"event": "orders", "where": not_tea, "operator": "between", "value": [1, 3]}
    yield {"event": "orders", "operator": "is", "value": 0}
    for which in ("first", "last", "repeat"):
        yield {"event": "orders", "which": which, "where": not_tea}
        yield {"event": "visits", "which": which, "period": {"last": 7, "unit": "days"}}
    for measure in ("total", "average", "lowest", "highest"):
        node = {"event": "orders", "measure": measure, "operator": "at_most", "value": 3}
        yield node
        yield node | {"of": "order_items.quantity", "where": coffee}
    for measure in ("first", "last"):
        for event in ("orders", "visits", "coupons"):
            yield {
                "event": event,
                "measure": measure,
                "operator": "is_not_in_last",
                "value": SPANS[0],
            }
    for of in ("orders.channel", "products.category", "stores.city"):
        yield {
            "event": "orders",
            "measure": "most_frequent",
            "of": of,
            "operator": "is_in",
            "value": ["coffee", "istanbul", "tea"],
        }
    yield {"all": [{"segment": "Buyers"}, {"none": [{"event": "coupons"}]}]}
    many = [f"value {n}" for n in range(300)]
    yield {"attribute": "customer_360.tier", "operator": "is_in", "value": ["coffee", *many]}


def test_postgresql_finds_whom_the_words_describe(postgres_warehouse):
    rows = one_of_each()
    engine = postgres_warehouse(shop.arrow(rows))
    brand = Brand(shop.CATALOGUE, rows, NOW, shop.ZONE, shop.SEGMENTS, shop.LISTS)
    asked = 0
    for rule in rules():
        assert check(rule, shop.CATALOGUE, shop.SEGMENTS) == []
        context = Context(shop.CATALOGUE, NOW, shop.ZONE, shop.SEGMENTS)
        query = to_query(members(rule, context), context, engine.dialect)
        found = [row[0] for row in engine.fetch(query)]
        assert sorted(found) == sorted(brand.members(rule)), rule
        asked += 1
    assert asked > 200


def drawn(strategy, count):
    """The first values of a strategy, the same each time."""
    found = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(strategy)
    def keep(value):
        found.append(value)

    keep()
    return found


def trees():
    """Random rules in groups of groups."""
    words = st.sampled_from(["all", "any", "none"])
    many = st.lists(shop.rules, min_size=1, max_size=3)
    nested = st.builds(
        lambda outer, word, rules, rule: {outer: [{word: rules}, rule]},
        *(words, words, many, shop.rules),
    )
    return nested.filter(lambda rule: not check(rule, shop.CATALOGUE, shop.SEGMENTS, shop.LISTS))


def shuffled(rows, seed):
    """The same values, each column's in a random order."""
    chance = random.Random(seed)
    orders = [*{row["order_id"]: row for row in rows["orders"]}.values()]
    made = {}
    for name, whole in {**rows, "orders": orders}.items():
        columns = {column: [row[column] for row in whole] for column in whole[0]}
        for values in columns.values():
            chance.shuffle(values)
        made[name] = [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
    return {**made, "products": rows["products"], "orders": [*made["orders"], made["orders"][0]]}


@pytest.fixture(scope="module")
def random_trees():
    return drawn(trees(), 80)


@pytest.mark.parametrize("number", range(4))
def test_random_trees_find_the_same_customers_on_both_engines(
    postgres_warehouse, warehouse, marketer, random_trees, number
):
    now, zone = [(NOW, shop.ZONE), *shop.ELSEWHERE[2:5]][number]
    rows = shuffled(one_of_each(now, zone), number)
    digests = {
        name: membership.store(name, values, marketer).digest for name, values in shop.LISTS.items()
    }
    brand = Brand(shop.CATALOGUE, rows, now, zone, shop.SEGMENTS, shop.LISTS)
    # What holds for all values is known of the embedded warehouse alone.
    engines = [
        (warehouse(shop.arrow(rows)), shop.surveyed(rows)),
        (postgres_warehouse(shop.arrow(rows)), shop.CATALOGUE),
    ]
    for rule in random_trees[number::4]:
        described = sorted(brand.members(rule))
        for engine, catalogue in engines:
            context = Context(catalogue, now, zone, shop.SEGMENTS, digests)
            query = to_query(members(rule, context), context, engine.dialect)
            found = sorted(row[0] for row in engine.fetch(query))
            assert found == described, (engine.dialect, rule)


@pytest.mark.parametrize("pattern", [r"\bb", "(?P<n>tea)$", "a.b", "[b]c"])
def test_a_pattern_means_the_same_on_both_engines(postgres_warehouse, warehouse, pattern):
    rows = one_of_each()
    rule = {"attribute": "customer_360.tier", "operator": "matches", "value": pattern}
    found = []
    for fill in (warehouse, postgres_warehouse):
        engine = fill(shop.arrow(rows))
        context = Context(shop.CATALOGUE, NOW, shop.ZONE)
        query = to_query(members(rule, context), context, engine.dialect)
        found.append(sorted(engine.fetch(query)))
    assert found[0] == found[1]
