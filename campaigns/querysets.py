from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from campaigns.models import Campaign


class CampaignQuerySet(QuerySet["Campaign"]):
    def live(self) -> CampaignQuerySet:
        return self.filter(archived=False)

    def due(self, now: datetime) -> CampaignQuerySet:
        """Those whose schedule has come due."""
        return self.live().filter(next_due_at__lte=now)

    def claim(self, campaign: Campaign, **fields: object) -> bool:
        """Take a due time for one worker and set what follows; False when another has it."""
        same = self.live().filter(pk=campaign.pk, next_due_at=campaign.next_due_at)
        return same.exclude(next_due_at=None).update(**fields) == 1

    def listed(self, search: str = "", status: str = "") -> CampaignQuerySet:
        """What the campaigns page shows. status: one of models.Status, or "archived"."""
        rows = self.select_related("owner").filter(archived=status == "archived")
        if status and status != "archived":
            rows = rows.filter(status=status)
        if search:
            rows = rows.filter(Q(name__icontains=search) | Q(folder__icontains=search))
        return rows

    def with_groups(self) -> CampaignQuerySet:
        """Everything the editor and a run read, in a constant number of queries."""
        return self.prefetch_related(
            "include",
            "exclude",
            "sub_audiences__segments",
            "sub_audiences__groups__destinations__default_attributes",
            "mappings__destination",
        )
