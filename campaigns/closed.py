"""Destinations that are kept for some people: others neither choose nor change them here.

What a campaign uses already stays in it; who may not use it cannot launch it.
"""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from campaigns.models import TreatmentGroup
from core.edits import EditRefusedError
from core.typed import whole
from destinations.models import Destination


def refuse_new(campaign_id: int, op: str, node: str, values: Sequence[str], by: User) -> None:
    """Raises EditRefusedError for an operation that puts a closed destination into a group."""
    if op != "destinations":
        return
    chosen = [pk for pk in map(whole, values) if pk is not None]
    groups = TreatmentGroup.objects.filter(sub_audience__campaign=campaign_id, key=node)
    there = groups.values("destinations").exclude(destinations=None)
    new = Destination.objects.closed_to(by).filter(pk__in=chosen).exclude(pk__in=there)
    for destination in new[:1]:
        raise EditRefusedError(destination.only_words)


def refuse(destination: Destination, by: User) -> None:
    """Raises EditRefusedError where the destination is for others only."""
    for closed in Destination.objects.closed_to(by).filter(pk=destination.pk):
        raise EditRefusedError(closed.only_words)
