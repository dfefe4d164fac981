"""What becomes of campaigns next, for pages that change what they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from campaigns import schedule
from campaigns.models import Campaign, Status


def upcoming(campaigns: Sequence[int], **about: Any) -> dict[int, str]:
    """In words, by id: ``segments.touching.asked``."""
    return {each.pk: _next(each) for each in Campaign.objects.filter(pk__in=campaigns)}


def _next(campaign: Campaign) -> str:
    if campaign.due_next:
        return f"next run {campaign.due_next}"
    if campaign.next_due_at is not None and schedule.after_load(campaign.delivery):
        return "next run after the next load"
    if campaign.status == Status.RUNNING:
        return "running, not affected"
    return "no run is planned"
