from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

if TYPE_CHECKING:
    from destinations.models import Destination


class DestinationQuerySet(QuerySet["Destination"]):
    def with_credential(self) -> DestinationQuerySet:
        """What connecting needs, in the same query."""
        return self.select_related("credential")

    def with_use(self) -> DestinationQuerySet:
        """campaigns: how many campaigns that are not archived send to it."""
        archived = {"groups__sub_audience__campaign__archived": False}
        return self.annotate(
            campaigns=Count(
                "groups__sub_audience__campaign", filter=Q(**archived), distinct=True
            )
        )
