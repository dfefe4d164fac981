import random

import pytest

from core.experiments import means_differ, shares_differ, smallest_lift, uneven
from runs.results.statistics import newcombe


def test_the_textbook_size_of_two_equal_groups():
    """5% against 6%, 95% and 80%: about 8,000 people in each group; with the base rate's
    variance in both, 7,457."""
    assert smallest_lift(7_457, 7_457, 0.05) == pytest.approx(0.2, abs=0.0005)


def test_more_people_show_less_and_too_few_show_nothing():
    assert smallest_lift(90_000, 10_000, 0.05) < smallest_lift(9_000, 1_000, 0.05)
    assert smallest_lift(10_000, 99, 0.05) is None


def test_such_a_lift_is_told_in_about_four_of_five_comparisons():
    people, share = 4_000, 0.05
    lifted = share * (1 + smallest_lift(people, people, share))
    chance = random.Random(7)

    def buyers(each: float) -> int:
        # A binomial draw of this size is normal for all that matters here.
        return round(chance.gauss(people * each, (people * each * (1 - each)) ** 0.5))

    told = sum(newcombe(buyers(lifted), people, buyers(share), people).low > 0 for _ in range(600))
    assert 0.74 < told / 600 < 0.86


@pytest.mark.parametrize(
    ("counts", "splits", "told"),
    [
        ([5_000, 5_000], [50, 50], False),
        ([5_060, 4_940], [50, 50], False),
        ([5_400, 4_600], [50, 50], True),
        ([1_000, 9_000], [10, 90], False),
        ([1_200, 8_800], [10, 90], True),
        ([333, 333, 334], [33, 33, 34], False),
        ([0, 10], [0, 100], False),
        ([], [], False),
    ],
)
def test_groups_that_came_out_far_from_their_splits_are_told(counts, splits, told):
    assert uneven(counts, splits) is told


def test_means_that_chance_explains_are_no_alarm():
    assert not means_differ([10.0, 10.3], [0.1, 0.1])
    assert means_differ([10.0, 11.0], [0.1, 0.1])
    assert means_differ([10.0, 10.0, 10.6], [0.1, 0.1, 0.1])
    assert not means_differ([10.0, 11.0], [0.1, 0.0])


def test_shares_that_chance_explains_are_no_alarm():
    assert not shares_differ([[500, 300, 200], [510, 295, 195]])
    assert shares_differ([[500, 300, 200], [400, 400, 200]])
    assert not shares_differ([[500, 3], [500, 0]])  # too rare to say anything
    assert shares_differ([[500, *[4] * 25], [600, *[0] * 25]])  # all the rare ones together
    assert not shares_differ([[0, 0], [500, 300]])


def test_random_groups_seldom_raise_an_alarm():
    chance = random.Random(7)
    alarms = 0
    for _ in range(400):
        people = [chance.choices("abc", (5, 3, 2))[0] for _ in range(400)]
        halves = people[:200], people[200:]
        alarms += shares_differ([[half.count(each) for each in "abc"] for half in halves])
    assert alarms <= 4
