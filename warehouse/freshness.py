"""How old the customer data is, and which it is."""

from __future__ import annotations

from datetime import datetime

from warehouse.engines import engine
from warehouse.errors import WarehouseError
from warehouse.models import Sync


def loaded_at() -> datetime | None:
    """When the data came; where the engine cannot tell, when it was last looked at; or None."""
    try:
        known = engine().loaded_at()
    except WarehouseError:
        known = None
    if known is None and (synced := Sync.objects.first()):
        return synced.synced_at
    return known


def version() -> str:
    """The data version as it is now, '' where the engine cannot tell."""
    try:
        return engine().version()
    except WarehouseError:
        return ""
