"""What every page says of the customer data: how old it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from warehouse import freshness

OLD = timedelta(days=2)


def data_age(request: HttpRequest) -> dict[str, datetime | bool | None]:
    """data_of: when the customer data was loaded; data_stale: too long ago to rely on."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    loaded = freshness.loaded_at()
    return {
        "data_of": loaded,
        "data_stale": loaded is not None and timezone.now() - loaded > OLD,
    }
