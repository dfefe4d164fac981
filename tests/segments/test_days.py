"""Day borders, month ends, leap days and clock changes, one by one."""

from datetime import UTC, date, datetime

import pytest

from segments.compile import Context
from segments.numbers import counting
from warehouse.catalogue import current


@pytest.fixture
def matches(warehouse):
    """Does a day, a time without zone or a moment answer an operator at a given now?"""

    def answer(value, operator, asked, now, zone="America/New_York"):
        warehouse({"customer_360": [{"customer_id": "c1", "at": value}]})
        rule = {"attribute": "customer_360.at", "operator": operator}
        rule |= {} if asked is None else {"value": asked}
        return counting.count(rule, Context(current(), now, zone)) == 1

    return answer


@pytest.mark.parametrize(
    ("today", "found"),
    [
        (datetime(2025, 2, 28, 12, tzinfo=UTC), True),  # no 29th in that year
        (datetime(2024, 2, 28, 12, tzinfo=UTC), False),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), True),
        (datetime(2025, 3, 1, 12, tzinfo=UTC), False),
    ],
)
def test_a_leap_day_has_its_anniversary_on_the_last_of_february(matches, today, found):
    assert matches(date(2000, 2, 29), "has_anniversary_today", None, today) is found


@pytest.mark.parametrize(
    ("born", "found"),
    [(date(1990, 12, 31), True), (date(1990, 1, 3), True), (date(1990, 1, 4), False)],
)
def test_anniversaries_run_over_new_year(matches, born, found):
    now = datetime(2026, 12, 30, 18, tzinfo=UTC)
    span = {"n": 4, "unit": "days"}
    assert matches(born, "has_anniversary_in_next", span, now) is found


def test_an_hour_that_comes_twice_is_read_as_the_first(matches):
    second = datetime(2026, 11, 1, 6, 15, tzinfo=UTC)  # 01:15 in New York, for the second time
    today = {"n": 0, "unit": "days"}
    assert matches(datetime(2026, 11, 1, 1, 30), "is_in_last", today, second)
    assert not matches(datetime(2026, 11, 1, 2, 0), "is_in_last", today, second)


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (datetime(2026, 11, 25, 4, 59, 59, tzinfo=UTC), True),  # still the 24th in New York
        (datetime(2026, 11, 25, 5, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 5, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 4, 59, 59, tzinfo=UTC), False),
    ],
)
def test_a_day_is_the_brands_day(matches, moment, found):
    assert matches(moment, "is_on", "2026-11-24", datetime(2026, 12, 1, tzinfo=UTC)) is found


@pytest.mark.parametrize(("day", "found"), [(28, True), (27, False)])
def test_a_day_that_a_month_lacks_is_its_last(matches, day, found):
    now = datetime(2026, 3, 31, 16, tzinfo=UTC)
    span = {"n": 1, "unit": "months"}
    assert matches(datetime(2026, 2, day, 0, 0), "is_in_last", span, now) is found


def test_today_is_both_in_the_last_and_in_the_next_days(matches):
    now = datetime(2026, 11, 24, 18, tzinfo=UTC)
    span = {"n": 7, "unit": "days"}
    assert matches(date(2026, 11, 24), "is_in_last", span, now)
    assert matches(date(2026, 11, 24), "is_in_next", span, now)
    assert not matches(datetime(2026, 11, 24, 12, 59), "is_in_next", span, now)
    assert matches(datetime(2026, 12, 1, 23, 59), "is_in_next", span, now)
