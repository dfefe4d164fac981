"""How long to wait before trying again, and before asking again."""

from __future__ import annotations

from datetime import timedelta

LONGEST = 300.0
SHORTEST = 0.5
# Attentive's targets: about 4 hours for a day's first 10,000 records, 12 for the rest.
POLLS = (5, 5, 10, 20, 40, 60, 120, 240, 480, 900)
LONG = timedelta(hours=12)
SLOW_POLL = 1800
LONGEST_ASKED = 3600.0


def retry(attempt: int, chance: float, asked: float | None = None) -> float:
    """Seconds until the next attempt: exponential with full jitter.

    attempt: how many there were, 1 or more; chance: 0 up to 1. asked: what the other
    side asked for; never less than that, but for more than an hour.
    """
    most = min(LONGEST, 2.0 ** min(attempt, 10))
    return max(SHORTEST, chance * most) + min(asked or 0.0, LONGEST_ASKED)


def poll(polls: int, age: timedelta, asked: float | None = None) -> float:
    """Seconds until a job is looked at again, after so many looks and so long a time."""
    usual = SLOW_POLL if age > LONG else POLLS[min(polls, len(POLLS) - 1)]
    return usual + min(asked or 0.0, LONGEST_ASKED)
