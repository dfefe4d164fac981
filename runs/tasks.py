"""What workers start. Tasks take ids and nothing else; any may run twice, late or never.

The settings route each to its queue.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from runs import building, finishing, following, preparing, sending
from runs import reconcile as reconciling
from runs.tools import production

BROKER_REST = 5.0  # seconds for which a broker that failed is left alone
TICK_SECONDS = 1.0
logger = logging.getLogger(__name__)


class Hint:
    """Messages for a broker that may be away: the reconciler makes up for those not given."""

    _silent_until = 0.0

    def give(self, task: Task, *arguments: int, **options: Any) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            task.apply_async(arguments, retry=False, **options)
        except (OperationalError, OSError):
            self._silent_until = time.monotonic() + BROKER_REST
            logger.warning("The broker cannot be reached. What is due waits for the reconciler.")


_hint = Hint()


@shared_task
def build_run(run_id: int) -> None:
    building.build(run_id, production())


@shared_task
def prepare_delivery(delivery_id: int) -> None:
    preparing.prepare(delivery_id, production())


@shared_task
def send_batch(batch_id: int) -> None:
    sending.send(batch_id, production())


@shared_task
def follow_batch(batch_id: int) -> None:
    following.follow(batch_id, production())


@shared_task
def finish_delivery(delivery_id: int) -> None:
    finishing.finish(delivery_id, production())


@shared_task
def reconcile() -> None:
    reconciling.reconcile(production())


@shared_task
def tick() -> None:
    """Of every worker that follows, each TICK_SECONDS: nothing is asked of beat or broker
    but to pass it on."""
    reconciling.remind(production())


def ask_to_tick() -> None:
    _hint.give(tick, expires=TICK_SECONDS)


TASKS: dict[str, Task] = {
    task.__name__: task
    for task in (build_run, prepare_delivery, send_batch, follow_batch, finish_delivery)
}


def enqueue(task: str, pk: int, delay: float) -> None:
    """Ask for a step once what led to it is stored. A broker that is away costs only time.

    A later time is not told to the broker: it stands in the database, and ``tick`` looks.
    """
    if not delay:
        transaction.on_commit(partial(_hint.give, TASKS[task], pk))
