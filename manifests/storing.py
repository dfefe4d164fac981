"""The rows of a plan: what it creates and changes, written to the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.timezone import now

from accounts import audit
from accounts.models import User
from campaigns import revisions, schedule
from campaigns.models import AttributeMapping, SubAudience, TreatmentGroup
from campaigns.models import Campaign as CampaignModel
from destinations.models import Credential as CredentialModel
from destinations.models import DefaultAttributes
from destinations.models import Destination as DestinationModel
from manifests import document
from manifests.plan import CREATE, KEEP, Plan, Step
from segments import drafts, lists, publishing
from segments.models import CustomerList, SegmentVersion
from segments.models import Segment as SegmentModel
from warehouse.models import Join, Sync
from warehouse.models import Table as TableModel

M = TypeVar("M", bound=Model)


def carry_out(
    plan: Plan,
    tokens: Mapping[str, str],
    values: Mapping[str, Sequence[str]],
    by: User | None = None,
) -> None:
    """Write what the plan creates and changes; the caller holds the transaction.

    tokens: credential -> the secret of its variable, where that is set.
    values: list -> its values, where its file is there.
    """
    for step in plan.steps:
        if step.action != KEEP:
            tell(step, write(step, tokens, values, by), by)


def tell(step: Step, row: Model | None, by: User | None) -> None:
    """Write into the audit which fields changed, not what they hold."""
    audit.record(
        by,
        audit.Action.CREATED if step.action == CREATE else audit.Action.CHANGED,
        row,
        step.name,
        kind="" if row else step.kind,
        details=", ".join(change.field for change in step.changes),
    )


def write(
    step: Step, tokens: Mapping[str, str], values: Mapping[str, Sequence[str]], by: User | None
) -> Model | None:
    """The row that was written; None for a step that is about several."""
    match step.entry:
        case document.Credential() as entry:
            return credential(entry, step.stored_as, tokens.get(entry.name), by)
        case document.Destination() as entry:
            return destination(entry, step.stored_as, by)
        case document.Table() as entry:
            return table(entry)
        case document.List() as entry:
            return customer_list(entry, step.stored_as, values.get(entry.name), by)
        case document.Segment() as entry:
            return segment(entry, step.stored_as, by)
        case document.Campaign() as entry:
            return campaign(entry, step.stored_as, by)
        case tuple() as names:
            default_exclusions(names)
    return None


def called(rows: QuerySet[M], name: str) -> M | None:
    """The row of exactly that name; '' names none."""
    return rows.filter(name=name).first() if name else None


def credential(
    entry: document.Credential, stored_as: str, token: str | None, by: User | None
) -> CredentialModel:
    row = called(CredentialModel.objects.all(), stored_as) or CredentialModel()
    row.name = entry.name
    row.kind = entry.kind
    if token:
        row.secret = {"token": token}
        row.set_at = now()
        row.set_by = by
        row.refused_at = None
    row.save()
    return row


def destination(entry: document.Destination, stored_as: str, by: User | None) -> DestinationModel:
    row = called(DestinationModel.objects.all(), stored_as) or DestinationModel()
    row.name = entry.name
    row.kind = entry.kind
    row.credential = CredentialModel.objects.get(name=entry.credential)
    row.base_url = entry.base_url
    row.segment_name = entry.segment_name
    row.requests_per_second = entry.requests_per_second
    row.batch_size = entry.batch_size
    row.removal_limit = entry.removal_limit
    row.settle_hours = entry.settle_hours
    row.enabled = entry.enabled is not False
    row.save()
    default_attributes(row, entry.default_attributes, by)
    return row


def default_attributes(
    row: DestinationModel, source: document.Source | None, by: User | None
) -> None:
    defaults = DefaultAttributes.objects.filter(destination=row)
    if source is None:
        defaults.delete()
        return
    current = defaults.first() or DefaultAttributes(destination=row)
    if (current.identifier, current.source) != (source.identifier, source.column):
        current.identifier = source.identifier
        setattr(current, source.identifier, source.column)
        current.edited_by = by
        current.save()


def table(entry: document.Table) -> TableModel:
    row = TableModel.objects.get(name__iexact=entry.name)
    corrected = (entry.key, entry.customer, entry.one_per_customer)
    if any(each is not None for each in corrected):
        row.key = row.key if entry.key is None else entry.key
        row.customer = row.customer if entry.customer is None else entry.customer
        if entry.one_per_customer is not None:
            row.one_per_customer = entry.one_per_customer
        row.corrected = True
        row.save()
    if entry.base:
        Sync.objects.update(base_table=row.name)
    for column, meaning in entry.semantics.items():
        row.attributes.filter(name__iexact=column).update(semantic=meaning, corrected=True)
    for column, (to_table, to_column) in entry.joins.items():
        Join.objects.filter(table=row, column__iexact=column).delete()
        Join.objects.create(
            table=row,
            column=column,
            to_table=TableModel.objects.get(name__iexact=to_table),
            to_column=to_column,
            corrected=True,
        )
    return row


def segment(entry: document.Segment, stored_as: str, by: User | None) -> SegmentModel:
    row = called(SegmentModel.objects.all(), stored_as) or SegmentModel(created_by=by)
    if row.pk and row.name != entry.name:
        publishing.rename(row, entry.name)  # rules that name it follow
    row.name = entry.name
    row.description = entry.description
    row.folder = entry.folder
    row.labels = list(entry.labels)
    row.archived = False
    row.edited_by = by
    row.revision += 1
    drafted = row.rule is None
    if not entry.active:
        row.rule, row.draft = None, entry.rule
    elif row.rule != entry.rule:
        row.rule = entry.rule
        row.version += 1
    if entry.active and (drafted or row.draft == row.rule):
        row.draft = None  # what someone else is editing beside a published rule stays
    row.save()
    if entry.active and not row.versions.filter(number=row.version).exists():
        SegmentVersion.objects.create(segment=row, number=row.version, rule=row.rule, author=by)
    return row


def customer_list(
    entry: document.List, stored_as: str, values: Sequence[str] | None, by: User | None
) -> CustomerList | None:
    CustomerList.objects.filter(name=stored_as).update(name=entry.name)
    if values is not None:
        return lists.store(entry.name, values, by)
    return CustomerList.objects.filter(name=entry.name).first()


def default_exclusions(names: Iterable[str]) -> None:
    wanted = {each.pk for each in segments(names)}
    SegmentModel.objects.filter(left_out_by_default=True).exclude(pk__in=wanted).update(
        left_out_by_default=False
    )
    SegmentModel.objects.filter(pk__in=wanted).update(left_out_by_default=True)


def segments(names: Iterable[str]) -> list[SegmentModel]:
    return list(SegmentModel.objects.filter(name__in=list(names)))


def campaign(entry: document.Campaign, stored_as: str, by: User | None) -> CampaignModel:
    """Sub-audiences and groups are known by their names, so that their lists stay theirs."""
    row = called(CampaignModel.objects.live(), stored_as) or CampaignModel(owner=by)
    row.name = entry.name
    row.folder = entry.folder
    row.labels = list(entry.labels)
    row.first_match_only = entry.first_match_only
    if row.next_due_at is not None and row.delivery != entry.delivery:
        row.next_due_at = moved(row, entry.delivery)
    row.delivery = entry.delivery
    row.messages_from = entry.messages_from
    row.edited_by = by
    row.revision += 1
    row.save()
    row.include.set(segments(entry.include))
    row.exclude.set(segments(entry.exclude))
    sub_audiences(row, entry.sub_audiences)
    attributes(row, entry.attributes)
    revisions.keep(row)
    return row


def moved(row: CampaignModel, delivery: schedule.Delivery) -> datetime | None:
    """When a scheduled campaign comes due after a change; what names no time to come leaves
    it as it is, so that it stays scheduled."""
    following = schedule.next_due(delivery, now(), ran=row.scheduled_runs)
    return following or row.next_due_at


def sub_audiences(row: CampaignModel, entries: Iterable[document.SubAudience]) -> None:
    stored = {key(part): part for part in row.sub_audiences.all()}
    kept = {key(entry) for entry in entries}
    for gone in stored.keys() - kept:
        stored[gone].delete()
    for position, entry in enumerate(entries):
        part = stored.get(key(entry)) or SubAudience(campaign=row, remaining=entry.remaining)
        part.position = position
        part.name = "" if entry.remaining else entry.name
        part.rule = drafts.plain(entry.rule)  # an id would say that the editor made it
        part.seed = entry.seed or part.seed
        part.save()
        part.segments.set(segments(entry.segments))
        groups(part, entry.groups)


def key(part: SubAudience | document.SubAudience) -> tuple[bool, str]:
    """The remaining audience members are known by what they are, the others by name."""
    return part.remaining, "" if part.remaining else part.name.lower()


def groups(part: SubAudience, entries: Iterable[document.Group]) -> None:
    stored = {group.name.lower(): group for group in part.groups.all()}
    kept = {entry.name.lower() for entry in entries}
    for gone in stored.keys() - kept:
        stored[gone].delete()
    for position, entry in enumerate(entries):
        group = stored.get(entry.name.lower()) or TreatmentGroup(sub_audience=part)
        group.position = position
        group.name = entry.name
        group.split = entry.split
        group.control = entry.control
        group.save()
        group.destinations.set(DestinationModel.objects.filter(name__in=entry.destinations))


def attributes(row: CampaignModel, entries: Iterable[document.Attributes]) -> None:
    named = {
        entry.destination: DestinationModel.objects.get(name=entry.destination) for entry in entries
    }
    row.mappings.exclude(destination__in=named.values()).delete()
    for entry in entries:
        mapping = row.mappings.filter(destination=named[entry.destination]).first()
        mapping = mapping or AttributeMapping(campaign=row, destination=named[entry.destination])
        mapping.identifier = entry.source.identifier
        setattr(mapping, entry.source.identifier, entry.source.column)
        mapping.only_where = entry.only_where
        mapping.save()
