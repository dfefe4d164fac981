import random

import pytest

from core.experiments import smallest_lift
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
