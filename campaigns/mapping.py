"""What feeds a destination: the campaign's own attributes, or the destination's defaults."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from campaigns.definition import source_of
from campaigns.editing import READ_ONLY, EditRefusedError, StaleEditError
from campaigns.files import working_folder
from campaigns.models import AttributeMapping, Campaign
from campaigns.preflight import source_fault
from destinations import identifiers
from destinations.models import DefaultAttributes, Destination
from segments.compile import Context, flags, to_query
from warehouse import catalogue
from warehouse.catalogue import Catalogue, CatalogueTable
from warehouse.engines import engine
from warehouse.scratch import scratch

KEPT = 7 * 86_400  # seconds
GOOD_SHARE = 0.8  # of the filled values; below, the page warns
MERGED = "merged_customers"
KINDS = (identifiers.PHONE, identifiers.EMAIL)
NOUNS = {identifiers.PHONE: "phones", identifiers.EMAIL: "emails"}


@dataclass(frozen=True, slots=True)
class Effective:
    """What a campaign sends to a destination. phone, email: "table.column", "" without one.

    identifier: the one of the two that is sent, "" until someone chooses.
    own: the campaign overrides the defaults; otherwise it follows them.
    """

    identifier: str = ""
    phone: str = ""
    email: str = ""
    only_where: Any = None
    own: bool = False

    def source(self, kind: str) -> str:
        return self.phone if kind == identifiers.PHONE else self.email


@dataclass(frozen=True, slots=True)
class Content:
    """What a column holds, in people: filled, of these valid phones, of these valid emails.

    phone, email: one valid value each, masked.
    """

    customers: int
    filled: int
    phones: int
    emails: int
    phone: str = ""
    email: str = ""

    def valid(self, kind: str) -> int:
        return self.phones if kind == identifiers.PHONE else self.emails

    def share(self, kind: str) -> float:
        """Of the filled values; 0 where nothing is filled."""
        return self.valid(kind) / self.filled if self.filled else 0.0

    def sample(self, kind: str) -> str:
        return self.phone if kind == identifiers.PHONE else self.email


class MisfitError(EditRefusedError):
    """A column whose values are not what it would be sent as."""


def effective(campaign: Campaign, destination: Destination, tables: Catalogue) -> Effective:
    """campaign: loaded with ``with_groups``, or with its mappings."""
    found = source_of(campaign, destination)
    preset = presets(tables)
    if found is None:
        return preset
    return Effective(
        identifier=found.identifier,
        phone=found.phone or preset.phone,
        email=found.email or preset.email,
        only_where=getattr(found, "only_where", None),
        own=isinstance(found, AttributeMapping),
    )


def presets(tables: Catalogue) -> Effective:
    """Where nobody chose yet: the phone and email of Merged Customers, neither of them sent."""
    merged = tables.table(MERGED)
    return Effective(
        phone=_by_meaning(merged, identifiers.PHONE), email=_by_meaning(merged, identifiers.EMAIL)
    )


def candidates(tables: Catalogue) -> list[tuple[CatalogueTable, list[str]]]:
    """Tables that can feed a destination with their text columns, Merged Customers first."""
    found = []
    for table in tables.tables.values():
        columns = [column.name for column in table.columns.values() if column.type == "text"]
        if table.one_per_customer and columns:
            found.append((table, columns))
    return sorted(found, key=lambda each: (each[0].name.lower() != MERGED, each[0].name.lower()))


def contents(sources: Sequence[str]) -> dict[str, Content]:
    """What each "table.column" holds, over all customers; kept while the data is the same.

    A source that is no longer there is left out. Raises WarehouseError.
    """
    tables = catalogue.current()
    usable = [each for each in dict.fromkeys(sources) if not source_fault(each, tables)]
    version = engine().version()
    keys = {source: _key(source, version) for source in usable}
    kept = cache.get_many(list(keys.values()))
    known = {source: Content(**kept[key]) for source, key in keys.items() if key in kept}
    if missing := [source for source in usable if source not in known]:
        read = _read(missing, tables)
        cache.set_many({keys[source]: asdict(found) for source, found in read.items()}, KEPT)
        known |= read
    return {source: known[source] for source in usable}


def misfit(source: str, kind: str, content: Content) -> str:
    """Why a column cannot be sent as phones (or emails), by its values; "" when it can."""
    other = KINDS[1 - KINDS.index(kind)]
    column = source.partition(".")[2]
    if not content.filled or content.share(kind) >= max(content.share(other), 0.1):
        return ""
    if content.share(other) > content.share(kind):
        return (
            f"{content.share(other):.0%} of {column} are {NOUNS[other]}. "
            f"Choose it for {other}, or another column for {kind}."
        )
    return f"Only {content.share(kind):.0%} of {column} are {NOUNS[kind]}. Choose another column."


def warning(source: str, kind: str, content: Content) -> str:
    """What deserves a look in a column that can be sent; "" when nothing does."""
    column = source.partition(".")[2]
    if not content.filled:
        return f"{column} is empty: nobody would be sent."
    if content.share(kind) < GOOD_SHARE:
        return f"Only {content.share(kind):.0%} of {column} are valid {NOUNS[kind]}."
    return ""


def masked(identifier: str) -> str:
    """An identifier as a page may show it: ``+1 *** 0143``, ``j***@ex...``."""
    name, at, host = identifier.partition("@")
    if at:
        return f"{name[:1]}***@{host[:2]}..."
    code = "+1" if identifier.startswith("+1") else identifier[:3]
    return f"{code} *** {identifier[-4:]}"


def choose(
    campaign_id: int, destination: Destination, wanted: Effective, base: int | None, by: User
) -> Campaign:
    """Edit attributes: what this campaign sends to the destination from now on.

    base: the campaign's revision that the edit was made on. The other row keeps its
    source. Raises MisfitError, EditRefusedError, StaleEditError, Campaign.DoesNotExist.
    """
    check(wanted)
    with transaction.atomic():
        campaign = _opened(campaign_id, base)
        AttributeMapping.objects.update_or_create(
            campaign=campaign,
            destination=destination,
            defaults={
                "identifier": wanted.identifier,
                "phone": wanted.phone,
                "email": wanted.email,
                "only_where": wanted.only_where,
            },
        )
        return _edited(campaign, by)


def follow(campaign_id: int, destination: Destination, base: int | None, by: User) -> Campaign:
    """Reset to defaults: the campaign follows the destination's default attributes again."""
    with transaction.atomic():
        campaign = _opened(campaign_id, base)
        campaign.mappings.filter(destination=destination).delete()
        return _edited(campaign, by)


