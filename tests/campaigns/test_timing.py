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


# When messages are expected

AT = {"at": "2026-12-01 09:00", **ZONE}
DAILY = {"every": "day", "at": "09:00", **ZONE}


@pytest.mark.parametrize(
    ("delivery", "messages"),
    [(AT, "2026-12-03"), (AT, None), (DAILY, {"days": 1}), (DAILY, {"days": 0}), (DAILY, None)],
)
def test_the_controls_say_from_when_messages_are_expected(delivery, messages):
    said = timing.shown(delivery, messages)
    assert timing.messages_from(said, delivery, NOW) == messages


@pytest.mark.parametrize(
    ("delivery", "said", "words"),
    [
        (AT, {"launch": "2026-11-30"}, "choose 1 Dec or a later day"),
        ({"when": "now"}, {"launch": "2026-11-23"}, "choose 24 Nov or a later day"),
        (AT, {"launch": "soon"}, "Choose a day"),
        (DAILY, {"after": "-1"}, "whole number from 0"),
        (DAILY, {"after": "one"}, "whole number from 0"),
    ],
)
def test_messages_cannot_be_expected_before_the_lists_are_filled(delivery, said, words):
    with pytest.raises(EditRefusedError, match=words):
        timing.messages_from(replace(timing.shown(delivery), **said), delivery, NOW)


@pytest.mark.parametrize(
    ("delivery", "messages", "until"),
    [
        (AT, "2026-12-01", "2 Dec 09:00"),
        (AT, "2026-12-02", "2 Dec 09:00"),
        (AT, "2026-12-03", ""),
        (DAILY, {"days": 0}, "25 Nov 09:00"),
        (DAILY, {"days": 1}, "25 Nov 09:00"),
        (DAILY, {"days": 2}, ""),
        ({**DAILY, "at": "00:00"}, {"days": 1}, ""),
        ({"when": "now"}, "2026-11-24", "25 Nov 12:00"),
        ({"when": "after_load"}, {"days": 0}, ""),
        (AT, None, ""),
    ],
)
def test_messages_within_a_day_of_the_lists_are_warned_of(delivery, messages, until):
    told = timing.too_early(messages, delivery, NOW)
    assert told.endswith(f"until {until}." if until else "")
    assert bool(told) == bool(until)
