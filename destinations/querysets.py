from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from accounts.models import User

if TYPE_CHECKING:
    from destinations.models import Destination  # noqa: F401


class DestinationQuerySet(QuerySet["Destination"]):
    def with_credential(self) -> DestinationQuerySet:
        """What connecting needs, in the same query."""
        return self.select_related("credential")

    def closed_to(self, user: User | None) -> DestinationQuerySet:
        """Those that only others may use, with whom they are for.

        user: None for a command, and for Muster itself, which may use all.
        """
        if user is None or user.is_superuser:
            return self.none()
        others = self.exclude(only_for=None).exclude(only_for__in=user.groups.all())
        return others.prefetch_related("only_for")

    def open_to(self, user: User | None) -> DestinationQuerySet:
        return self.exclude(pk__in=self.model.objects.closed_to(user).values("pk"))

    def with_defaults(self) -> DestinationQuerySet:
        """Each with its default attributes and who edited them, in the same query."""
        return self.select_related("default_attributes__edited_by")

    def with_use(self) -> DestinationQuerySet:
        """campaigns: how many campaigns that are not archived send to it."""
        live = Q(groups__sub_audience__campaign__archived=False)
        return self.annotate(
            campaigns=Count("groups__sub_audience__campaign", filter=live, distinct=True)
        )
