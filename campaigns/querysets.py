from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import F, Prefetch, Q, QuerySet

from core.filing import LABEL_TEXT, in_folder, labelled
from core.typed import whole

if TYPE_CHECKING:
    from campaigns.models import Campaign


class CampaignQuerySet(QuerySet["Campaign"]):
    def live(self) -> CampaignQuerySet:
        return self.filter(archived=False)

    def idle(self) -> CampaignQuerySet:
        """Those that neither run nor are scheduled."""
        busy = ("running", "waiting", "scheduled")
        return self.filter(next_due_at=None).exclude(status__in=busy)

    def deletable(self) -> CampaignQuerySet:
        """Drafts that never ran, except for tests."""
        ran = self.filter(runs__test=False).values("pk")
        return self.filter(status="draft").exclude(pk__in=ran)

    def due(self, now: datetime) -> CampaignQuerySet:
        """Those whose schedule has come due."""
        return self.live().filter(next_due_at__lte=now)

    def claim(self, campaign: Campaign, **fields: object) -> bool:
        """Take a due time for one worker and set what follows; False when another has it."""
        same = self.live().filter(pk=campaign.pk, next_due_at=campaign.next_due_at)
        return same.exclude(next_due_at=None).update(**fields) == 1

    def listed(self, filters: Mapping[str, str]) -> CampaignQuerySet:
        """What the campaigns page shows.

        filters: q (in name, folder and labels), status (one of models.Status, "archived", or
        "asked": those that wait for approval),
        folder (a path, with all below it), label (any of several, with
        commas between), owner (a user's id).
        """
        status = filters.get("status", "")
        rows = self.select_related("owner").alias(label_text=LABEL_TEXT)
        rows = rows.filter(archived=status == "archived")
        if status == "asked":
            rows = rows.filter(approvals__state="asked", approvals__revision=F("revision"))
        elif status and status != "archived":
            rows = rows.filter(status=status)
        if folder := filters.get("folder"):
            rows = rows.filter(in_folder(folder))
        if labels := filters.get("label"):
            rows = rows.filter(labelled(labels))
        if owner := filters.get("owner"):
            rows = rows.filter(owner=whole(owner) or 0)
        if search := filters.get("q"):
            here = ("name", "folder", "label_text")
            found = (Q(**{f"{each}__icontains": search}) for each in here)
            rows = rows.filter(reduce(or_, found))
        return rows

    def with_groups(self) -> CampaignQuerySet:
        """Everything the editor and a run read, in a constant number of queries.

        Groups get ``sent_to``: a manager for each of very many takes longer than all else.
        """
        return self.prefetch_related(*groups())


def groups() -> tuple[str | Prefetch, ...]:
    """What ``with_groups`` loads."""
    return (
        "include",
        "exclude",
        "sub_audiences__segments",
        Prefetch("sub_audiences__groups__destinations", to_attr="sent_to"),
        "sub_audiences__groups__sent_to__default_attributes",
        "mappings__destination",
    )
