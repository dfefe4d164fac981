"""Whatever is due and not moving is set moving: the one way back from any loss.

The broker may have lost, doubled or delayed every message; workers may be gone. The
database tells whose turn it is. Doing this too often does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet

from campaigns.models import Campaign
from core.failpoints import hit
from runs import finishing, progress, scheduling, stopping
from runs.models import Batch, BatchState, Delivery, DeliveryState, List, Run, RunState
from runs.tools import Tools

GRACE = timedelta(seconds=10)  # for a message that is on its way
AT_ONCE = 500  # messages of one kind in one go
UNDER_WAY = (DeliveryState.SENDING, DeliveryState.PROCESSING)

logger = logging.getLogger(__name__)


def reconcile(tools: Tools) -> None:
    """Move on what follows from stored facts, and enqueue what is due."""
    now = tools.now()
    move_on(tools)
    nudge("build_run", first(Run.objects.to_build(now)), tools)
    nudge("prepare_delivery", first(Delivery.objects.to_prepare(now)), tools)
    for delivery in under_way():
        due = Batch.objects.to_send(now - GRACE).filter(delivery=delivery).order_by("number")
        nudge("send_batch", due[: progress.window(delivery.destination)], tools)
    nudge("follow_batch", first(Batch.objects.to_follow(now - GRACE)), tools)
    nudge("finish_delivery", first(Delivery.objects.to_finish(now)), tools)
    nudge("remove_list", first(List.objects.to_remove(now)), tools)
    start_due(tools)


def remind(tools: Tools) -> None:
    """Enqueue what was put off and has come due since it was last enqueued.

    Promptness only: it looks at five indexes, and what is lost is found by ``reconcile``.
    """
    if not Run.objects.going().exists():
        return
    now = tools.now()
    for task, rows, due in (
        ("build_run", Run.objects.to_build(now), "retry_at"),
        ("prepare_delivery", Delivery.objects.to_prepare(now), "due_at"),
        ("send_batch", Batch.objects.to_send(now).filter(state=BatchState.READY), "due_at"),
        ("follow_batch", Batch.objects.to_follow(now), "due_at"),
        ("finish_delivery", Delivery.objects.to_finish(now), "due_at"),
    ):
        unasked = Q(nudged_at=None) | Q(nudged_at__lt=F(due))
        put_off: QuerySet[Any] = first(rows.filter(unasked, attempt__gt=0))
        ask(task, put_off.model, list(put_off.values_list("pk", flat=True)), tools)


def start_due(tools: Tools) -> None:
    """Start the campaigns whose schedule has come due."""
    for campaign in Campaign.objects.due(tools.now()).order_by("next_due_at", "pk")[:AT_ONCE]:
        with alone(campaign):
            scheduling.start(campaign, tools)


def move_on(tools: Tools) -> None:
    """What a worker stored and then died before it drew the consequence."""
    for run in Run.objects.going().exclude(state=RunState.BUILDING, stop_requested_at=None):
        with alone(run):
            if run.stop_requested_at:
                stopping.carry_out(run.pk, tools)
            else:
                finishing.end_run(run.pk, tools)
    for delivery in under_way().filter(state=DeliveryState.SENDING):
        with alone(delivery):
            progress.delivery_sent(delivery, tools)


@contextmanager
def alone(row: Campaign | Run | Delivery) -> Iterator[None]:
    """What is wrong with one of them holds up no other."""
    try:
        yield
    except Exception as error:
        # Only the kind of error: its text may hold a customer's values.
        kind = type(error).__name__
        logger.error("Moving %s %s on broke down: %s", type(row).__name__, row.pk, kind)


def under_way() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state__in=UNDER_WAY).select_related("destination")


def first(due: QuerySet[Any]) -> QuerySet[Any]:
    return due.order_by("pk")[:AT_ONCE]


def nudge(task: str, due: QuerySet[Any], tools: Tools) -> None:
    """Enqueue rows that are due, unless that was done a moment ago."""
    silent_since = tools.now() - timedelta(seconds=settings.LEASE_SECONDS)
    rows = due.values_list("pk", "nudged_at")
    ask(task, due.model, [pk for pk, at in rows if at is None or at < silent_since], tools)


def ask(task: str, model: Any, chosen: list[int], tools: Tools) -> None:
    if not chosen:
        return
    hit("reconcile.selected")
    model.objects.filter(pk__in=chosen).update(nudged_at=tools.now())
    for pk in chosen:
        tools.enqueue(task, pk, 0.0)
    hit("reconcile.enqueued")
