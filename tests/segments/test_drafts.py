"""Drafts: which lines are finished, and what is left of a rule without the others."""

import pytest

from segments import drafts
from segments.rules import check
from tests.segments.shop import CATALOGUE

GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}


@pytest.mark.parametrize(
    "line",
    [
        {"attribute": "customer_360.tier"},
        {"attribute": "customer_360.tier", "operator": "is"},
        {"attribute": "customer_360.score", "operator": "between", "value": [1, ""]},
        {"event": "orders", "measure": "most_frequent", "operator": "is", "value": "x"},
    ],
)
def test_a_line_switched_off_half_way_stops_nobody_from_publishing(line):
    rule = drafts.complete({"all": [GOLD, line | {"off": True}]}, CATALOGUE)
    assert rule["all"][0] == GOLD
    assert check(rule, CATALOGUE) == []


def test_a_finished_line_that_is_switched_off_stays():
    rule = {"all": [GOLD, GOLD | {"off": True}, {"segment": "Gone", "off": True}]}
    assert drafts.complete(rule, CATALOGUE) == rule
