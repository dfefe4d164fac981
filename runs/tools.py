"""What a step of a run needs from outside: the clock, destinations, the queue, chance.

Every step takes them, so that a test can play all workers in one process, with a
clock of its own and a bag for a broker, and let any of them die anywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from core.hints import hint
from destinations import kinds
from destinations.connector import Connector
from destinations.models import Destination


@dataclass(frozen=True, slots=True)
class Tools:
    """enqueue(task, id, delay): ask for a step in ``delay`` seconds; it may get lost or
    come twice. chance: a number from 0 up to 1."""

    now: Callable[[], datetime]
    connect: Callable[[Destination], Connector]
    enqueue: Callable[[str, int, float], None]
    chance: Callable[[], float]


def production() -> Tools:
    return Tools(timezone.now, kinds.connect, enqueue, random.random)


def enqueue(task: str, pk: int, delay: float) -> None:
    """Ask for a step once what led to it is stored. A broker that is away costs only time.

    A later time is not told to the broker: it stands in the database, and workers look for
    what is due each second.
    """
    if not delay:
        transaction.on_commit(partial(hint, f"runs.tasks.{task}", pk))
