"""Where the marks of charts stand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import charts

DAY = date(2026, 3, 1)


@given(st.floats(0.001, 1e12))
def test_an_axis_ends_at_a_round_number_that_is_not_below_the_highest(top):
    steps = charts.ticks(top)
    assert steps[0] == 0
    assert steps[-1] >= top * (1 - 1e-9)
    assert steps[-2] < top
    assert 2 <= len(steps) <= 5


def test_a_line_starts_at_the_left_ends_at_the_right_and_goes_up_with_its_values():
    drawn = charts.line([(DAY, 0), (DAY + timedelta(days=5), 50), (DAY + timedelta(days=10), 100)])
    assert drawn.points == "0,100 50,50 100,0"
    assert [mark.label for mark in drawn.values] == ["0", "25", "50", "75", "100"]
    assert (drawn.days[0].label, drawn.days[-1].label) == ("1 Mar", "11 Mar")
    assert (drawn.days[0].anchor, drawn.days[-1].anchor) == ("start", "end")


def test_one_day_is_no_line():
    assert charts.line([]) is None
    assert charts.line([(DAY, 5), (DAY, 6)]) is None


def test_what_happened_too_close_together_is_marked_without_words():
    later = [(DAY + timedelta(days=n), f"v{n}") for n in (0, 1, 50, 200)]
    drawn = charts.line([(DAY, 1), (DAY + timedelta(days=100), 2)], later)
    assert [(mark.at, mark.label) for mark in drawn.happened] == [
        ("0", "v0"),
        ("1", ""),
        ("50", "v50"),
    ]


def test_parts_lie_end_to_end():
    made = charts.parts([("Phone only", 10, ""), ("Both", 20, "third"), ("Neither", 5, "blank")])
    assert [part.start for part in made] == [0, 10, 30]


def test_pairs_share_one_scale():
    made = charts.pairs([(0.2, 0.1), (None, 0.4), (0, 0)])
    assert [(each["first"], each["second"]) for each in made] == [
        ("50", "25"),
        ("0", "100"),
        ("0", "0"),
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (950, "950"), (52_640, "52.6K"), (2e6, "2M")]
)
def test_numbers_on_an_axis_are_short(value, text):
    assert charts.short(value) == text
