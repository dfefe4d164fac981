"""How long to wait before trying again, and before asking again."""

from __future__ import annotations

from datetime import timedelta

LONGEST = 300.0
SHORTEST = 0.5
# Attentive's targets: about 4 hours for a day's first 10,000 records, 12 for the rest.
POLLS = (5, 5, 10, 20, 40, 60, 120, 240, 480, 900)
LONG = timedelta(hours=12)
SLOW_POLL = 1800


def retry(attempt: int, chance: float, asked: float | None = None) -> float:
    """Seconds until the next attempt: exponential with full jitter.

    attempt: how many there were, 1 or more; chance: 0 up to 1. asked: what the other
    side asked for; never less than that.
    """
    most = min(LONGEST, 2.0 ** min(attempt, 10))
    return max(SHORTEST, chance * most) + (asked or 0.0)


def poll(polls: int, age: timedelta) -> float:
    """Seconds until a job is looked at again, after so many looks and so long a time."""
    if age > LONG:
        return SLOW_POLL
    return POLLS[min(polls, len(POLLS) - 1)]
