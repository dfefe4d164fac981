"""Requests a second, an endpoint and a token: 429 above the limit, counted over any second."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque

_lock = threading.Lock()
_taken: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)


def left(token: str, endpoint: str, limit: int) -> int:
    """How many requests the running second still takes after this one; -1: one too many."""
    now = time.monotonic()
    with _lock:
        taken = _taken[token, endpoint]
        while taken and taken[0] <= now - 1.0:
            taken.popleft()
        if len(taken) >= limit:
            return -1
        taken.append(now)
        return limit - len(taken)


def forget() -> None:
    with _lock:
        _taken.clear()
