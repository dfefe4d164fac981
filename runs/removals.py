"""A delivery that would remove many people waits for somebody to say yes or no."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns import closed
from core.errors import MusterError
from runs import log, progress
from runs.models import Delivery, DeliveryState
from runs.tools import Tools


class NothingToDecideError(MusterError):
    def __str__(self) -> str:
        return "This was decided already. Nothing waits for you here."


def approve(delivery: Delivery, tools: Tools, by: User | None = None) -> None:
    """Remove them. Raises NothingToDecideError when the delivery does not wait any more,
    EditRefusedError where its destination is for others only."""
    _decide(delivery, True, "The removal was approved.", tools, by)


def keep(delivery: Delivery, tools: Tools, by: User | None = None) -> None:
    """Send the additions only; the list keeps the people it would have lost, for now."""
    _decide(delivery, False, "The people who would have been removed are kept.", tools, by)


def _decide(delivery: Delivery, remove: bool, text: str, tools: Tools, by: User | None) -> None:
    decided = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.WAITING, run__stop_requested_at=None
    )
    if by is not None:
        closed.refuse(delivery.destination, by)
    with transaction.atomic():
        moved = Delivery.objects.filter(pk__in=decided, state=DeliveryState.WAITING).update(
            state=DeliveryState.PREPARING, removal_approved=remove, due_at=tools.now(), problem=""
        )
        if not moved:
            raise NothingToDecideError()
        log.write(delivery.run_id, f'"{delivery.segment_name}": {text}', tools)
        campaign = delivery.run.campaign
        audit.record(by, audit.Action.DECIDED, campaign, str(delivery), details=text)
    tools.enqueue("prepare_delivery", delivery.pk, 0.0)
    progress.run_moves(delivery.run_id, tools)
