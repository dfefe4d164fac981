"""Effects that were planted in a brand's orders are found, and none where none was."""

from datetime import UTC, datetime, timedelta

import pytest

from runs import files
from runs.launch import launch
from runs.results.measuring import NotMeasuredError, outcomes
from runs.results.statistics import conversion, revenue
from runs.results.window import Window
from segments.numbers import counting
from tests.runs.results import shop
from tests.runs.world import World, destination

DAY = datetime(2026, 3, 2)
WEEK = Window(DAY.date())
LATER = DAY.replace(tzinfo=UTC) + timedelta(days=10)


@pytest.fixture
def world(transactional_db, attentive) -> World:
    return World(destination(attentive.url, attentive.token))


@pytest.fixture
def run(world, warehouse):
    warehouse(shop.tables())
    return world.finish(launch(shop.campaign(world.destination), tools=world.tools))


def measured(run, window=WEEK):
    return outcomes(run, window, counting.context(LATER))


def test_a_planted_effect_is_found_and_none_elsewhere(run, warehouse):
    planted = 0.08
    warehouse({"orders": shop.orders(run, DAY, {0: planted})})
    found = measured(run)
    assert sum(each.people for each in found.values()) == shop.PEOPLE
    gold = conversion(found[0, 1], found[0, 0]).apart
    # A tenth has no phone: they were not sent, and belong to the group as they do in control.
    true = planted * 0.9
    assert gold.low <= true <= gold.high
    assert gold.clear
    assert revenue(found[0, 1], found[0, 0]).apart.low > 0
    for figure in (conversion, revenue):
        assert not figure(found[1, 1], found[1, 0]).apart.clear


def test_only_orders_of_the_window_count_and_each_once(run, warehouse):
    hours = {-1: "before", 0: "first", 7 * 24 - 1: "last", 7 * 24: "after"}
    warehouse(
        {
            "orders": [
                shop.order(number, "c00001", DAY + timedelta(hours=hour), 10.0 * (number + 1))
                for number, hour in enumerate(hours)
            ]
        }
    )
    told = [each for each in measured(run).values() if each.orders]
    assert [(each.purchasers, each.orders, each.revenue, each.items) for each in told] == [
        (1, 2, 50.0, 4.0)
    ]
    assert told[0].squares == 50.0**2


def test_without_orders_or_its_file_a_run_is_not_measured(run, warehouse):
    with pytest.raises(NotMeasuredError, match="needs a table of orders"):
        measured(run)
    warehouse({"orders": [shop.order(0, "c00001", DAY, 10.0)]})
    files.path(run.members).unlink()
    with pytest.raises(NotMeasuredError, match="is gone"):
        measured(run)


def test_both_engines_measure_alike(run, warehouse, postgres_warehouse, settings):
    bought = shop.orders(run, DAY, {0: 0.08})
    warehouse({"orders": bought})
    embedded = measured(run)
    postgres_warehouse(shop.tables() | {"orders": bought})
    for group, outcome in measured(run).items():
        assert outcome.people == embedded[group].people
        assert outcome.orders == embedded[group].orders
        assert outcome.squares == pytest.approx(embedded[group].squares)
