"""How far a delivery and a run are: their states follow from those of what they consist of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Max, Q, Sum, Value, When

from campaigns.models import Campaign, Status
from core.formats import counted, moment
from destinations.models import Destination
from destinations.obstacles import obstacle
from runs.models import ENDED, Batch, BatchState, Delivery, DeliveryState, Run, RunState
from runs.tools import Tools

STATUSES = {
    RunState.BUILDING: Status.RUNNING,
    RunState.SENDING: Status.RUNNING,
    RunState.PROCESSING: Status.RUNNING,
    RunState.WAITING: Status.WAITING,
    RunState.COMPLETE: Status.DELIVERED,
    RunState.PARTIAL: Status.PARTLY_DELIVERED,
    RunState.FAILED: Status.ERROR,
    RunState.STOPPED: Status.STOPPED,
}


def window(destination: Destination) -> int:
    """How many batches of a delivery are in the queue at once: two seconds' worth."""
    return max(8, 2 * destination.requests_per_second)


def next_batch(batch: Batch, tools: Tools) -> None:
    """Ask for the batch that comes into the window when this one leaves it."""
    number = batch.number + window(batch.delivery.destination)
    following = Batch.objects.filter(
        delivery=batch.delivery_id, number=number, state=BatchState.READY
    ).values_list("pk", flat=True)
    for pk in following:
        tools.enqueue("send_batch", pk, 0.0)


def delivery_sent(delivery: Delivery, tools: Tools) -> None:
    """Move a delivery on once all its requests were made, or only those wait that must."""
    now = tools.now()
    to_make = Q(state=BatchState.SENDING) | Q(state=BatchState.READY, waits_until=None)
    to_make |= Q(state=BatchState.READY, waits_until__lte=now)
    batches = Batch.objects.filter(delivery=delivery.pk)
    if batches.filter(to_make).exists():
        return
    moved = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING).update(
        state=DeliveryState.PROCESSING, sent_at=now
    )
    if moved:
        run_moves(delivery.run_id, tools)
    if not batches.going().exists():
        tools.enqueue("finish_delivery", delivery.pk, 0.0)


def run_moves(run_id: int, tools: Tools) -> None:
    """Give a run that is not over the state that follows from its deliveries'."""
    run = Run.objects.get(pk=run_id)
    if run.state in ENDED or run.state == RunState.BUILDING:
        return
    deliveries = list(run.deliveries.select_related("destination__credential"))
    state, problem = going(run, deliveries, tools.now())
    if (state, problem) != (run.state, run.problem):
        move(run, state, tools, problem=problem)


def going(run: Run, deliveries: Sequence[Delivery], now: datetime) -> tuple[RunState, str]:
    """The state of a run that is going on, and the words that a person needs."""
    left = [each for each in deliveries if each.state not in ENDED]
    if not run.stop_requested_at:
        for delivery in left:
            if delivery.state == DeliveryState.WAITING:
                return RunState.WAITING, delivery.problem
    for delivery in left:
        if obstacle := blocked(delivery):
            return RunState.WAITING, obstacle
    problem = next((each.problem for each in left if each.problem), "")
    if any(each.state in (DeliveryState.PREPARING, DeliveryState.SENDING) for each in left):
        return RunState.SENDING, problem
    return RunState.PROCESSING, problem or waits(run, now)


def waits(run: Run, now: datetime) -> str:
    """Whom the run cannot send yet, why and until when; '' when there is nobody."""
    held_up = Batch.objects.filter(delivery__run=run, state=BatchState.READY, waits_until__gt=now)
    of = held_up.aggregate(people=Sum("size"), until=Max("waits_until"))
    if not of["people"]:
        return ""
    people = counted(of["people"], "person waits,people wait")
    return (
        f"{people} until {moment(of['until'])}: an answer about them was lost in an earlier run, "
        "and what it was asked may still be carried out. The run then goes on by itself."
    )


def blocked(delivery: Delivery) -> str:
    """What an admin must do before this delivery can go on; '' when nothing."""
    destination = delivery.destination
    if destination.credential.refused_at:
        return (
            f'{destination.name} refused the credential "{destination.credential.name}". '
            "Ask an admin to enter a new one; the run then goes on by itself."
        )
    if problem := obstacle(destination):
        return (
            f"{destination.name} cannot be called. {problem} "
            "Ask an admin to see to it; the run then goes on by itself."
        )
    if not destination.enabled and delivery.state != DeliveryState.PROCESSING:
        return (
            f"{destination.name} is switched off. "
            "Ask an admin to switch it on; the run then goes on by itself."
        )
    return ""


def status(state: RunState) -> Status | Case:
    """The status of a campaign whose run is in a state. One with a schedule that goes on is
    scheduled again once its run has ended, unless nothing of it was delivered."""
    if state not in ENDED or state == RunState.FAILED:
        return STATUSES[state]
    return Case(
        When(next_due_at=None, then=Value(STATUSES[state])), default=Value(Status.SCHEDULED)
    )


def move(run: Run, state: RunState, tools: Tools, **fields: object) -> bool:
    """Compare and set a run's state, and its campaign's with it; False when it had moved."""
    if state == RunState.PROCESSING and run.sent_at is None:
        fields["sent_at"] = tools.now()
    with transaction.atomic():
        moved = Run.objects.filter(pk=run.pk, state=run.state).update(state=state, **fields)
        if moved and not run.test:
            Campaign.objects.filter(pk=run.campaign_id).update(status=status(state))
    return bool(moved)
