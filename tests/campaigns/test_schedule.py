"""When a schedule comes due, by the clocks on the wall."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import cron
from campaigns.schedule import next_due, sentence

NEW_YORK = {"time_zone": "America/New_York"}
ZONES = st.sampled_from(
    ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
)
MOMENTS = st.datetimes(datetime(2009, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC))
CLOCKS = st.times().map(lambda each: f"{each:%H:%M}")
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY = st.one_of(
    st.fixed_dictionaries({"every": st.just("day"), "at": CLOCKS, "time_zone": ZONES}),
    st.fixed_dictionaries(
        {
            "every": st.just("week"),
            "on": st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True),
            "at": CLOCKS,
            "time_zone": ZONES,
        }
    ),
    st.fixed_dictionaries(
        {"every": st.just("month"), "on": st.integers(1, 31), "at": CLOCKS, "time_zone": ZONES}
    ),
)
FIXED_CRON = st.fixed_dictionaries(
    {
        "cron": st.builds("{} {} * * *".format, st.integers(0, 59), st.integers(0, 23)),
        "time_zone": ZONES,
    }
)


def moment(text: str, zone: str = "America/New_York", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def dues(delivery, after):
    while (after := next_due(delivery, after, ran=0)) is not None:
        yield after


def clocks(delivery, after, count):
    return [f"{due:%a %d %b %H:%M %z}" for due in islice(dues(delivery, after), count)]


# What each delivery means


def test_a_single_time_is_due_once_and_never_when_it_has_passed():
    delivery = {"at": "2026-12-01 09:00", **NEW_YORK}
    due = next_due(delivery, moment("2026-11-25 12:00"), ran=0)
    assert due == datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert next_due(delivery, due, ran=1) is None
    assert next_due(delivery, due, ran=0) is None


def test_now_is_no_schedule():
    assert next_due({"when": "now"}, moment("2026-11-25 12:00"), ran=0) is None


def test_days_of_the_week_come_in_their_order():
    delivery = {"every": "week", "on": ["thu", "mon"], "at": "09:00", **NEW_YORK}
    assert clocks(delivery, moment("2026-11-25 12:00"), 3) == [
        "Thu 26 Nov 09:00 -0500",
        "Mon 30 Nov 09:00 -0500",
        "Thu 03 Dec 09:00 -0500",
    ]


def test_the_31st_is_the_last_day_of_every_month():
    delivery = {"every": "month", "on": 31, "at": "09:00", "time_zone": "UTC"}
    days = [due.date().isoformat() for due in islice(dues(delivery, moment("2028-01-01 00:00")), 4)]
    assert days == ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]


def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change():
    delivery = {"every": "day", "at": "09:00", **NEW_YORK}
    assert clocks(delivery, moment("2026-03-07 12:00"), 1) == ["Sun 08 Mar 09:00 -0400"]
    assert clocks(delivery, moment("2026-10-31 08:00"), 2) == [
        "Sat 31 Oct 09:00 -0400",
        "Sun 01 Nov 09:00 -0500",
    ]


@pytest.mark.parametrize("when", [{"every": "day", "at": "02:30"}, {"cron": "30 2 * * *"}])
def test_a_time_that_does_not_exist_is_due_at_the_next_that_does(when):
    assert clocks({**when, **NEW_YORK}, moment("2026-03-07 12:00"), 2) == [
        "Sun 08 Mar 03:00 -0400",
        "Mon 09 Mar 02:30 -0400",
    ]


@pytest.mark.parametrize("when", [{"every": "day", "at": "01:30"}, {"cron": "30 1 * * *"}])
def test_a_time_that_comes_twice_is_due_the_first_time(when):
    assert clocks({**when, **NEW_YORK}, moment("2026-10-31 12:00"), 2) == [
        "Sun 01 Nov 01:30 -0400",
        "Mon 02 Nov 01:30 -0500",
    ]
    between = moment("2026-11-01 01:10", fold=1)
    assert clocks({**when, **NEW_YORK}, between, 1) == ["Mon 02 Nov 01:30 -0500"]


def test_a_cron_expression_of_every_hour_counts_hours():
    delivery = {"cron": "0 * * * *", **NEW_YORK}
    assert clocks(delivery, moment("2026-11-01 00:30"), 3) == [
        "Sun 01 Nov 01:00 -0400",
        "Sun 01 Nov 01:00 -0500",
        "Sun 01 Nov 02:00 -0500",
    ]


def test_the_zone_is_the_installations_where_none_is_named(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    due = next_due({"every": "day", "at": "09:00"}, moment("2026-11-25 12:00", "UTC"), ran=0)
    assert due == datetime(2026, 11, 26, 0, tzinfo=UTC)


def test_the_last_day_is_included():
    delivery = {"every": "day", "at": "23:30", "until": "2026-11-26", **NEW_YORK}
    assert [due.day for due in dues(delivery, moment("2026-11-25 12:00"))] == [25, 26]


def test_so_many_runs_and_no_more():
    delivery = {"cron": "0 9 * * *", "runs": 2, **NEW_YORK}
    assert next_due(delivery, moment("2026-11-25 12:00"), ran=1) is not None
    assert next_due(delivery, moment("2026-11-25 12:00"), ran=2) is None


def test_after_a_load_it_is_due_from_now_on_until_it_ends():
    now = moment("2026-11-25 12:00")
    assert next_due({"when": "after_load"}, now, ran=7) == now
    assert next_due({"when": "after_load", "runs": 7}, now, ran=7) is None
    assert next_due({"when": "after_load", "until": "2026-11-24", **NEW_YORK}, now, ran=0) is None


# For every schedule, at any time


@given(EVERY, MOMENTS)
def test_the_next_is_the_first_later_moment_of_a_named_day(delivery, after):
    zone = ZoneInfo(delivery["time_zone"])
    due = next_due(delivery, after, ran=0)
    assert due > after
    named = due
    while f"{named:%H:%M}" != delivery["at"] or not is_named(delivery, named.date()):
        named = named.replace(tzinfo=None) - timedelta(minutes=1)  # the clocks left it out
        assert not exists(named, zone)
    day = after.astimezone(zone).date()
    while day < named.date():
        if is_named(delivery, day):
            wall = datetime.combine(day, time.fromisoformat(delivery["at"]))
            first = wall.replace(tzinfo=zone)
            assert first.astimezone(UTC) <= after or not exists(wall, zone)
        day += timedelta(days=1)


@given(st.one_of(EVERY, FIXED_CRON), MOMENTS)
def test_no_time_on_the_clock_is_due_twice(delivery, after):
    found = list(islice(dues(delivery, after), 5))
    instants = [due.astimezone(UTC) for due in found]
    assert instants == sorted(set(instants))
    walls = [due.replace(tzinfo=None, fold=0) for due in found]
    assert walls == sorted(set(walls))


@given(st.integers(0, 59), st.integers(0, 23), ZONES, MOMENTS)
def test_a_cron_expression_for_a_time_of_day_is_every_day_at_that_time(minute, hour, zone, after):
    by_cron = {"cron": f"{minute} {hour} * * *", "time_zone": zone}
    daily = {"every": "day", "at": f"{hour:02}:{minute:02}", "time_zone": zone}
    assert next_due(by_cron, after, ran=0) == next_due(daily, after, ran=0)


FIELD = st.sampled_from(["*", "*/2", "1", "0", "7", "29", "31", "1-5", "2,4", "mon", "FEB", "3/4"])


@given(st.lists(FIELD, min_size=5, max_size=5).map(" ".join))
def test_every_cron_expression_that_is_accepted_comes_due(expression):
    if not cron.fault(expression):
        delivery = {"cron": expression, "time_zone": "UTC"}
        assert next_due(delivery, moment("2026-11-25 12:00"), ran=0) is not None
        assert sentence(delivery)


def is_named(delivery, day: date) -> bool:
    if delivery["every"] == "week":
        return WEEKDAYS[day.weekday()] in delivery["on"]
    if delivery["every"] == "month":
        return day.day == min(delivery["on"], calendar.monthrange(day.year, day.month)[1])
    return True


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


# In words


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        ({"when": "now"}, "Once, as soon as you launch."),
        ({}, "Once, as soon as you launch."),
        (
            {"at": "2026-12-01 09:00", **NEW_YORK},
            "Once, on 1 December 2026 at 09:00, New York.",
        ),
        (
            {"every": "week", "on": ["thu", "mon"], "at": "09:00", **NEW_YORK},
            "Every Monday and Thursday at 09:00, New York.",
        ),
        (
            {"every": "week", "on": ["mon", "wed", "fri"], "at": "09:00", "until": "2026-12-31"},
            "Every Monday, Wednesday and Friday at 09:00, UTC, until 31 December 2026.",
        ),
        ({"every": "week", "on": "mon", "at": "09:00"}, "Every Monday at 09:00, UTC."),
        (
            {"every": "day", "at": "09:00", "runs": 1, "still_running": "wait"},
            "Every day at 09:00, UTC, 1 run. It waits for a run that is still going.",
        ),
        ({"every": "month", "on": 15, "at": "09:00"}, "Every month on day 15 at 09:00, UTC."),
        (
            {"every": "month", "on": 31, "at": "09:00"},
            "Every month on day 31, or the last day of a shorter month, at 09:00, UTC.",
        ),
        ({"cron": "0 9 * * 1"}, "At 09:00 on Monday, UTC."),
        ({"when": "after_load", "runs": 3}, "After each load of new data, 3 runs."),
    ],
)
def test_a_schedule_reads_as_a_sentence(delivery, words, settings):
    settings.TIME_ZONE = "UTC"
    assert sentence(delivery) == words
