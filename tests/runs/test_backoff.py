"""Retries wait longer each time, by chance, and never less than they were asked to."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from runs import backoff


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_retry_comes_within_bounds(attempt, chance):
    assert backoff.SHORTEST <= backoff.retry(attempt, chance) <= backoff.LONGEST


def test_retries_spread_over_a_range_that_doubles():
    assert [backoff.retry(n, 0.99) for n in (1, 2, 3)] == [1.98, 3.96, 7.92]


def test_what_the_other_side_asks_for_is_waited_for():
    assert backoff.retry(1, 0.0, asked=30.0) >= 30.0


def test_a_job_that_takes_half_a_day_is_looked_at_every_half_hour():
    assert backoff.poll(60, timedelta(hours=13)) == 1800
