"""What a segment is worth, against plain Python over the same small tables."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from segments.models import Metric
from segments.numbers import counting, metrics
from segments.numbers.insights import Insights, Sums, insights

NOW = datetime.now().replace(microsecond=0)
GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
NOBODY = GOLD | {"value": "Platinum"}
OWN = {
    "Orders ever": ({"event": "orders"}, "average"),
    "Largest order": ({"event": "orders", "measure": "highest"}, "highest"),
    "Score": ({"attribute": "customer_360.score"}, "average"),
    "Members": ({"attribute": "customer_360.member"}, "share"),
}


def tables(seed: int) -> dict[str, list[dict[str, Any]]]:
    """A small shop: orders with items; returned, undated and nobody's orders among them."""
    chance = random.Random(seed)
    people = [f"c{n}" for n in range(30)]
    maybe = lambda value: None if chance.random() < 0.2 else value  # noqa: E731
    orders = [
        {
            "order_id": f"o{n}",
            "customer_id": chance.choice([*people[:20], "stranger", None]),
            "order_datetime": maybe(
                NOW - timedelta(days=chance.choice([1, 30, 360, 370, -2, 900]))
            ),
            "order_value": maybe(float(chance.randint(0, 4000)) / 4),
            "is_returned": chance.random() < 0.1,
        }
        for n in range(60)
    ]
    return {
        "customer_360": [
            {
                "customer_id": who,
                "tier": chance.choice(["Gold", "Silver", None]),
                "score": maybe(chance.randint(0, 100)),
                "member": maybe(chance.random() < 0.5),
            }
            for who in people
        ],
        "merged_customers": [
            {
                "customer_id": who,
                "email": chance.choice([f"{who}@example.com", " ", None]),
                "phone": chance.choice([f"+120255501{who[1:]:>02}", None]),
            }
            for who in people[:25]
        ],
        "orders": orders,
        "order_items": [
            {
                "order_item_id": f"i{n}",
                "order_id": chance.choice(orders)["order_id"],
                "quantity": maybe(chance.randint(1, 5)),
            }
            for n in range(120)
        ],
    }


def by_hand(rows: dict[str, list[dict[str, Any]]], tier: str | None) -> Sums:
    """The same figures by loops; tier None: everyone."""
    inside = [row for row in rows["customer_360"] if tier is None or row["tier"] == tier]
    ids = {row["customer_id"] for row in inside}
    contacts = [row for row in rows["merged_customers"] if row["customer_id"] in ids]
    emails = {r["customer_id"] for r in contacts if (r["email"] or "").strip()}
    phones = {r["customer_id"] for r in contacts if r["phone"]}
    there = [r for r in rows["orders"] if r["customer_id"] in ids and not r["is_returned"]]
    past = [r for r in there if r["order_datetime"] is None or r["order_datetime"] <= NOW]
    year = [
        r for r in past if r["order_datetime"] and r["order_datetime"] > NOW - timedelta(days=365)
    ]
    in_year = {r["order_id"] for r in year}
    values = [r["order_value"] for r in past if r["order_value"] is not None]
    scores = [r["score"] for r in inside if r["score"] is not None]
    return Sums(
        customers=len(ids),
        email=len(emails),
        phone=len(phones),
        both=len(emails & phones),
        active=len({r["customer_id"] for r in year}),
        orders=len(year),
        revenue=sum(r["order_value"] or 0 for r in year),
        units=sum(r["quantity"] or 0 for r in rows["order_items"] if r["order_id"] in in_year),
        own={
            "Orders ever": len(past) / len(ids),
            "Largest order": max(values),
            "Score": sum(scores) / len(scores),
            "Members": sum(bool(r["member"]) for r in inside) / len(ids),
        },
    )


def told(rule: Any, *measures: metrics.Measure) -> Insights:
    return insights(rule, counting.context(), measures)


