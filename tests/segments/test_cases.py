"""What marketers expect of rules, one case each: given customers, a rule, who matches.

Where the rule language decides otherwise than the product these expectations came from, the
case says so: a blank is a value that is missing, however it is stored, and it matches a
negative; no orders are fewer than five.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from segments.compile import Context, members, to_query
from segments.numbers import counting
from segments.rules import check
from warehouse.catalogue import current
from warehouse.engines import engine

NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)


@pytest.fixture
def people(warehouse):
    """Customers c0, c1... of whom one attribute is given."""

    def fill(name: str, values: list[Any]) -> None:
        ids = [f"c{n}" for n in range(len(values))]
        warehouse({"customer_360": {"customer_id": ids, name: values}})

    return fill


@pytest.fixture
def shop(warehouse):
    """Customers by name and their orders: (customer, days ago, value, category, returned)."""

    def fill(customers: str, orders: list[tuple[str, int, float, str, bool]]) -> None:
        warehouse(
            {
                "customer_360": {"customer_id": customers.split()},
                "orders": [
                    {
                        "order_id": f"o{n}",
                        "customer_id": who,
                        "order_datetime": NOW - timedelta(days=days),
                        "order_value": value,
                        "category": category,
                        "is_returned": returned,
                    }
                    for n, (who, days, value, category, returned) in enumerate(orders)
                ],
            }
        )

    return fill


def who(rule: Any, now: datetime = NOW, zone: str = "UTC") -> set[str]:
    context = Context(current(), now, zone)
    query = to_query(members(rule, context), context, engine().dialect)
    return {row[0] for row in engine().fetch(query)}


def of(column: str, operator: str, value: Any = None) -> dict[str, Any]:
    asked = {"attribute": f"customer_360.{column}", "operator": operator}
    return asked if value is None else {**asked, "value": value}


def bought(operator: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"event": "orders", "operator": operator, "value": value, **more}


def category(name: str) -> dict[str, Any]:
    return {"attribute": "orders.category", "operator": "is", "value": name}


# Attributes


def test_1_a_phone_that_is_null_or_nothing_but_blanks_is_missing(people):
    people("phone", [None, " ", "", *(f"+1202555{n:04}" for n in range(97))])
    assert len(who(of("phone", "is_blank"))) == 3
    assert len(who(of("phone", "is_not_blank"))) == 97


def test_2_no_is_not_the_same_as_unknown(people):
    people("opted_in", [True, False, None])
    assert who(of("opted_in", "is_false")) == {"c1"}


def test_3_is_not_takes_in_the_blanks_and_they_can_be_left_out(people):
    people("state", [None] * 4 + ["CA"] * 3 + ["WA"] * 3)
    elsewhere = of("state", "is_not", "CA")
    assert len(who(elsewhere)) == 7
    assert len(who({"all": [elsewhere, of("state", "is_not_blank")]})) == 3


def test_4_capitals_make_no_difference(people):
    people("city", ["chicago", "Chicago", "Boston"])
    assert who(of("city", "is", "CHICAGO")) == {"c0", "c1"}


def test_5_between_takes_in_both_ends(people):
    people("score", [10, 11, 12, 13])
    assert who(of("score", "between", [10, 12])) == {"c0", "c1", "c2"}
    assert who(of("score", "is_not_between", [10, 12])) == {"c3"}


def test_6_before_a_day_is_not_on_it(people):
    people("joined", [date(2022, 8, 12)])
    assert who(of("joined", "is_before", "2022-08-12")) == set()
    assert who(of("joined", "is_on_or_before", "2022-08-12")) == {"c0"}


def test_7_thirty_days_ago_begins_at_midnight(people):
    people("seen", [datetime(2022, 12, 13), datetime(2022, 12, 12, 23, 59, 59)])
    since = of("seen", "is_on_or_after", {"days_ago": 30})
    assert who(since, datetime(2023, 1, 12, 9, tzinfo=UTC)) == {"c0"}


def test_8_a_month_before_the_31st_of_march_is_the_last_of_february(people):
    people("seen", [datetime(2023, 2, 28), datetime(2023, 2, 27, 23, 59)])
    lately = of("seen", "is_in_last", {"n": 1, "unit": "months"})
    assert who(lately, datetime(2023, 3, 31, 9, tzinfo=UTC)) == {"c0"}


# Groups


@pytest.fixture
def towns(warehouse):
    places = [("Seattle", "WA"), ("Portland", "OR"), ("Portland", "ME"), ("Chicago", "IL")]
    warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n}", "city": city, "state": state}
                for n, (city, state) in enumerate([*places, ("Peoria", "IL")])
            ]
        }
    )


def test_9_groups_nest_as_they_are_written(towns):
    seattle = {"all": [of("city", "is", "Seattle"), of("state", "is", "WA")]}
    portland = {"all": [of("city", "is", "Portland"), of("state", "is", "OR")]}
    assert who({"any": [seattle, portland]}) == {"c0", "c1"}
    assert who({"all": [seattle, portland]}) == set()


def test_10_who_is_left_out_is_out(towns):
    illinois, chicago = of("state", "is", "IL"), of("city", "is", "Chicago")
    assert who({"all": [illinois, {"none": [chicago]}]}) == {"c4"}


def test_11_either_of_what_leaves_out_leaves_out(towns):
    out = {"none": [of("city", "is", "Chicago"), of("city", "is", "Portland")]}
    assert who({"all": [out]}) == {"c0", "c4"}


# Purchases


def test_12_a_returned_order_is_no_order(shop):
    shop("ann", [("ann", 3, 5, "Tea", False), ("ann", 2, 5, "Tea", True), ("ann", 1, 5, "", False)])
    assert who(bought("greater_than", 2)) == set()
    assert who(bought("is", 2)) == {"ann"}


def test_13_no_orders_are_fewer_than_five(shop):
    shop("ann bo", [("bo", 1, 5, "Tea", False)])
    assert who(bought("less_than", 5)) == {"ann", "bo"}
    assert who(bought("is", 0)) == {"ann"}


def test_14_the_more_is_asked_of_a_purchase_the_more_people_have_none(shop):
    shop("ann bo cy", [("ann", 1, 5, "Tea", False), ("bo", 1, 5, "Coffee", False)])
    assert who(bought("is", 0)) == {"cy"}
    assert who(bought("is", 0, where=category("Tea"))) == {"bo", "cy"}


def test_15_an_order_is_repeated_however_long_ago_the_first_was(shop):
    shop("ann bo", [("ann", 3650, 5, "", False), ("ann", 7, 5, "", False), ("bo", 7, 5, "", False)])
    again = {"which": "repeat", "period": {"last": 1, "unit": "months"}}
    assert who(bought("at_least", 1, **again)) == {"ann"}


def test_16_of_two_categories_bought_as_often_both_are_the_most_frequent(shop):
    shop("ann", [("ann", n, 5, kind, False) for n, kind in enumerate(["Tea", "Tea", "Ale", "Ale"])])
    for each in ("Tea", "Ale"):
        favourite = {"measure": "most_frequent", "of": "orders.category"}
        assert who(bought("is", each, **favourite)) == {"ann"}


def test_17_the_most_frequent_of_nothing_is_a_fault_of_that_field(shop):
    shop("ann", [("ann", 1, 5, "Tea", False)])
    asked = bought("is", "Tea", measure="most_frequent")
    assert [fault.path for fault in check(asked, current())] == ["of"]


def test_18_exactly_a_hundred_is_not_more_than_a_hundred(shop):
    shop("ann", [("ann", 1, 60.1, "", False), ("ann", 2, 39.9, "", False)])
    assert who(bought("greater_than", 100, measure="total")) == set()
    assert who(bought("is", 100, measure="total")) == {"ann"}


def test_counts_are_of_people_and_each_is_counted_once(shop):
    shop("ann bo", [("ann", n, 5, "Tea", False) for n in range(4)])
    context = Context(current(), NOW, "UTC")
    assert counting.count({"any": [bought("at_least", 1), bought("at_least", 2)]}, context) == 1
