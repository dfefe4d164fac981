"""What a step of a run needs from outside: the clock, destinations, the queue, chance.

Every step takes them, so that a test can play all workers in one process, with a
clock of its own and a bag for a broker, and let any of them die anywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

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
    from runs.tasks import enqueue  # tasks import the steps, and those this

    return Tools(timezone.now, kinds.connect, enqueue, random.random)
