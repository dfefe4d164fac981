"""The editor's figures: the same snapshot and split as a run's, kept while they are true."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from campaigns import snapshot
from campaigns.definition import Definition, countable, digest
from campaigns.figures import Figures, from_json, to_json
from campaigns.files import working_folder
from campaigns.split import split
from warehouse.engines import engine

KEPT = 2 * 86_400  # seconds: figures of another day are not asked for again
FORM = 1  # raised when the shape or meaning of Figures changes


def figures(definition: Definition, moment: datetime | None = None, key: str = "") -> Figures:
    """Count a campaign as a launch at that moment (now) would send it.

    Kept for all processes by what is counted, the data version and the day.
    key: a name by which ``warehouse.engines.engine().cancel`` stops the query.
    Raises WarehouseError, RuleError.
    """
    moment = moment or timezone.now()
    if (found := cached(definition, moment)) is not None:
        return found
    counted = _count(definition, moment, key)
    cache.set(_key(definition, counted.data_version, moment), to_json(counted), KEPT)
    return counted


def cached(definition: Definition, moment: datetime | None = None) -> Figures | None:
    """The figures if they are known already, without counting."""
    found = cache.get(_key(definition, engine().version(), moment or timezone.now()))
    return from_json(found) if found else None


def _count(definition: Definition, moment: datetime, key: str) -> Figures:
    with working_folder() as folder:
        audience = folder / "snapshot.parquet"
        version = snapshot.build(definition, moment, audience, key=key)
        counted = split(audience, folder / "members.parquet", definition)
    return replace(counted, data_version=version)


def _key(definition: Definition, version: str, moment: datetime) -> str:
    day = moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat()
    around = [str(FORM), version, day, settings.TIME_ZONE, settings.DEFAULT_COUNTRY]
    text = "/".join([digest(countable(definition)), *around])
    return f"figures:{hashlib.sha256(text.encode()).hexdigest()}"
