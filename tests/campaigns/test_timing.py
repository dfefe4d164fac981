"""What the timing's controls say, and what is stored."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaigns import schedule, timing
from core.edits import EditRefusedError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = {"time_zone": "America/New_York"}
EACH = [
    {"when": "now"},
    {"when": "after_load", "runs": 3},
    {"at": "2026-12-01 09:00", **ZONE},
    {"every": "day", "at": "23:30", **ZONE, "until": "2026-12-31"},
    {"every": "week", "on": ["mon", "thu"], "at": "09:00", **ZONE, "still_running": "wait"},
    {"every": "month", "on": 31, "at": "00:00", **ZONE},
    {"cron": "0 9 * * 1", **ZONE},
]


@pytest.mark.parametrize("stored", EACH)
def test_the_controls_say_what_is_stored(stored):
    assert timing.delivery(timing.shown(stored), stored, NOW) == stored


@pytest.mark.parametrize("kind", timing.KINDS)
@pytest.mark.parametrize("before", EACH)
def test_a_kind_just_chosen_can_be_launched_as_it_is(kind, before):
    said = replace(timing.shown(before), kind=kind)
    begun = timing.delivery(said, before, NOW)
    assert timing.shown(begun).kind == kind
    assert schedule.at_once(begun) or schedule.next_due(begun, NOW, ran=0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "week", "on": ()}, "at least one day"),
        ({"kind": "month", "month_day": "32"}, "from 1 to 31"),
        ({"kind": "day", "clock": ""}, "time of day"),
        ({"kind": "day", "ends": "runs", "runs": "0"}, "whole number from 1"),
        ({"kind": "day", "zone": "Mars/Olympus"}, "time zone from the list"),
    ],
)
def test_what_is_missing_is_told_in_the_words_of_the_control(changed, words):
    said = timing.Timing(**{"zone": "UTC", **changed})
    before = timing.delivery(timing.Timing(kind=said.kind), {"when": "now"}, NOW)
    with pytest.raises(EditRefusedError, match=words):
        timing.delivery(said, before, NOW)
