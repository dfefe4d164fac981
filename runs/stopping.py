"""Stop a run: no request begins any more; what is at Attentive stays and is followed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q

from accounts import audit
from accounts.models import User
from core.failpoints import hit
from runs import finishing, log, progress
from runs.models import ENDED, Batch, BatchState, Delivery, DeliveryState, Run, RunState
from runs.tools import Tools


def stop(run: Run, tools: Tools, by: User | None = None) -> None:
    """Ask a run to stop. It has stopped once ``in_flight`` is 0."""
    now = tools.now()
    asked = Run.objects.going().filter(pk=run.pk, stop_requested_at=None)
    with transaction.atomic():
        if asked.update(stop_requested_at=now):
            log.write(run, "Stop was pressed.", tools)
            audit.record(by, audit.Action.STOPPED, run.campaign, str(run))
    hit("stop.requested")
    carry_out(run.pk, tools)


def in_flight(run: Run) -> int:
    """Requests that had begun when Stop was pressed and whose answer is still to come."""
    return Batch.objects.filter(delivery__run=run, state=BatchState.SENDING).count()


def carry_out(run_id: int, tools: Tools) -> None:
    """Give up all that has not begun. Safe to repeat, and repeated until nothing is left."""
    run = Run.objects.get(pk=run_id)
    if run.state in ENDED or not run.stop_requested_at:
        return
    if run.state == RunState.BUILDING:
        progress.move(run, RunState.STOPPED, tools, ended_at=tools.now())
        return
    going = Delivery.objects.going().filter(run=run)
    for delivery in going:
        give_up(delivery, tools)
    hit("stop.committed")
    for delivery in going.filter(state__in=(DeliveryState.SENDING, DeliveryState.PROCESSING)):
        progress.delivery_sent(delivery, tools)
    finishing.end_run(run_id, tools)


def give_up(delivery: Delivery, tools: Tools) -> None:
    """End it but for what Attentive has taken, or may have: that is followed to its end."""
    now = tools.now()
    idle = Q(state=BatchState.READY) | Q(state=BatchState.SENDING, lease_until__lt=now)
    batches = Batch.objects.filter(delivery=delivery)
    with transaction.atomic():
        # The delivery first: from then on nobody stores batches that would be overlooked.
        Delivery.objects.filter(
            pk=delivery.pk, state__in=(DeliveryState.PREPARING, DeliveryState.WAITING)
        ).update(
            state=DeliveryState.STOPPED, attempt=F("attempt") + 1, lease_until=None, ended_at=now
        )
        # A request that is just beginning holds its row: wait, then see that it has begun.
        list(batches.going().select_for_update().values_list("pk", flat=True))
        finishing.unsend(batches.filter(idle), tools)
