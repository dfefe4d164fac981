"""How a segment spreads over an attribute, against counting each bar by itself."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from segments.numbers import counting
from segments.numbers.breakdown import NoPurchasesError, NoSuchAttributeError, breakdown

SEGMENT = {"attribute": "customer_360.tier", "operator": "is_not", "value": "Silver"}
ATTRIBUTES = ("tier", "town", "score", "children", "spent", "born", "seen", "joined", "member")

PURCHASES = ("orders", "spent")

BORN = pa.schema([("customer_id", "string"), ("score", "float64"), ("born", "date32")])


def rows() -> list[dict]:
    chance = random.Random(11)
    now = datetime(2026, 11, 20, 2, tzinfo=UTC)

    def maybe(value):
        return None if chance.random() < 0.1 else value

    return [
        {
            "customer_id": f"c{n}",
            "tier": chance.choice(["Gold", "gold ", "Silver", " ", None]),
            "town": f"Town {min(int(chance.expovariate(0.15)), 40)}",
            "score": maybe(chance.gauss(50, 20)),
            "children": maybe(chance.randint(0, 3)),
            "spent": chance.expovariate(0.01),
            "born": maybe(date(chance.randint(1930, 2008), chance.randint(1, 12), 1)),
            "seen": (now - timedelta(hours=chance.randint(0, 5000))).replace(tzinfo=None),
            "joined": maybe(now - timedelta(days=chance.randint(0, 900))),
            "member": maybe(chance.random() < 0.3),
        }
        for n in range(200)
    ]


def orders() -> list[dict]:
    """Some buy often, some dear, some never or long ago."""
    chance = random.Random(5)
    now = datetime.now(UTC)
    return [
        {
            "order_id": f"o{n}",
            "customer_id": f"c{min(int(chance.expovariate(0.03)), 190)}",
            "order_datetime": now - timedelta(days=chance.randint(1, 500)),
            "amount": round(chance.expovariate(0.02), 2),
        }
        for n in range(900)
    ]


def the_bars_hold(attribute: str) -> None:
    """Each bar counts those whom its criterion finds; together they are everyone."""
    context = counting.context()
    found = breakdown(SEGMENT, attribute, context)
    assert found.everyone == 200
    assert found.customers == counting.count(SEGMENT, context)
    assert 1 < len(found.bars) <= 14
    for bar in found.bars:
        if bar.criterion is not None:
            assert bar.everyone == counting.count(bar.criterion, context), bar
            both = {"all": [SEGMENT, bar.criterion]}
            assert bar.customers == counting.count(both, context), bar


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_a_bar_counts_whom_its_criterion_finds(warehouse, settings, attribute):
    settings.TIME_ZONE = "America/New_York"
    warehouse({"customer_360": rows()})
    the_bars_hold(f"customer_360.{attribute}")


def test_bars_are_the_same_in_postgresql(postgres_warehouse, settings):
    settings.TIME_ZONE = "America/New_York"
    postgres_warehouse({"customer_360": rows()})
    for attribute in ATTRIBUTES:
        the_bars_hold(f"customer_360.{attribute}")


def test_values_stand_together_whatever_their_case_the_rest_in_one_bar(warehouse):
    warehouse({"customer_360": rows()})
    context = counting.context()
    tiers = breakdown({"all": []}, "customer_360.tier", context).bars
    assert {bar.label.lower() for bar in tiers} == {"gold", "silver", "no value"}
    towns = breakdown({"all": []}, "customer_360.town", context).bars
    assert towns[-1].label.endswith("other values")
    assert towns[-1].criterion is None


def test_nobody_has_bars_too(warehouse):
    unborn = pa.Table.from_pylist([row | {"born": None} for row in rows()], BORN)
    warehouse({"customer_360": unborn})
    context = counting.context()
    found = breakdown({"any": []}, "customer_360.score", context)
    assert (found.customers, found.everyone) == (0, 200)
    (blank,) = breakdown({"all": []}, "customer_360.born", context).bars
    assert (blank.label, blank.customers) == ("No value", 200)


def test_how_often_and_how_much_was_bought_in_a_year_are_bars_too(warehouse):
    warehouse({"customer_360": rows(), "orders": orders()})
    for attribute in PURCHASES:
        the_bars_hold(attribute)


def the_revenue_is_that_of_the_bars_customers() -> None:
    since = datetime.now(UTC) - timedelta(days=365)
    spent: dict[str, float] = {}
    for order in orders():
        if order["order_datetime"] > since:
            spent[order["customer_id"]] = spent.get(order["customer_id"], 0) + order["amount"]
    tier = {row["customer_id"]: (row["tier"] or "").strip().lower() for row in rows()}
    found = breakdown(SEGMENT, "customer_360.tier", counting.context(), revenue=True)
    for bar in found.bars:
        name = "" if bar.key == "blank" else bar.label.lower()
        bought = sum(amount for who, amount in spent.items() if tier[who] == name)
        assert bar.counts.all_revenue == pytest.approx(bought), bar
        assert bar.counts.revenue == pytest.approx(0 if name == "silver" else bought), bar
    assert found.whole.all_revenue == pytest.approx(sum(spent.values()))
    for attribute in PURCHASES:
        again = breakdown(SEGMENT, attribute, counting.context(), revenue=True).whole
        assert again == pytest.approx(found.whole)


def test_the_revenue_is_that_of_the_bars_customers(warehouse):
    warehouse({"customer_360": rows(), "orders": orders()})
    the_revenue_is_that_of_the_bars_customers()


def test_the_revenue_is_the_same_in_postgresql(postgres_warehouse):
    postgres_warehouse({"customer_360": rows(), "orders": orders()})
    the_revenue_is_that_of_the_bars_customers()
    for attribute in PURCHASES:
        the_bars_hold(attribute)


def test_without_orders_there_is_no_revenue_to_break_down(warehouse):
    warehouse({"customer_360": rows()})
    for attribute, asked in (("orders", False), ("spent", False), ("customer_360.tier", True)):
        with pytest.raises(NoPurchasesError, match="Not available: needs a table of orders"):
            breakdown(SEGMENT, attribute, counting.context(), revenue=asked)


@pytest.mark.parametrize("attribute", ["customer_360.gone", "orders.order_id", "", "."])
def test_an_attribute_that_is_not_there_is_named(warehouse, attribute):
    warehouse({"customer_360": rows()})
    with pytest.raises(NoSuchAttributeError, match="no attribute"):
        breakdown(SEGMENT, attribute, counting.context())
