"""What workers start. Tasks take ids and nothing else; any may run twice, late or never.

The settings route each to its queue.
"""

from __future__ import annotations

from celery import shared_task

from core.hints import hint
from runs import building, clearing, finishing, following, preparing, sending
from runs import reconcile as reconciling
from runs.tools import production

TICK_SECONDS = 1.0


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
def remove_list(list_id: int) -> None:
    clearing.remove(list_id, production())


@shared_task
def reconcile() -> None:
    reconciling.reconcile(production())


@shared_task
def tick() -> None:
    """Of every worker that follows, each TICK_SECONDS: nothing is asked of beat or broker
    but to pass it on."""
    reconciling.remind(production())


def ask_to_tick() -> None:
    hint(tick.name, expires=TICK_SECONDS)
