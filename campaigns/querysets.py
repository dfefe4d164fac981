from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from campaigns.models import Campaign  # noqa: F401


class CampaignQuerySet(QuerySet["Campaign"]):
    def live(self) -> CampaignQuerySet:
        return self.filter(archived=False)

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
