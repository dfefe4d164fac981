"""The editor's figures: the same snapshot and split as a run's, kept while they are true."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from campaigns import keeping, snapshot
from campaigns.definition import Definition, countable, digest
from campaigns.figures import Figures, from_json, to_json
from campaigns.split import split
from warehouse.engines import engine

FORM = 1  # raised when the shape or meaning of Figures changes


def figures(definition: Definition, moment: datetime | None = None, key: str = "") -> Figures:
    """Count a campaign as a launch at that moment (now) would send it.

    Kept for all processes by what is counted, the data version and the day.
    key: a name by which ``warehouse.engines.engine().cancel`` stops the query.
    Raises WarehouseError, RuleError.
    """
    moment = moment or timezone.now()
    kept = _kept(definition, engine().version(), moment)
    if (found := _load(kept)) is not None:
        return found
    counted = _count(definition, moment, key)
    keeping.store(_kept(definition, counted.data_version, moment), to_json(counted))
    return counted


def cached(definition: Definition, moment: datetime | None = None) -> Figures | None:
    """The figures if they are known already, without counting."""
    return _load(_kept(definition, engine().version(), moment or timezone.now()))


def _count(definition: Definition, moment: datetime, key: str) -> Figures:
    with TemporaryDirectory(dir=keeping.folder("tmp"), prefix="figures-") as folder:
        audience = Path(folder) / "snapshot.parquet"
        version = snapshot.build(definition, moment, audience, key=key)
        counted = split(audience, Path(folder) / "members.parquet", definition)
    return replace(counted, data_version=version)


def _kept(definition: Definition, version: str, moment: datetime) -> Path:
    day = moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat()
    around = [str(FORM), version, day, settings.TIME_ZONE, settings.DEFAULT_COUNTRY]
    text = "/".join([digest(countable(definition)), *around])
    return keeping.folder("figures") / f"{hashlib.sha256(text.encode()).hexdigest()}.json"


def _load(path: Path) -> Figures | None:
    kept = keeping.load(path)
    return from_json(kept) if kept else None
