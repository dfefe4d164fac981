from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from campaigns.models import Campaign  # noqa: F401


class CampaignQuerySet(QuerySet["Campaign"]):
    def live(self) -> CampaignQuerySet:
        return self.filter(archived=False)

    def with_groups(self) -> CampaignQuerySet:
        """Everything the editor and a run read, in a constant number of queries."""
        return self.prefetch_related(
            "include",
            "exclude",
            "sub_audiences__segments",
            "sub_audiences__groups__destinations__default_attributes",
            "mappings__destination",
        )
