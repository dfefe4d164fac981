"""From draft to published, and what stands in the way of taking a segment out of use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.dispatch import Signal

from accounts import audit
from accounts.models import User
from core.edits import EditRefusedError
from core.errors import MusterError
from core.hints import hint
from segments import drafts, revisions, trial, using
from segments.models import CustomerList, Segment, SegmentVersion
from segments.rules import Fault, check
from warehouse.catalogue import Catalogue

LONGEST_NAME = 200

# Sent with segment, old and new, inside the transaction: rules elsewhere name segments too.
renamed = Signal()


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


class StaleError(MusterError):
    """The draft has moved on since the page was loaded."""

    def __str__(self) -> str:
        return "Someone has changed this segment meanwhile. Load it again to see what it is now."


def faults(segment: Segment, catalogue: Catalogue) -> list[Fault]:
    """What stops the segment from being published, as far as is known without asking the data."""
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

    Incomplete criteria are left out, those switched off stay in it. SQL is run first. None
    when there is nothing to publish. Raises PublishError, StaleError.
    """
    if segment.draft is None and segment.rule is not None:
        return None
    rule = drafts.finished(segment.current_rule, catalogue)
    if found := faults(segment, catalogue) or trial.faults(rule, catalogue):
        raise PublishError(found)
    before = revisions.shown(segment)
    with transaction.atomic():
        changed = Segment.objects.filter(pk=segment.pk, revision=segment.revision).update(
            rule=rule, draft=None, version=segment.version + 1, revision=segment.revision + 1
        )
        if not changed:
            raise StaleError
        segment.refresh_from_db()
        segment.edited_by = by
        segment.save(update_fields=["edited_by", "edited_at"])
        revisions.carry(segment, before, "publish", by)
        audit.record(by, audit.Action.PUBLISHED, segment, f"{segment} v{segment.version}")
        transaction.on_commit(partial(hint, "segments.tasks.count_segment", segment.pk))
        return SegmentVersion.objects.create(
            segment=segment, number=segment.version, rule=rule, author=by
        )


def take_back(version: SegmentVersion, by: User) -> None:
    """Make an older version the draft; what was drafted comes back by Undo."""
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=version.segment_id)
        before = revisions.shown(segment)
        restored = drafts.with_ids(version.rule)
        if restored == before:
            return
        segment.draft = None if version.rule == segment.rule else restored
        segment.revision += 1
        segment.edited_by = by
        segment.save()
        revisions.record(segment, before, "restore", "", by, "")


def rename(segment: Segment, name: str) -> None:
    """Call the segment otherwise; rules that name it follow.

    Raises EditRefusedError for a name that is too long, or another segment's.
    """
    name = name.strip()
    if len(name) > LONGEST_NAME:
        raise EditRefusedError(f"At most {LONGEST_NAME} characters; this has {len(name)}.")
    if name and Segment.objects.exclude(pk=segment.pk).filter(name__iexact=name).exists():
        raise EditRefusedError(f'Another segment is called "{name}". Choose another name.')
    old = segment.name
    with transaction.atomic():
        if old and name != old:
            for other in Segment.objects.exclude(pk=segment.pk):
                # What is switched off or archived may be in use again one day.
                before = other.rule, other.draft
                other.rule, other.draft = (drafts.naming(rule, old, name) for rule in before)
                if (other.rule, other.draft) != before:
                    other.revision += 1  # its rule reads otherwise: undo does not go back before it
                    other.save(update_fields=["rule", "draft", "revision"])
            renamed.send(Segment, segment=segment, old=old, new=name)
        segment.name = name
        segment.save(update_fields=["name", "edited_at"])


def archive(segment: Segment, by: User | None) -> None:
    """Take a segment out of use. Raises InUseError, AlwaysLeftOutError."""
    _refuse_while_used(segment)
    with transaction.atomic():
        segment.archived = True
        segment.save(update_fields=["archived", "edited_at"])
        audit.record(by, audit.Action.ARCHIVED, segment)


def restore(segment: Segment, by: User | None) -> None:
    """Bring an archived segment back into use."""
    with transaction.atomic():
        segment.archived = False
        segment.save(update_fields=["archived", "edited_at"])
        audit.record(by, audit.Action.RESTORED, segment)


def delete(segment: Segment, by: User | None) -> None:
    """Delete a segment with its versions. Raises InUseError, AlwaysLeftOutError."""
    _refuse_while_used(segment)
    with transaction.atomic():
        audit.record(by, audit.Action.DELETED, segment)
        segment.delete()


def hindrance(segment: Segment, used: using.Usage) -> InUseError | AlwaysLeftOutError | None:
    """What stands in the way of archiving or deleting a segment that is used so."""
    if used:
        return InUseError(str(segment), used.names)
    return AlwaysLeftOutError(str(segment)) if segment.left_out_by_default else None


def _refuse_while_used(segment: Segment) -> None:
    if error := hindrance(segment, using.usage(segment)):
        raise error
