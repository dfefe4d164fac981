"""The editor's figures: the same snapshot and split as a run's, kept while they are true."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from campaigns import previews, snapshot
from campaigns.definition import Definition, as_text, countable
from campaigns.figures import Figures, from_json, to_json
from campaigns.split import split
from core.files import working_folder
from warehouse import catalogue, extra
from warehouse.catalogue import Catalogue
from warehouse.engines import engine

KEPT = 2 * 86_400  # seconds: figures of another day are not asked for again
FORM = 1  # raised when the shape or meaning of Figures changes


def figures(definition: Definition, moment: datetime | None = None, key: str = "") -> Figures:
    """Count a campaign as a launch at that moment (now) would send it.

    Kept for all processes by what is counted, the data version, what the catalogue makes
    of the data, and the day. key: a name by which
    ``warehouse.engines.engine().cancel`` stops the query. Raises WarehouseError, RuleError.
    """
    moment = moment or timezone.now()
    asked = _asked(definition, moment)
    if (found := _kept(asked)) is not None:
        return found
    counted, _ = _count(definition, moment, key, asked)
    _keep(asked, counted)
    return counted


def files(definition: Definition, moment: datetime | None = None, key: str = "") -> Path:
    """The folder of ``previews`` with the people behind the figures. key: as above.

    Counted again where it is gone. Raises WarehouseError, RuleError.
    """
    moment = moment or timezone.now()
    asked = _asked(definition, moment)
    if asked and (found := previews.find(_name(asked, engine().version()))):
        return found
    counted, folder = _count(definition, moment, key, asked)
    _keep(asked, counted)
    return folder


def correct(definition: Definition, moment: datetime, counted: Figures) -> None:
    """Keep figures that a run has found otherwise: what happens later on the same day may move
    them, and whoever looks again must not be shown the old ones."""
    _keep(_asked(definition, moment), counted)


def _keep(asked: str, counted: Figures) -> None:
    if asked:
        cache.set(_key(asked, counted.data_version), to_json(counted), KEPT)


def cached(definition: Definition, moment: datetime | None = None) -> Figures | None:
    """The figures if they are known already, without counting."""
    return _kept(_asked(definition, moment or timezone.now()))


def _kept(asked: str) -> Figures | None:
    found = cache.get(_key(asked, engine().version())) if asked else None
    return from_json(found) if found else None


def _count(definition: Definition, moment: datetime, key: str, asked: str) -> tuple[Figures, Path]:
    """The figures, and the folder with the people behind them."""
    with working_folder() as folder:
        audience = folder / previews.SNAPSHOT
        version = snapshot.build(definition, moment, audience, key=key)
        counted = split(audience, folder / previews.MEMBERS, definition)
        kept = previews.keep(folder, _name(asked or uuid.uuid4().hex, version))
    return replace(counted, data_version=version), kept


def _key(asked: str, version: str) -> str:
    return f"figures:{_name(asked, version)}"


def _name(asked: str, version: str) -> str:
    return hashlib.sha256(f"{asked}/{version}".encode()).hexdigest()


def _asked(definition: Definition, moment: datetime) -> str:
    """All that figures depend on beside the data version; '' when no text can stand for it."""
    day = moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat()
    whole = as_text(countable(definition))
    rules = whole.lower()
    own = [extra.state(name) for name in sorted(extra.registered()) if name.lower() in rules]
    if None in own:
        return ""
    around = (FORM, settings.WAREHOUSE_URL, settings.TIME_ZONE, settings.DEFAULT_COUNTRY)
    return repr((whole, day, *around, _meant(catalogue.current()), own))


def _meant(tables: Catalogue) -> list[object]:
    """What the catalogue makes of the tables: an admin's correction changes what is counted."""
    return [
        tables.base,
        *(
            (table.name, table.customer, table.key, table.one_per_customer, table.joins)
            for table in tables.tables.values()
        ),
        *(
            (table.name, column.name, column.type, column.semantic)
            for table in tables.tables.values()
            for column in table.columns.values()
        ),
    ]
