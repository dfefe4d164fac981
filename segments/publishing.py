"""From draft to published, and what stands in the way of taking a segment out of use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from accounts.models import User
from core.errors import MusterError
from segments import drafts
from segments.models import CustomerList, Segment, SegmentVersion
from segments.rules import Fault, check, segment_names
from warehouse.catalogue import Catalogue

# Sent with segment, old and new, inside the transaction: rules elsewhere name segments too.
renamed = Signal()
# Sent with name; who keeps rules of campaigns answers with the campaigns (id: name) that name it.
asked = Signal()


class PublishError(MusterError):
    """faults: each with the path of its criterion, '' for the segment itself."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__(faults)
        self.faults = list(faults)

    def __str__(self) -> str:
        return "; ".join(fault.text for fault in self.faults)


class InUseError(MusterError):
    def __init__(self, name: str, users: Sequence[str]):
        super().__init__(name, users)
        self.name = name
        self.users = list(users)

    def __str__(self) -> str:
        return f"{self.name} is used in {', '.join(self.users)}. Take it out there first."


class AlwaysLeftOutError(MusterError):
    def __init__(self, name: str):
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"{self.name} is left out of every campaign. "
            "Ask an admin to take it out of the default exclusions first."
        )


class NameTakenError(MusterError):
    def __init__(self, name: str):
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'Another segment is called "{self.name}". Choose another name.'


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a segment is used. campaigns: (id, name); segments: (id, name)."""

    campaigns: tuple[tuple[int, str], ...] = ()
    segments: tuple[tuple[int, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.segments)

    @property
    def names(self) -> list[str]:
        return [name for _, name in (*self.campaigns, *self.segments)]


def faults(segment: Segment, catalogue: Catalogue) -> list[Fault]:
    """What stops the segment from being published."""
    found = []
    if not segment.name.strip():
        found.append(Fault("name", "Give the segment a name."))
    rule = drafts.complete(segment.current_rule, catalogue)
    if not drafts.has_criteria(rule):
        found.append(Fault("", "Add at least one complete criterion: who are you looking for?"))
    rules = dict(Segment.objects.active().exclude(pk=segment.pk).values_list("name", "rule"))
    lists = set(CustomerList.objects.values_list("name", flat=True))
    return found + check(rule, catalogue, rules, lists, name=segment.name)


def publish(segment: Segment, by: User | None, catalogue: Catalogue) -> SegmentVersion | None:
    """Make the draft the published rule and keep it as a version.

    Incomplete criteria are left out, those switched off stay in it. None when there is
    nothing to publish. Raises PublishError.
    """
    if segment.draft is None and segment.rule is not None:
        return None
    if found := faults(segment, catalogue):
        raise PublishError(found)
    rule = drafts.plain(drafts.complete(segment.current_rule, catalogue))
    with transaction.atomic():
        changed = Segment.objects.filter(pk=segment.pk, revision=segment.revision).update(
            rule=rule, draft=None, version=segment.version + 1, revision=segment.revision + 1
        )
        if not changed:
            raise drafts.StaleError()
        segment.refresh_from_db()
        segment.edited_by = by
        segment.save(update_fields=["edited_by", "edited_at"])
        return SegmentVersion.objects.create(
            segment=segment, number=segment.version, rule=rule, author=by
        )


def usage(segment: Segment) -> Usage:
    """The campaigns that are not archived and the segments that use this one.

    Takes a constant number of queries.
    """
    campaigns: dict[int, str] = {}
    # Campaigns lie above segments: only their side of the relation is known here.
    relations = (
        ("included_in", "pk", "name", "archived"),
        ("excluded_in", "pk", "name", "archived"),
        ("sub_audiences", "campaign_id", "campaign__name", "campaign__archived"),
    )
    for relation, key, name, archived in relations:
        rows = getattr(segment, relation).filter(**{archived: False}).values_list(key, name)
        campaigns |= dict(rows)
    answers: list[Any] = asked.send(Segment, name=segment.name) if segment.name else []
    for _, found in answers:
        campaigns |= found
    return Usage(
        tuple((pk, called or "Draft without a name") for pk, called in sorted(campaigns.items())),
        tuple((other.pk, str(other)) for other in _naming(segment)),
    )


def _naming(segment: Segment) -> list[Segment]:
    """The other segments whose rule, published or draft, names this one."""
    if not segment.name:
        return []
    others = Segment.objects.live().exclude(pk=segment.pk).only("name", "rule", "draft")
    return [
        other
        for other in others
        if segment.name in segment_names(other.rule) | segment_names(other.draft)
    ]


def rename(segment: Segment, name: str) -> None:
    """Call the segment otherwise; rules that name it follow. Raises NameTakenError."""
    name = name.strip()
    if name and Segment.objects.exclude(pk=segment.pk).filter(name__iexact=name).exists():
        raise NameTakenError(name)
    old = segment.name
    with transaction.atomic():
        if old and name != old:
            for other in Segment.objects.exclude(pk=segment.pk):
                # What is switched off or archived may be in use again one day.
                before = other.rule, other.draft
                other.rule, other.draft = (drafts.naming(rule, old, name) for rule in before)
                if (other.rule, other.draft) != before:
                    other.save(update_fields=["rule", "draft"])
            renamed.send(Segment, segment=segment, old=old, new=name)
        segment.name = name
        segment.save(update_fields=["name", "edited_at"])


def archive(segment: Segment) -> None:
    """Take a segment out of use. Raises InUseError, AlwaysLeftOutError."""
    _refuse_while_used(segment)
    segment.archived = True
    segment.save(update_fields=["archived", "edited_at"])


def restore(segment: Segment) -> None:
    """Bring an archived segment back into use."""
    segment.archived = False
    segment.save(update_fields=["archived", "edited_at"])


def delete(segment: Segment) -> None:
    """Delete a segment with its versions. Raises InUseError, AlwaysLeftOutError."""
    _refuse_while_used(segment)
    segment.delete()


def _refuse_while_used(segment: Segment) -> None:
    if used := usage(segment):
        raise InUseError(str(segment), used.names)
    if segment.left_out_by_default:
        raise AlwaysLeftOutError(str(segment))
