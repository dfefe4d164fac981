"""Edits of a campaign: each changes one thing of it and raises its revision.

``opened`` is the one way in: it takes the campaign's row and checks the revision that the
edit was made on; what is done within is stored with the next revision, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import audit
from accounts.models import User
from campaigns import timing
from campaigns.models import Campaign, Status, SubAudience
from campaigns.operations import OPERATIONS, Values, part_of, set_segments, text_of, two_halves
from campaigns.timing import Timing
from core.edits import EditRefusedError, StaleEditError
from segments import drafts
from segments.operations import changed
from warehouse.catalogue import Catalogue

READ_ONLY = (Status.SCHEDULED,)


def create(by: User, name: str = "", include: Values = ()) -> Campaign:
    """A new draft: the remaining audience members in two unnamed groups, half each.

    Raises EditRefusedError when another campaign has the name.
    """
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                name=text_of([name], 200), owner=by, edited_by=by, delivery={"when": "now"}
            )
            part = SubAudience.objects.create(campaign=campaign, remaining=True)
            two_halves(part)
            set_segments(campaign.include, include)
            audit.record(by, audit.Action.CREATED, campaign)
    except IntegrityError as error:
        raise EditRefusedError(_taken("name")) from error
    return campaign


def edit(
    campaign_id: int, op: str, node: str, values: Values, base: int | None, by: User
) -> Campaign:
    """Apply one operation of the editor.

    op: a key of OPERATIONS; node: the key of the sub-audience or group, '' for the
    campaign; values: what the control sent; base: the revision that the edit was made on.
    Raises StaleEditError, EditRefusedError, Campaign.DoesNotExist.
    """
    if op not in OPERATIONS:
        raise EditRefusedError("Muster does not know this change. Load the page again.")
    try:
        with opened(campaign_id, base, by) as campaign:
            OPERATIONS[op](campaign, node, values)
    except IntegrityError as error:
        raise EditRefusedError(_taken(op)) from error
    return campaign


def edit_rule(
    campaign_id: int,
    part: str,
    op: str,
    node: str,
    values: Values,
    base: int | None,
    by: User,
    tables: Catalogue,
) -> Campaign:
    """Apply one operation of the segment editor to the own rule of a sub-audience.

    part: the key of the sub-audience; op, node, values: as ``segments.operations.changed`` takes
    them. Its segments give way to the rule. Raises as ``edit`` does.
    """
    with opened(campaign_id, base, by) as campaign:
        row = part_of(campaign, part)
        if row.remaining:
            raise EditRefusedError("The remaining audience members are those that no rule takes.")
        root = drafts.numbered(row.rule, rule_id(row))
        made = changed(root, op, node, values, tables)
        row.rule = made if drafts.children(made) else None
        row.segments.clear()
        row.save()
    return campaign


def edit_timing(
    campaign_id: int, said: Timing, now: datetime, base: int | None, by: User
) -> Campaign:
    """Store when it runs, as the editor's controls say it. Raises as ``edit`` does."""
    with opened(campaign_id, base, by) as campaign:
        campaign.delivery = timing.delivery(said, campaign.delivery, now)
        campaign.messages_from = timing.messages_from(said, campaign.delivery, now)
    return campaign


def rule_id(part: SubAudience) -> str:
    """The id of the outermost group of its rule, before there is one."""
    return f"rule-{part.key}"


@contextmanager
def opened(campaign_id: int, base: int | None, by: User) -> Iterator[Campaign]:
    """The campaign, locked for one edit by this user; stored with its next revision at the end.

    base: the revision that the edit was made on; None where it does not matter.
    Raises StaleEditError, EditRefusedError, Campaign.DoesNotExist.
    """
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        if read_only(campaign):
            raise EditRefusedError("Unschedule or restore this campaign to edit it.")
        if base is not None and base != campaign.revision:
            raise StaleEditError(str(campaign.edited_by or "Someone"), "campaign")
        yield campaign
        campaign.revision = F("revision") + 1
        campaign.edited_by = by
        campaign.save()
        audit.edited(by, campaign)
    campaign.refresh_from_db()


def read_only(campaign: Campaign) -> bool:
    """Whether it must be unscheduled or restored before it can be edited."""
    if campaign.archived or campaign.status in READ_ONLY:
        return True
    return campaign.next_due_at is not None or campaign.missed_at is not None


def _taken(op: str) -> str:
    return {
        "name": "Another campaign has this name. Choose one that tells them apart.",
        "part_name": "Another sub-audience here has this name.",
        "group_name": "Another group here has this name.",
    }.get(op, "This does not fit what is there already.")
