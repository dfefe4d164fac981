"""Which days are measured: those that the campaign says, or the person who looks."""

from datetime import UTC, date, datetime

import pytest

from campaigns.models import Campaign
from runs.models import Run
from runs.results.window import Window, WindowRefusedError, asked

WEEK = Window(date(2026, 3, 2))


def sent(messages_from) -> Run:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return Run(campaign=Campaign(messages_from=messages_from), moment=at, sent_at=at)


@pytest.mark.parametrize(
    ("messages_from", "first"),
    [(None, date(2026, 3, 2)), ("2026-03-05", date(2026, 3, 5)), ({"days": 2}, date(2026, 3, 4))],
)
def test_the_window_begins_with_the_day_of_the_messages(messages_from, first):
    run = sent(messages_from)
    assert asked({}, run) == Window(first, 7)
    assert asked({"from": "2026-03-09", "days": "14"}, run) == Window(date(2026, 3, 9), 14)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"from": "soon"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "9999-12-31"}, "from"),
        ({"days": "0"}, "days"),
        ({"days": "366"}, "days"),
        ({"days": "a week"}, "days"),
    ],
)
def test_a_window_that_cannot_be_is_refused_with_its_field(fields, field):
    with pytest.raises(WindowRefusedError) as refused:
        asked(fields, sent(None))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 3, 1), "still to come"),
        (date(2026, 3, 2), "7 days of them, with today, can still bring orders"),
        (date(2026, 3, 8), "1 day of them, with today"),
    ],
)
def test_a_window_says_whether_more_may_come(today, words):
    assert words in WEEK.sentence(today)
    assert WEEK.sentence(date(2026, 3, 9)).endswith("in UTC.")
