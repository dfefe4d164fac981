"""What is different between two rules, in words; and that the steps lead from one to the other."""

import pytest

from segments.wording import changes
from tests.segments import shop
from tests.segments.factories import RULE

CATALOGUE = shop.CATALOGUE


def attribute(name, operator="is_in", *value):
    return {"attribute": f"customer_360.{name}", "operator": operator, "value": list(value)}


def bought(times, days=90, **more):
    node = {"event": "orders", "operator": "at_least", "value": times}
    return {**node, "period": {"last": days, "unit": "days"}, **more}


TIER = attribute("tier", "is_in", "Gold")
SCORE = {"attribute": "customer_360.score", "operator": "at_least", "value": 5}
STAFF = {"segment": "Staff"}


def told(old, new):
    return [str(part) for part in changes.parts(old, new, CATALOGUE)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            {"all": [bought(2), TIER]},
            {"all": [TIER, bought(3)]},
            ["bought anything at least 2 → 3 times in the last 90 days"],
        ),
        (
            {"all": [bought(2)]},
            {"all": [bought(2, days=30)]},
            ["bought anything at least 2 times in the last 90 → 30 days"],
        ),
        (
            {"all": [TIER]},
            {"all": [attribute("tier", "is_in", "Gold", "Silver")]},
            ["have tier Gold → Gold or Silver"],
        ),
        ({"all": [TIER]}, {"all": [TIER, {"none": [STAFF]}]}, ["Now left out: are in Staff"]),
        ({"all": [TIER, {"none": [STAFF]}]}, {"all": [TIER]}, ["No longer left out: are in Staff"]),
        ({"all": [TIER, SCORE]}, {"all": [TIER]}, ["Removed: have score at least 5"]),
        (
            {"all": [TIER, SCORE]},
            {"any": [TIER, SCORE]},
            ["Match all → any of: have tier Gold or have score at least 5"],
        ),
        (
            {"all": [TIER, SCORE, {"none": [STAFF]}]},
            {"all": [{"any": [TIER, SCORE]}, {"none": [STAFF]}]},
            ["Match all → any of: have tier Gold or have score at least 5"],
        ),
        (
            {"all": [TIER]},
            {"all": [TIER, {"any": [SCORE, STAFF]}]},
            ["Added: have score at least 5 or are in Staff"],
        ),
        (
            {"all": [TIER, SCORE]},
            {"all": [TIER | {"off": True}, SCORE]},
            ["Switched off: have tier Gold"],
        ),
        ({"all": [TIER, SCORE]}, {"all": [SCORE, TIER]}, ["Lines are in another order"]),
        (
            {"all": [TIER, {"any": [SCORE, STAFF]}]},
            {"all": [{"any": [TIER, SCORE]}, STAFF]},
            ["Lines are grouped otherwise"],
        ),
        (
            {"all": [TIER]},
            {"all": [TIER | {"ignore_case": False}]},
            ["have tier Gold: upper and lower case"],
        ),
        (
            {"all": [attribute("tier", "is_in", *"abcdefgh")]},
            {"all": [attribute("tier", "is_in", *"bcdefghijkl")]},
            ["tier: added i, j, k and 1 more; removed a"],
        ),
        ({"all": [{"attribute": "gone.x", "operator": "is", "value": "y"}]}, RULE, None),
    ],
)
def test_a_difference_reads_as_a_part_of_the_sentence(old, new, words):
    found = told(old, new)
    assert found if words is None else found == words


def test_rules_that_say_the_same_have_no_difference():
    assert told({"all": [TIER, {"none": [STAFF]}]}, {"all": [TIER, {"none": [STAFF]}]}) == []
