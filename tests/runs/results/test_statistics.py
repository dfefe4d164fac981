"""The figures of results, against known examples and against chance itself."""

import random
from math import sqrt

import pytest

from runs.results.statistics import (
    Outcome,
    conversion,
    newcombe,
    revenue,
    too_small,
    wilson,
)


def outcome(people, purchasers, each=30.0):
    spent = purchasers * each
    return Outcome(people, purchasers, purchasers, spent, purchasers * each**2, purchasers * 2.0)


def test_each_figure_is_the_quotient_that_its_name_says():
    told = Outcome(people=4, purchasers=2, orders=5, revenue=100.0, squares=5_200.0, items=20.0)
    assert told.conversion == 0.5
    assert told.revenue_each == 25
    assert told.order_value == 20
    assert told.item_revenue == 5
    assert told.orders_each == 2.5
    assert told.items_each == 4
    assert told.deviation == pytest.approx(sqrt((5_200 - 100**2 / 4) / 3))


def test_nobody_has_no_figures():
    nobody = Outcome(0, 0, 0, 0.0, 0.0, 0.0)
    assert nobody.conversion is nobody.revenue_each is nobody.order_value is nobody.deviation
    assert nobody.deviation is None


def test_incremental_revenue_is_the_difference_a_person_times_those_treated():
    treated = Outcome(75_000, 1_000, 1_000, 75_000 * 0.11, 200_000.0)
    control = Outcome(75_000, 600, 600, 75_000 * 0.068, 150_000.0)
    found = revenue(treated, control)
    assert found.whole.value == pytest.approx(3_150)
    assert found.apart.value == pytest.approx(0.042)
    assert found.lift.value == pytest.approx(0.042 / 0.068)


def test_the_interval_of_a_share_is_wilsons():
    low, high = wilson(10, 100)  # as printed in many tables
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert wilson(0, 50)[0] == 0
    assert wilson(50, 50)[1] == 1


def test_the_interval_of_a_difference_is_newcombes():
    found = newcombe(56, 70, 48, 80)  # his own example
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (
        0.2,
        0.0524,
        0.3339,
    )


@pytest.mark.parametrize(
    ("treated", "control", "small"),
    [
        (outcome(99, 50), outcome(5_000, 50), True),
        (outcome(5_000, 50), outcome(99, 50), True),
        (outcome(5_000, 5), outcome(5_000, 4), True),
        (outcome(100, 5), outcome(100, 5), False),
    ],
)
def test_too_few_people_or_purchasers_tell_nothing(treated, control, small):
    assert too_small(treated, control) is small
    assert (conversion(treated, control) is None) is small
    assert (revenue(treated, control) is None) is small


def test_a_control_that_bought_nothing_has_no_lift():
    found = conversion(outcome(1_000, 40), outcome(1_000, 0))
    assert found.lift is None
    assert found.apart.clear


def test_without_order_values_there_is_no_effect_on_revenue():
    assert revenue(Outcome(1_000, 50, 50), Outcome(1_000, 50, 50)) is None


def campaign(chance, rate, size=2_000):
    """What so many people buy: each with that probability, for $10 to $110."""
    spent = [chance.uniform(10, 110) if chance.random() < rate else 0.0 for _ in range(size)]
    bought = sum(1 for each in spent if each)
    return Outcome(size, bought, bought, sum(spent), sum(each**2 for each in spent))


@pytest.mark.parametrize("figure", [conversion, revenue])
def test_an_effect_that_is_not_there_is_found_one_time_in_twenty(figure):
    chance = random.Random(7)
    found = [figure(campaign(chance, 0.05), campaign(chance, 0.05)) for _ in range(200)]
    assert 2 <= sum(each.apart.clear for each in found) <= 20


@pytest.mark.parametrize(("figure", "true"), [(conversion, 0.05), (revenue, 0.05 * 60)])
def test_the_interval_holds_the_true_effect_nineteen_times_in_twenty(figure, true):
    chance = random.Random(8)
    found = [figure(campaign(chance, 0.10), campaign(chance, 0.05)) for _ in range(200)]
    assert 180 <= sum(each.apart.low <= true <= each.apart.high for each in found) <= 199
    lifted = sum(each.lift.low <= 1 <= each.lift.high for each in found)
    assert 180 <= lifted <= 199