def own() -> list[metrics.Measure]:
    return [
        metrics.measure_of(Metric(name=name, measured=measured, aggregate=aggregate))
        for name, (measured, aggregate) in OWN.items()
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_figures_are_those_that_loops_give(warehouse, seed):
    rows = tables(seed)
    warehouse(rows)
    found = told(GOLD, *own())
    assert found.lacking == {}
    assert approximate(found.segment) == approximate(by_hand(rows, "Gold"))
    assert approximate(found.everyone) == approximate(by_hand(rows, None))


def test_postgresql_tells_the_same(postgres_warehouse):
    rows = tables(7)
    postgres_warehouse(rows)
    found = told(GOLD, *own())
    assert approximate(found.segment) == approximate(by_hand(rows, "Gold"))
    assert approximate(found.everyone) == approximate(by_hand(rows, None))


def approximate(sums: Sums) -> dict[str, Any]:
    names = [name for name in Sums.__dataclass_fields__ if name != "own"]
    plain = {name: getattr(sums, name) for name in names} | {"neither": sums.neither}
    return {name: pytest.approx(value) for name, value in (plain | dict(sums.own)).items()}


# Case 27: 1000 in 10 orders of 20 items, by 4 customers


def four_buyers() -> dict[str, list[dict[str, Any]]]:
    orders = [
        {
            "order_id": f"o{n}",
            "customer_id": f"c{n % 4}",
            "order_datetime": NOW - timedelta(days=n + 1),
            "order_value": 100.0,
        }
        for n in range(10)
    ]
    return {
        "customer_360": [{"customer_id": f"c{n}", "tier": "Gold"} for n in range(4)],
        "orders": orders,
        "order_items": [
            {"order_item_id": f"i{n}", "order_id": f"o{n // 2}", "quantity": 1} for n in range(20)
        ],
    }


def test_a_revenue_tree_multiplies_out(warehouse):
    warehouse(four_buyers())
    found = told(GOLD).segment
    assert (found.customers, found.orders, found.revenue, found.units) == (4, 10, 1000, 20)
    assert (found.revenue_each, found.orders_each) == (250, 2.5)
    assert (found.order_value, found.units_each, found.unit_revenue) == (100, 2, 50)


def order_lines() -> list[dict[str, Any]]:
    """Two lines of 50 for each of those orders, with all that an order says itself."""
    return [
        {
            "line_id": f"l{n}",
            "order_id": f"o{n // 2}",
            "customer_id": f"c{n // 2 % 4}",
            "order_datetime": NOW - timedelta(days=n + 1),
            "item_revenue": 50.0,
            "quantity": 1,
        }
        for n in range(20)
    ]


def test_orders_are_told_apart_in_a_table_of_lines(warehouse):
    warehouse({"customer_360": four_buyers()["customer_360"], "order_items": order_lines()})
    found = told(GOLD).segment
    assert (found.active, found.orders, found.revenue, found.units) == (4, 10, 1000, 20)


def test_orders_are_read_rather_than_their_lines(warehouse):
    """An order's value may hold what none of its lines does, such as postage."""
    rows = four_buyers() | {"order_items": order_lines()}
    for order in rows["orders"]:
        order["order_value"] += 5
    warehouse(rows)
    found = told(GOLD).segment
    assert (found.active, found.orders, found.revenue, found.units) == (4, 10, 1050, 20)


def test_division_by_zero_has_no_answer(warehouse):
    warehouse(four_buyers())
    nobody = told(NOBODY).segment
    assert (nobody.customers, nobody.orders, nobody.revenue) == (0, 0, 0)
    assert nobody.order_value is nobody.orders_each is nobody.revenue_each is None
    assert nobody.units_each is nobody.unit_revenue is None


def test_what_the_data_cannot_tell_is_named_and_is_not_0(warehouse):
    rows = four_buyers()
    for row in rows["orders"]:
        del row["order_value"]
    del rows["order_items"]
    warehouse(rows)
    found = told(GOLD)
    assert found.segment.revenue is found.segment.units is None
    assert (found.segment.active, found.segment.orders) == (4, 10)
    assert found.lacking["revenue"] == "not available: needs an order value column"
    assert found.lacking["units"] == "not available: needs a quantity column"


def test_without_orders_the_rest_is_told(warehouse):
    warehouse({"customer_360": four_buyers()["customer_360"]})
    found = told(GOLD)
    assert found.segment == Sums(4)
    assert found.lacking["active"] == "not available: needs a table of orders"


def test_an_own_metric_that_lost_its_column_is_named_beside_the_others(warehouse):
    warehouse(four_buyers())
    lost = metrics.measure_of(
        Metric(name="Old", measured={"attribute": "customer_360.gone"}, aggregate="average")
    )
    found = told(GOLD, lost)
    assert found.segment.customers == 4
    assert "gone" in found.lacking["Old"]


def test_all_figures_come_from_one_query_that_is_asked_once(warehouse, monkeypatch):
    source = warehouse(four_buyers())
    context = counting.context(counting.page_moment())
    asked = []
    fetch = type(source).fetch
    monkeypatch.setattr(
        type(source), "fetch", lambda self, *given: asked.append(1) or fetch(self, *given)
    )
    first = insights(GOLD, context, own()[:1])
    assert insights(GOLD, context, own()[:1]) == first
    assert len(asked) == 1


# Own metrics


@pytest.mark.django_db
def test_the_eleventh_metric_is_refused():
    for n in range(metrics.MOST):
        metrics.save(Metric(name=f"Metric {n}", measured={"event": "orders"}, aggregate="average"))
    with pytest.raises(metrics.TooManyMetricsError, match="10 own metrics"):
        metrics.save(Metric(name="One more", measured={"event": "orders"}, aggregate="average"))
    assert [metric.position for metric in Metric.objects.all()] == list(range(1, 11))
