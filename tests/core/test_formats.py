"""How values read."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core import formats

NOW = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0, "0"), (999, "999"), (52640, "52,640")]
)
def test_a_count(value, text):
    assert formats.count(value) == text


@pytest.mark.parametrize(
    ("value", "noun", "text"),
    [
        (1, "customer", "1 customer"),
        (0, "customer", "0 customers"),
        (44312, "person,people", "44,312 people"),
        (1, "person,people", "1 person"),
        (None, "customer", "- customers"),
    ],
)
def test_a_count_with_its_noun(value, noun, text):
    assert formats.counted(value, noun) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1204, "+1,204"), (-310, "-310"), (0, "0"), (None, "-")]
)
def test_a_change_carries_its_sign(value, text):
    assert formats.delta(value) == text


@pytest.mark.parametrize(
    ("value", "other", "text"),
    [
        (112, 100, "+12%"),
        (90, 100, "-10%"),
        (100.4, 100, "same"),
        (0, 100, "-100%"),
        (1000, 100, "10 times"),
        (5, 0, ""),
        (None, 100, ""),
        (5, None, ""),
    ],
)
def test_how_far_a_value_is_from_another(value, other, text):
    assert formats.apart(value, other) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.951, "95.1%"),
        (0.5, "50%"),
        (1, "100%"),
        (0, "0%"),
        (0.99996, "99.9%"),
        (0.00001, "under 0.1%"),
        (None, "-"),
        (1.2, "120%"),
    ],
)
def test_a_percent(fraction, text):
    assert formats.percent(fraction) == text


@given(st.floats(0, 1))
def test_only_all_is_a_hundred_percent_and_only_nothing_is_none(fraction):
    text = formats.percent(fraction)
    assert (text == "100%") == (fraction == 1)
    assert (text == "0%") == (fraction == 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("27.9"), "$27.90"),
        (0.1 + 0.2, "$0.30"),
        (9999.99, "$9,999.99"),
        (12_345, "$12.3K"),
        (999_499, "$999K"),
        (999_999, "$1.00M"),
        (4_612_000, "$4.61M"),
        (46_120_000, "$46.1M"),
        (999_999_999, "$1.00B"),
        (-27.9, "-$27.90"),
        (None, "-"),
    ],
)
def test_money(value, text):
    assert formats.money(value) == text


def test_money_of_elsewhere():
    assert formats.money(5, "EUR") == "€5.00"
    assert formats.money(5, "SEK") == "SEK 5.00"


def test_a_day_names_its_year_only_when_it_is_another():
    assert formats.day(date(2026, 11, 24), date(2026, 1, 1)) == "24 Nov"
    assert formats.day(date(2025, 3, 1), date(2026, 1, 1)) == "1 Mar 2025"


def test_a_moment_is_told_in_the_active_zone_or_names_its_own(time_machine):
    time_machine.move_to(NOW)
    late = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
    assert formats.moment(late) == "24 Nov 02:10 UTC"
    assert formats.moment(late, "America/New_York") == "23 Nov 21:10, New York"
    with timezone.override("Asia/Tokyo"):
        assert formats.moment(late) == "24 Nov 11:10 JST"
        assert formats.day(datetime(2026, 11, 24, 20, tzinfo=UTC)) == "25 Nov"


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(minutes=119), "1 h ago"),
        (timedelta(hours=47), "1 d ago"),
        (timedelta(days=6, hours=23), "6 d ago"),
        (timedelta(days=8), "16 Nov"),
        (timedelta(seconds=-5), "just now"),
    ],
)
def test_how_long_ago(passed, text, time_machine):
    time_machine.move_to(NOW)
    assert formats.ago(NOW - passed, NOW) == text


def test_a_full_moment_leaves_nothing_open():
    assert formats.full_moment(NOW) == "24 Nov 2026 14:30:00 UTC"
    assert formats.full_moment(None) == "-"
