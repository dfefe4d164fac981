"""How fast a credential may be used: one bucket for all workers, kept in Redis.

Turns are given at even distances, so that no second, wherever it begins, holds
more than the limit. The distance is 3% longer than it had to be: that is the
room for requests that leave a little later than their turn, and for the slow
pace that is kept in a file of VAR_DIR while Redis cannot be reached. Both
together never exceed the limit.

A turn is given at most AHEAD seconds before it is due. When Redis has lost its
memory, the first turn comes later than that, after all those given before.
"""

from __future__ import annotations

import fcntl
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from destinations.errors import SlowDownError

SHARE = 0.97  # of the limit, while Redis answers
SLOW_SHARE = 0.03  # of the limit, for all processes of this machine without it
AHEAD = 0.2
PATIENCE = 2.0
LONGEST_PENALTY = 900.0
MEMORY = 60.0  # seconds that an idle bucket is remembered
IN_HAND = 0.1  # seconds for which a turn that ``wait`` gave may be used
REDIS_SECONDS = 0.5
REDIS_REST = 5.0  # seconds for which Redis is not asked again after a failure

# KEYS: the bucket. ARGV: distance, ahead, longest, memory (microseconds), patience,
# now ('' for the server's clock). Answers {given (0 or 1), microseconds to wait}.
TAKE = """
local now = tonumber(ARGV[6])
if not now then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000000 + tonumber(t[2])
end
local distance, ahead, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = tonumber(redis.call('GET', KEYS[1]))
local fresh = not due
if fresh then due = now + ahead + distance end
local wait = math.min(math.max(due - now, 0), longest)
local given = wait <= tonumber(ARGV[5])
due = now + wait
if given then due = due + distance end
if given or fresh then
  local keep = math.ceil((due - now + tonumber(ARGV[4])) / 1000)
  redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', string.format('%.0f', keep))
end
return {given and 1 or 0, math.ceil(wait)}
"""

# KEYS: the bucket. ARGV: seconds of rest, memory (microseconds), now or ''.
REST = """
local now = tonumber(ARGV[3])
if not now then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000000 + tonumber(t[2])
end
local due = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now + tonumber(ARGV[1]))
local keep = math.ceil((due - now + tonumber(ARGV[2])) / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', string.format('%.0f', keep))
return 1
"""


def wait(credential_id: int, per_second: int) -> float:
    """Seconds to wait before the next request: 0.0, go, the turn is taken; else ask again then.

    The turn is this thread's next request, which then takes no other.
    """
    given, seconds = _bucket().take(credential_id, per_second, patience=0.0)
    if given:
        _hand.put(credential_id)
        return 0.0
    return max(seconds, 0.001)


def turn(credential_id: int, per_second: int, patience: float = PATIENCE) -> None:
    """Wait for a turn and take it; SlowDownError when it would take longer than patience."""
    if not _hand.take(credential_id):
        _bucket().turn(credential_id, per_second, patience)


def rest(credential_id: int, seconds: float) -> None:
    """Give no turn for so long, to any worker: the destination asked to slow down."""
    _bucket().rest(credential_id, seconds)


@dataclass
class Bucket:
    """The turns of all credentials. clock: seconds; left out, the clock of the Redis server."""

    server: redis.Redis | None
    folder: Path
    clock: Callable[[], float] | None = None
    sleep: Callable[[float], None] = time.sleep
    _silent_until: float = field(default=0.0, init=False)

    def turn(self, credential_id: int, per_second: int, patience: float = PATIENCE) -> None:
        left = patience
        while True:
            given, seconds = self.take(credential_id, per_second, min(AHEAD, left))
            if given:
                self.sleep(seconds)
                return
            if seconds > left:
                raise SlowDownError(seconds)
            step = max(seconds - AHEAD / 2, 0.01)
            self.sleep(step)
            left -= step

    def take(self, credential_id: int, per_second: int, patience: float) -> tuple[bool, float]:
        """Whether a turn was given, and the seconds until it (or until one might be)."""
        arguments = [
            _micro(1 / (per_second * SHARE)),
            _micro(AHEAD),
            _micro(LONGEST_PENALTY),
            _micro(MEMORY),
            _micro(patience),
            self._now(),
        ]
        answer = self._run(TAKE, credential_id, arguments)
        if answer is None:
            return self._take_slowly(credential_id, per_second, patience)
        given, micros = answer
        return bool(given), micros / 1_000_000

    def rest(self, credential_id: int, seconds: float) -> None:
        seconds = min(seconds, LONGEST_PENALTY)
        arguments = [_micro(seconds), _micro(MEMORY), self._now()]
        if self._run(REST, credential_id, arguments) is None:
            with self._file(credential_id) as file:
                file.due = max(file.due, self._local() + seconds)

    def _now(self) -> int | str:
        return "" if self.clock is None else _micro(self.clock())

    def _local(self) -> float:
        return time.time() if self.clock is None else self.clock()

    def _run(self, script: str, credential_id: int, arguments: list[int | str]) -> Any:
        """What the script answers, or None while Redis cannot be reached."""
        if self.server is None or time.monotonic() < self._silent_until:
            return None
        try:
            return self.server.eval(script, 1, f"muster:pace:{credential_id}", *arguments)
        except redis.RedisError:
            self._silent_until = time.monotonic() + REDIS_REST
            return None

    def _take_slowly(
        self, credential_id: int, per_second: int, patience: float
    ) -> tuple[bool, float]:
        distance = 1 / (per_second * SLOW_SHARE)
        with self._file(credential_id) as file:
            now = self._local()
            # A clock that was set back must not stop everything for good.
            seconds = min(max(file.due - now, 0.0), max(distance, LONGEST_PENALTY))
            if seconds > patience:
                return False, seconds
            file.due = now + seconds + distance
            return True, seconds

    def _file(self, credential_id: int) -> _DueFile:
        self.folder.mkdir(parents=True, exist_ok=True)
        return _DueFile(self.folder / str(credential_id))


class _DueFile:
    """When the next turn is due, in a file that one process at a time may hold."""

    due: float

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self) -> _DueFile:
        self.file = self.path.open("a+")
        fcntl.flock(self.file, fcntl.LOCK_EX)
        self.file.seek(0)
        self.due = 0.0
        with suppress(ValueError):
            self.due = float(self.file.read())
        return self

    def __exit__(self, *error: object) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.file.write(f"{self.due:.6f}")
        self.file.close()


class _Hand(threading.local):
    """The turn that ``wait`` gave to this thread and that it has not used yet."""

    credential_id: int | None = None
    until = 0.0

    def put(self, credential_id: int) -> None:
        self.credential_id, self.until = credential_id, time.monotonic() + IN_HAND

    def take(self, credential_id: int) -> bool:
        held, self.credential_id = self.credential_id, None
        return held == credential_id and time.monotonic() <= self.until


_hand = _Hand()


def _micro(seconds: float) -> int:
    return math.ceil(seconds * 1_000_000)


def _bucket() -> Bucket:
    return _bucket_at(settings.REDIS_URL, settings.VAR_DIR)


@lru_cache(maxsize=4)
def _bucket_at(url: str, var: Path) -> Bucket:
    return Bucket(server_at(url), Path(var) / "pace")


def server_at(url: str) -> redis.Redis | None:
    """A client that gives up at once; None for a broker that is no Redis."""
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        return None
