"""What the database holds, as a Manifest with every field filled in.

Archived campaigns and drafts without a name are no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count
from typing import Any

from campaigns import own_rule
from campaigns.definition import REMAINING
from campaigns.models import AttributeMapping, TreatmentGroup
from campaigns.models import Campaign as CampaignModel
from campaigns.models import SubAudience as SubAudienceModel
from destinations.models import Credential as CredentialModel
from destinations.models import DefaultAttributes
from destinations.models import Destination as DestinationModel
from manifests.delivery import NOW
from manifests.document import (
    Attributes,
    Campaign,
    Credential,
    Destination,
    Group,
    List,
    Manifest,
    Segment,
    Source,
    SubAudience,
    Table,
)
from segments.models import CustomerList
from segments.models import Segment as SegmentModel
from warehouse.catalogue import Catalogue
from warehouse.models import Sync
from warehouse.models import Table as TableModel

NAMED_BY = 50  # characters of a list's name in its file's: file systems take 255 bytes


def read(tables: Catalogue) -> Manifest:
    """The whole installation, in a constant number of queries."""
    segments = list(SegmentModel.objects.exclude(name="").order_by("pk"))
    return Manifest(
        credentials=tuple(credentials()),
        destinations=tuple(map(destination, destinations())),
        tables=tuple(corrections()),
        default_exclusions=tuple(
            each.name for each in segments if each.left_out_by_default and not each.archived
        ),
        lists=tuple(customer_lists()),
        segments=tuple(map(segment, segments)),
        campaigns=tuple(campaign(each, tables) for each in campaigns()),
    )


def destinations() -> Iterable[DestinationModel]:
    return DestinationModel.objects.select_related("credential", "default_attributes").order_by(
        "pk"
    )


def campaigns() -> Iterable[CampaignModel]:
    return CampaignModel.objects.live().exclude(name="").with_groups().order_by("pk")


def told_apart(names: Iterable[str], called: Callable[[str], str]) -> Iterator[str]:
    """What each name is called, no two alike whatever their case: the second gets a 2."""
    used: set[str] = set()
    for name in names:
        numbered = (f"{name} {number}" for number in count(2))
        possible = map(called, chain([name], numbered))
        found = next(each for each in possible if each.lower() not in used)
        used.add(found.lower())
        yield found


def variable(name: str) -> str:
    """The environment variable that an export names for a credential's token."""
    words = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
    return f"{words}_TOKEN" if words and not words[0].isdigit() else f"TOKEN_{words}".rstrip("_")


def credentials() -> Iterator[Credential]:
    stored = list(CredentialModel.objects.order_by("pk"))
    variables = told_apart((each.name for each in stored), variable)
    for each, name in zip(stored, variables, strict=True):
        yield Credential(name=each.name, kind=each.kind, variable=name)


def destination(stored: DestinationModel) -> Destination:
    defaults: DefaultAttributes | None = getattr(stored, "default_attributes", None)
    return Destination(
        name=stored.name,
        kind=stored.kind,
        credential=stored.credential.name,
        base_url=stored.base_url,
        segment_name=stored.segment_name,
        requests_per_second=stored.requests_per_second,
        batch_size=stored.batch_size,
        removal_limit=stored.removal_limit,
        settle_hours=stored.settle_hours,
        default_attributes=Source(defaults.identifier, defaults.source) if defaults else None,
        enabled=stored.enabled,
    )


def corrections() -> Iterable[Table]:
    """Tables with a correction, and the one that an admin named as everyone's."""
    sync = Sync.objects.first()
    base = sync.base_table.lower() if sync else ""
    for stored in TableModel.objects.prefetch_related("attributes", "joins__to_table"):
        table = Table(
            name=stored.name,
            key=stored.key if stored.corrected else None,
            customer=stored.customer if stored.corrected else None,
            one_per_customer=stored.one_per_customer if stored.corrected else None,
            base=stored.name.lower() == base,
            semantics={
                each.name: each.semantic for each in stored.attributes.all() if each.corrected
            },
            joins={
                each.column: (each.to_table.name, each.to_column)
                for each in stored.joins.all()
                if each.corrected
            },
        )
        if table != Table(stored.name):
            yield table


def file_name(name: str) -> str:
    """The file that an export names for a list."""
    return (re.sub(r"[^\w.-]+", "_", name).strip("._") or "list") + ".csv"


def customer_lists() -> Iterator[List]:
    stored = list(CustomerList.objects.order_by("pk"))
    files = told_apart((each.name[:NAMED_BY] for each in stored), file_name)
    for each, file in zip(stored, files, strict=True):
        yield List(name=each.name, file=file, digest=each.digest, size=each.size)


def segment(stored: SegmentModel) -> Segment:
    """A published segment by its published rule, a draft by its draft."""
    return Segment(
        name=stored.name,
        description=stored.description,
        active=stored.rule is not None,
        folder=stored.folder,
        labels=tuple(stored.labels),
        rule=stored.rule if stored.rule is not None else stored.draft,
        archived=stored.archived,
    )


def campaign(stored: CampaignModel, tables: Catalogue) -> Campaign:
    parts = list(stored.sub_audiences.all())
    return Campaign(
        name=stored.name,
        folder=stored.folder,
        labels=tuple(stored.labels),
        include=in_order(stored.include.all()),
        exclude=in_order(stored.exclude.all()),
        first_match_only=stored.first_match_only,
        sub_audiences=(
            *(sub_audience(each, tables) for each in parts if not each.remaining),
            *(sub_audience(each, tables) for each in parts if each.remaining),
        ),
        attributes=tuple(map(attributes, sorted(stored.mappings.all(), key=by_destination))),
        delivery=stored.delivery or NOW,
        messages_from=stored.messages_from,
    )


def sub_audience(stored: SubAudienceModel, tables: Catalogue) -> SubAudience:
    """One with segments is its segments, whatever rule it had before."""
    segments = () if stored.remaining else in_order(stored.segments.all())
    return SubAudience(
        name=REMAINING if stored.remaining else stored.name,
        remaining=stored.remaining,
        seed=stored.seed,
        rule=None if stored.remaining or segments else asked(stored.rule, tables),
        segments=segments,
        groups=tuple(map(group, stored.groups.all())),
    )


def asked(rule: Any, tables: Catalogue) -> Any:
    """What a rule of its own asks. As long as a line of it is not finished, all of it: no file
    says the same."""
    return rule if own_rule.unfinished(rule, tables) else own_rule.finished(rule, tables)


def group(stored: TreatmentGroup) -> Group:
    return Group(
        name=stored.name,
        split=stored.split,
        control=stored.control,
        destinations=in_order(stored.sent_to),
    )


def attributes(stored: AttributeMapping) -> Attributes:
    return Attributes(
        destination=stored.destination.name,
        source=Source(stored.identifier, stored.source),
        only_where=stored.only_where,
    )


def in_order(rows: Iterable[Any]) -> tuple[str, ...]:
    """Names in a stable order: the database keeps none for these."""
    return tuple(row.name for row in sorted(rows, key=lambda row: (row.name.lower(), row.pk)))


def by_destination(mapping: AttributeMapping) -> str:
    return mapping.destination.name.lower()
