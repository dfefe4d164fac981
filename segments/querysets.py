from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from segments.models import Segment  # noqa: F401


class SegmentQuerySet(QuerySet["Segment"]):
    def live(self) -> SegmentQuerySet:
        return self.filter(archived=False)

    def active(self) -> SegmentQuerySet:
        """Published and not archived: what a campaign may take."""
        return self.live().filter(rule__isnull=False)