def set_defaults(destination: Destination, wanted: Effective, by: User) -> DefaultAttributes:
    """Default attributes of a destination, in force at once for all campaigns that follow.

    Raises MisfitError, EditRefusedError.
    """
    if not wanted.identifier:
        raise EditRefusedError("Choose phone or email: Attentive takes one for each person.")
    check(wanted)
    stored, _ = DefaultAttributes.objects.update_or_create(
        destination=destination,
        defaults={
            "identifier": wanted.identifier,
            "phone": wanted.phone,
            "email": wanted.email,
            "edited_by": by,
        },
    )
    return stored


def check(wanted: Effective) -> None:
    """Raises EditRefusedError for a choice that cannot be sent, MisfitError for one whose
    values do not fit."""
    if wanted.identifier not in ("", *KINDS):
        raise EditRefusedError("Choose phone or email: Attentive takes one for each person.")
    if not wanted.identifier:
        return
    source = wanted.source(wanted.identifier)
    if not source:
        raise EditRefusedError(f"Choose the column that holds the {wanted.identifier}.")
    if text := source_fault(source, catalogue.current()):
        raise EditRefusedError(text)
    if text := misfit(source, wanted.identifier, contents([source])[source]):
        raise MisfitError(text)


def followers(destination: Destination) -> QuerySet[Campaign]:
    """Live campaigns that send to the destination what its default attributes say."""
    return _users(destination).exclude(mappings__destination=destination)


def overriders(destination: Destination) -> QuerySet[Campaign]:
    """Live campaigns that send it something of their own."""
    return _users(destination).filter(mappings__destination=destination)


def _users(destination: Destination) -> QuerySet[Campaign]:
    return (
        Campaign.objects.live().filter(sub_audiences__groups__destinations=destination).distinct()
    )


def _opened(campaign_id: int, base: int | None) -> Campaign:
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if campaign.status in READ_ONLY or campaign.archived:
        raise EditRefusedError("Unschedule or restore this campaign to edit it.")
    if base is not None and base != campaign.revision:
        raise StaleEditError(str(campaign.edited_by or "Someone"))
    return campaign


def _edited(campaign: Campaign, by: User) -> Campaign:
    campaign.revision = F("revision") + 1
    campaign.edited_by = by
    campaign.save()
    campaign.refresh_from_db()
    return campaign


def _by_meaning(table: CatalogueTable | None, semantic: str) -> str:
    column = table.meaning(semantic) if table else None
    return f"{table.name}.{column.name}" if table and column else ""


def _read(sources: Sequence[str], tables: Catalogue) -> dict[str, Content]:
    """One query over the warehouse for all sources, then each is read as both kinds."""
    context = Context(tables, timezone.now(), settings.TIME_ZONE)
    columns = {f"value_{index}": source for index, source in enumerate(sources)}
    query = to_query(flags({}, context, columns), context, engine().dialect)
    with working_folder() as folder:
        path = folder / "values.parquet"
        batches = iter(engine().stream(query))
        first = next(batches)
        with pq.ParquetWriter(path, first.schema) as writer:
            writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)
        return {source: _content(path, column) for column, source in columns.items()}


def _content(path: Path, column: str) -> Content:
    with scratch() as connection:
        connection.read_parquet(str(path)).create_view("rows")
        identifiers.normalise(
            connection,
            f"(SELECT {column} AS raw, {column} AS phone, {column} AS email FROM rows)",  # noqa: S608
            {kind: kind for kind in KINDS},
            "settled",
        )
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (trim(raw, $white) <> ''), count(phone), "
            "count(email), min(phone), min(email) FROM settled",
            {"white": identifiers.WHITE_SPACE},
        ).fetchall()[0]
    samples = [masked(value) if value else "" for value in row[4:]]
    return Content(*row[:4], *samples)


def _key(source: str, version: str) -> str:
    text = json.dumps([source.lower(), version, settings.DEFAULT_COUNTRY])
    return f"contents:{hashlib.sha256(text.encode()).hexdigest()}"
