import itertools
import multiprocessing
import threading
import time
from bisect import bisect_left

import pytest
import redis

from destinations import pace
from destinations.errors import SlowDownError
from destinations.pace import Bucket

LIMIT = 100


class Clock:
    """A clock that only moves when somebody sleeps on it."""

    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def most_in_a_second(moments):
    """The most moments in any stretch of one second, wherever it begins."""
    moments = sorted(moments)
    return max(bisect_left(moments, moment + 1.0) - index for index, moment in enumerate(moments))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bucket(valkey, tmp_path, clock):
    return Bucket(valkey, tmp_path, clock, clock.sleep)


@pytest.fixture
def without_redis(tmp_path, clock):
    return Bucket(None, tmp_path, clock, clock.sleep)


def turns(bucket, clock, count, per_second=LIMIT):
    given = []
    for _ in range(count):
        bucket.turn(1, per_second)
        given.append(clock.now)
    return given


@pytest.mark.parametrize("per_second", [1, 7, 100])
def test_no_second_holds_more_than_the_limit(bucket, clock, per_second):
    given = turns(bucket, clock, per_second * 3, per_second)
    assert most_in_a_second(given) <= per_second


def test_nearly_all_of_the_limit_is_used(bucket, clock):
    given = turns(bucket, clock, 500)
    assert 499 / (given[-1] - given[0]) > 0.95 * LIMIT


def test_a_pause_is_not_made_up_for_by_a_burst(bucket, clock):
    given = turns(bucket, clock, 10)
    clock.sleep(30)
    given += turns(bucket, clock, 300)
    assert most_in_a_second(given) <= LIMIT


def test_each_credential_has_its_own_turns(bucket, clock):
    bucket.take(1, LIMIT, patience=1)
    bucket.take(2, LIMIT, patience=1)
    given, seconds = bucket.take(2, LIMIT, patience=1)
    assert given
    assert seconds < 0.3


def test_what_would_take_too_long_takes_no_turn(bucket, clock):
    bucket.rest(1, 30)
    with pytest.raises(SlowDownError) as caught:
        bucket.turn(1, LIMIT, patience=2)
    assert caught.value.retry_after == pytest.approx(30, abs=0.01)


def test_a_rest_holds_for_every_worker(bucket, valkey, tmp_path, clock):
    bucket.rest(1, 10)
    other = Bucket(valkey, tmp_path, clock, clock.sleep)
    began = clock.now
    clock.sleep(9)
    other.turn(1, LIMIT)
    assert clock.now - began >= 10


def test_a_redis_that_forgot_everything_makes_no_second_fuller(bucket, valkey, clock):
    given = []
    for _ in range(40):
        valkey.flushall()
        for _ in range(3):
            # Turns are given ahead; these are still to come when the memory is lost.
            while (turn := bucket.take(1, LIMIT, patience=pace.AHEAD))[0]:
                given.append(clock.now + turn[1])
            clock.sleep(0.02)
    assert len(given) > 100
    assert most_in_a_second(given) <= LIMIT


def test_without_redis_it_is_slower(without_redis, clock):
    given = []
    for _ in range(20):
        without_redis.turn(1, LIMIT)
        given.append(clock.now)
    assert most_in_a_second(given) <= LIMIT * 0.05


def test_with_and_without_redis_together_keep_the_limit(bucket, without_redis, clock):
    """Some workers reach Redis, others do not."""
    given = []
    for _ in range(400):
        for each in (bucket, without_redis):
            granted, seconds = each.take(1, LIMIT, patience=0.0)
            if granted:
                given.append(clock.now + seconds)
        clock.sleep(0.005)
    assert most_in_a_second(given) <= LIMIT


def test_a_rest_holds_without_redis_too(without_redis, clock):
    without_redis.rest(1, 5)
    assert without_redis.take(1, LIMIT, patience=0.0) == (False, pytest.approx(5))


def test_a_redis_that_cannot_be_reached_is_not_asked_at_each_turn(tmp_path):
    bucket = Bucket(pace.server_at("redis://127.0.0.1:1/0"), tmp_path)
    began = time.monotonic()
    assert bucket.take(1, LIMIT, patience=0.0)[0]
    for _ in range(100):
        bucket.take(1, LIMIT, patience=0.0)
    assert time.monotonic() - began < 1


def take_turns(url, folder, seconds, moments):
    """In a process of its own: take turns as fast as they are given, and say when each is due.

    When a turn is due is asserted, not when its thread woke up: the machine decides that.
    """
    end = time.time() + seconds

    def run():
        clock = Clock()
        bucket = Bucket(redis.Redis.from_url(url), folder, clock)
        while time.time() < end:
            clock.now = time.time()
            granted, wait = bucket.take(1, LIMIT, pace.AHEAD)
            if granted:
                moments.append(clock.now + wait)
            time.sleep(wait)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_processes_and_their_threads_share_one_limit(valkey, valkey_server, tmp_path):
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        moments = manager.list()
        processes = [
            context.Process(target=take_turns, args=[valkey_server, tmp_path, 1.5, moments])
            for _ in range(2)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert len(moments) > 100
        assert most_in_a_second(moments) <= LIMIT


@pytest.fixture
def real(valkey, settings, monkeypatch):
    """The module's own functions, on the broker of the tests."""
    pace._bucket_at.cache_clear()
    return pace


def test_a_turn_that_wait_gave_is_used_by_the_next_request(real):
    while real.wait(7, 1) > 0:
        time.sleep(0.02)
    real.turn(7, 1, patience=0.0)  # takes no second turn, so it does not have to wait for one
    with pytest.raises(SlowDownError):
        real.turn(7, 1, patience=0.0)


def test_wait_says_how_long_until_the_next_turn(real):
    while real.wait(8, 1) > 0:
        time.sleep(0.02)
    assert 0.5 < real.wait(8, 1) <= 1.1


def test_distances_count_from_the_turn_and_not_from_the_asking(bucket, clock):
    moments = [bucket.take(1, LIMIT, patience=1)[1] for _ in range(3)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert gaps == [pytest.approx(1 / (LIMIT * pace.SHARE), abs=1e-4)] * 2
