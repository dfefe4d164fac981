"""What workers start. Tasks take ids and nothing else; any may run twice, late or never.

The settings route each to its queue.
"""

from __future__ import annotations

import logging
from functools import partial

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from runs import building, finishing, following, preparing, sending
from runs import reconcile as reconciling
from runs.tools import production

LONGEST_DELAY = 60.0  # a later time is left to the reconciler: it stands in the database
logger = logging.getLogger(__name__)


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


TASKS: dict[str, Task] = {
    task.__name__: task
    for task in (build_run, prepare_delivery, send_batch, follow_batch, finish_delivery)
}


def enqueue(task: str, pk: int, delay: float) -> None:
    """Ask for a step once what led to it is stored. A broker that is away costs only time."""
    if delay <= LONGEST_DELAY:
        transaction.on_commit(partial(_publish, task, pk, delay))


def _publish(task: str, pk: int, delay: float) -> None:
    try:
        TASKS[task].apply_async((pk,), countdown=delay, retry=False)
    except (OperationalError, OSError):
        logger.warning("The broker cannot be reached: %s %s waits for the reconciler.", task, pk)
