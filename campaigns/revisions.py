"""The revisions of a campaign: what it was after each edit, by whom."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign, CampaignRevision
from campaigns.querysets import groups
from campaigns.states import State, state
from core import revisions
from core.revisions import Change, Made, at, is_done, step, steps

__all__ = ["Change", "at", "is_done", "step", "steps"]

SITTING = timedelta(minutes=30)  # without an edit for so long, the next begins another sitting
TYPED = ("name", "part_name", "group_name", "split", "timing", "value", "period")


def present(campaign: Campaign) -> CampaignRevision:
    """The campaign's newest revision, kept now if what made it kept none."""
    last: CampaignRevision = revisions.present(
        campaign, campaign.revision, lambda: _stored(campaign), campaign.edited_by
    )
    return last


def loaded(campaign: Campaign) -> State:
    """Load what ``with_groups`` loads into the campaign itself; the state that it has."""
    prefetch_related_objects([campaign], *groups())
    return state(campaign)


def keep(campaign: Campaign) -> None:
    """Keep what was made as a whole, by its editor: a new campaign, a copy, a manifest's."""
    newest = campaign.revisions.defer("state").first()
    made = Made("", campaign.edited_by)
    if newest is None or newest.number != campaign.revision - 1:
        present(campaign)
    else:
        record(campaign, newest, _stored(campaign), made)


def record(campaign: Campaign, last: CampaignRevision, now: State, made: Made) -> None:
    """Keep what an edit has made; the campaign has its new revision. last: the one before."""
    revisions.record(campaign, last, now, made)
    _closed(campaign, last, made.by)


def stepped(
    campaign: Campaign, last: CampaignRevision, now: State, made: Made, to: CampaignRevision
) -> None:
    """Keep the revision that undo or redo has just made, showing the state of ``to``."""
    revisions.stepped(campaign, now, made, to)
    _closed(campaign, last, made.by)


def since(campaign: Campaign, base: int, key: str) -> list[Change] | None:
    """What others have changed after the revision ``base``; None when it is no longer known."""
    return revisions.since(campaign, base, key, lambda: _stored(campaign))


def _closed(campaign: Campaign, last: CampaignRevision, by: User | None) -> None:
    """Mark where a sitting ended, when this edit began another, and forget the oldest edits
    within sittings."""
    if last.author_id != getattr(by, "pk", None) or timezone.now() - last.at > SITTING:
        campaign.revisions.filter(pk=last.pk).update(sitting=True)
    oldest = campaign.revision - revisions.KEPT
    if oldest > 0:
        campaign.revisions.filter(number__lte=oldest, sitting=False).delete()


def _stored(campaign: Campaign) -> State:
    return state(Campaign.objects.with_groups().get(pk=campaign.pk))
