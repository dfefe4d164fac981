from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

if TYPE_CHECKING:
    from segments.models import Segment  # noqa: F401


class SegmentQuerySet(QuerySet["Segment"]):
    def live(self) -> SegmentQuerySet:
        return self.filter(archived=False)

    def active(self) -> SegmentQuerySet:
        """Published and not archived: what a campaign may take."""
        return self.live().filter(rule__isnull=False)

    def with_people(self) -> SegmentQuerySet:
        return self.select_related("created_by", "edited_by")

    def with_campaigns(self) -> SegmentQuerySet:
        """campaigns: how many that are not archived take it or leave it out."""
        return self.annotate(
            campaigns=Count("included_in", Q(included_in__archived=False), distinct=True)
            + Count("excluded_in", Q(excluded_in__archived=False), distinct=True)
        )

    def listed(self, search: str = "", status: str = "") -> SegmentQuerySet:
        """As the segments page lists them. status: active, draft, archived; '' all live ones."""
        found = self.filter(archived=True) if status == "archived" else self.live()
        if status == "active":
            found = found.active()
        if status == "draft":
            found = found.filter(Q(rule__isnull=True) | Q(draft__isnull=False))
        if search:
            found = found.filter(
                Q(name__icontains=search)
                | Q(description__icontains=search)
                | Q(folder__icontains=search)
            )
        return found.with_people().order_by("-edited_at", "-pk")
