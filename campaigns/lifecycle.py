"""What is done with a campaign as a whole: copy, unschedule, archive, restore, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from campaigns import revisions
from campaigns.editing import READ_ONLY
from campaigns.models import Campaign, Status, SubAudience, TreatmentGroup
from campaigns.states import put, state
from core.edits import EditRefusedError

KEPT = ("pk", "key", "folder", "labels", "revision", "owner_id")


def copy(campaign: Campaign, by: User) -> Campaign:
    """A draft like ``campaign``, without a name, with new seeds, runs and schedule of its own."""
    with transaction.atomic():
        twin = Campaign.objects.create(
            folder=campaign.folder,
            labels=campaign.labels,
            first_match_only=campaign.first_match_only,
            delivery={"when": "now"},
            owner=by,
            edited_by=by,
        )
        twin.include.set(campaign.include.all())
        twin.exclude.set(campaign.exclude.all())
        for part in campaign.sub_audiences.all():
            new_part = SubAudience.objects.create(
                campaign=twin,
                position=part.position,
                name=part.name,
                remaining=part.remaining,
                rule=part.rule,
            )
            new_part.segments.set(part.segments.all())
            for group in part.groups.all():
                new_group = TreatmentGroup.objects.create(
                    sub_audience=new_part,
                    position=group.position,
                    name=group.name,
                    split=group.split,
                    control=group.control,
                )
                new_group.destinations.set(group.sent_to)
        for mapping in campaign.mappings.all():
            mapping.pk = None
            mapping.campaign = twin
            mapping.save()
        revisions.keep(twin)
        audit.record(by, audit.Action.CREATED, twin, details=f"Copy of {campaign}")
    return twin


def unschedule(campaign_id: int, by: User) -> Campaign:
    """End the schedule; a run that is going goes on. Raises EditRefusedError without one."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        missed = campaign.missed_at is not None
        if campaign.next_due_at is None and campaign.status not in READ_ONLY and not missed:
            raise EditRefusedError("This campaign is no longer scheduled.")
        going = campaign.status == Status.RUNNING
        if not going and (campaign.status != Status.WAITING or missed):
            campaign.status = Status.DRAFT
        campaign.next_due_at = campaign.missed_at = None
        campaign.edited_by = by
        campaign.save(
            update_fields=["status", "next_due_at", "missed_at", "edited_by", "edited_at"]
        )
        audit.record(by, audit.Action.UNSCHEDULED, campaign)
    return campaign


def archive(campaign: Campaign, by: User) -> None:
    """Take it out of the list. Raises EditRefusedError while it runs or is scheduled."""
    with transaction.atomic():
        if not Campaign.objects.idle().filter(pk=campaign.pk).update(archived=True, edited_by=by):
            raise EditRefusedError(f"“{campaign}” runs or is scheduled, so it stays.")
        audit.record(by, audit.Action.ARCHIVED, campaign)


def restore(campaign: Campaign, by: User) -> None:
    """Raises EditRefusedError when its name was taken meanwhile."""
    try:
        with transaction.atomic():
            Campaign.objects.filter(pk=campaign.pk).update(archived=False, edited_by=by)
            audit.record(by, audit.Action.RESTORED, campaign)
    except IntegrityError as error:
        raise EditRefusedError(
            f"Another campaign is called {campaign.name} now. Rename that one first."
        ) from error


def delete(campaign: Campaign, by: User) -> dict[str, Any]:
    """Only a draft that never ran can go for good; what ``bring_back`` needs, as JSON.

    campaign: loaded with ``with_groups``. Raises EditRefusedError.
    """
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        if not Campaign.objects.deletable().filter(pk=campaign.pk).exists():
            raise EditRefusedError(f"“{campaign}” is no draft, so it stays. Archive it instead.")
        was = {name: getattr(campaign, name) for name in KEPT} | {"state": state(campaign)}
        audit.record(by, audit.Action.DELETED, campaign)
        campaign.delete()
    return was


def bring_back(was: Mapping[str, Any], by: User) -> None:
    """The draft that was deleted, at its old address. Its history begins anew, and what was
    tested with it is gone. Raises EditRefusedError when its name was taken meanwhile."""
    kept = {name: was[name] for name in KEPT}
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(**kept, edited_by=by)
            put(campaign, was["state"])
            campaign.save()
            revisions.keep(campaign)
            audit.record(by, audit.Action.RESTORED, campaign)
    except IntegrityError as error:
        name = was["state"]["name"]
        raise EditRefusedError(
            f"Another campaign is called {name} now. Rename that one first."
        ) from error
