"""The editor's operations: each changes one thing of a draft and raises its revision.

``opened`` is the one way in: it takes the campaign's row and checks the revision that the
edit was made on; what is done within is stored with the next revision, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from accounts.models import User
from campaigns import timing
from campaigns.models import Campaign, Status, SubAudience, TreatmentGroup
from campaigns.timing import Timing
from core.edits import EditRefusedError, StaleEditError
from core.typed import whole
from destinations.models import Destination
from segments import drafts, operations
from segments.models import Segment
from warehouse.catalogue import Catalogue

READ_ONLY = (Status.SCHEDULED,)
Values = Sequence[str]


def create(by: User, name: str = "", include: Values = ()) -> Campaign:
    """A new draft: the remaining audience members in two unnamed groups, half each.

    Raises EditRefusedError when another campaign has the name.
    """
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                name=_text([name], 200), owner=by, edited_by=by, delivery={"when": "now"}
            )
            part = SubAudience.objects.create(campaign=campaign, remaining=True)
            _two_halves(part)
            _set_segments(campaign.include, include)
    except IntegrityError as error:
        raise EditRefusedError(_taken("name")) from error
    return campaign


def edit(
    campaign_id: int, op: str, node: str, values: Values, base: int | None, by: User
) -> Campaign:
    """Apply one operation of the editor.

    op: a key of OPERATIONS; node: the key of the sub-audience or group, '' for the
    campaign; values: what the control sent; base: the revision that the edit was made on.
    Raises StaleEditError, EditRefusedError, Campaign.DoesNotExist.
    """
    if op not in OPERATIONS:
        raise EditRefusedError("Muster does not know this change. Load the page again.")
    try:
        with opened(campaign_id, base, by) as campaign:
            OPERATIONS[op](campaign, node, values)
    except IntegrityError as error:
        raise EditRefusedError(_taken(op)) from error
    return campaign


def edit_rule(
    campaign_id: int,
    part: str,
    op: str,
    node: str,
    values: Values,
    base: int | None,
    by: User,
    tables: Catalogue,
) -> Campaign:
    """Apply one operation of the segment editor to the own rule of a sub-audience.

    part: the key of the sub-audience; op, node, values: as ``segments.operations.changed`` takes
    them. Its segments give way to the rule. Raises as ``edit`` does.
    """
    with opened(campaign_id, base, by) as campaign:
        row = _part(campaign, part)
        if row.remaining:
            raise EditRefusedError("The remaining audience members are those that no rule takes.")
        root = drafts.numbered(row.rule, rule_id(row))
        made = operations.changed(root, op, node, values, tables)
        row.rule = made if drafts.children(made) else None
        row.segments.clear()
        row.save()
    return campaign


def edit_timing(
    campaign_id: int, said: Timing, now: datetime, base: int | None, by: User
) -> Campaign:
    """Store when it runs, as the editor's controls say it. Raises as ``edit`` does."""
    with opened(campaign_id, base, by) as campaign:
        campaign.delivery = timing.delivery(said, campaign.delivery, now)
    return campaign


def rule_id(part: SubAudience) -> str:
    """The id of the outermost group of its rule, before there is one."""
    return f"rule-{part.key}"


@contextmanager
def opened(campaign_id: int, base: int | None, by: User) -> Iterator[Campaign]:
    """The campaign, locked for one edit by this user; stored with its next revision at the end.

    base: the revision that the edit was made on; None where it does not matter.
    Raises StaleEditError, EditRefusedError, Campaign.DoesNotExist.
    """
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        if read_only(campaign):
            raise EditRefusedError("Unschedule or restore this campaign to edit it.")
        if base is not None and base != campaign.revision:
            raise StaleEditError(str(campaign.edited_by or "Someone"), "campaign")
        yield campaign
        campaign.revision = F("revision") + 1
        campaign.edited_by = by
        campaign.save()
    campaign.refresh_from_db()


def read_only(campaign: Campaign) -> bool:
    """Whether it must be unscheduled or restored before it can be edited."""
    if campaign.archived or campaign.status in READ_ONLY:
        return True
    return campaign.next_due_at is not None or campaign.missed_at is not None


def unschedule(campaign_id: int, by: User) -> Campaign:
    """End the schedule; a run that is going goes on. Raises EditRefusedError without one."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        missed = campaign.missed_at is not None
        if campaign.next_due_at is None and campaign.status not in READ_ONLY and not missed:
            raise EditRefusedError("This campaign is no longer scheduled.")
        going = campaign.status == Status.RUNNING
        if not going and (campaign.status != Status.WAITING or missed):
            campaign.status = Status.DRAFT
        campaign.next_due_at = campaign.missed_at = None
        campaign.edited_by = by
        campaign.save(
            update_fields=["status", "next_due_at", "missed_at", "edited_by", "edited_at"]
        )
    return campaign


def copy(campaign: Campaign, by: User) -> Campaign:
    """A draft like ``campaign``, without a name, with new seeds, runs and schedule of its own."""
    with transaction.atomic():
        twin = Campaign.objects.create(
            folder=campaign.folder,
            labels=campaign.labels,
            first_match_only=campaign.first_match_only,
            delivery={"when": "now"},
            owner=by,
            edited_by=by,
        )
        twin.include.set(campaign.include.all())
        twin.exclude.set(campaign.exclude.all())
        for part in campaign.sub_audiences.all():
            new_part = SubAudience.objects.create(
                campaign=twin,
                position=part.position,
                name=part.name,
                remaining=part.remaining,
                rule=part.rule,
            )
            new_part.segments.set(part.segments.all())
            for group in part.groups.all():
                new_group = TreatmentGroup.objects.create(
                    sub_audience=new_part,
                    position=group.position,
                    name=group.name,
                    split=group.split,
                    control=group.control,
                )
                new_group.destinations.set(group.destinations.all())
        for mapping in campaign.mappings.all():
            mapping.pk = None
            mapping.campaign = twin
            mapping.save()
    return twin


def archive(campaign: Campaign, by: User) -> None:
    Campaign.objects.filter(pk=campaign.pk, next_due_at=None).exclude(
        status__in=[Status.RUNNING, Status.WAITING, Status.SCHEDULED]
    ).update(archived=True, edited_by=by)


def restore(campaign: Campaign, by: User) -> None:
    """Raises EditRefusedError when its name was taken meanwhile."""
    try:
        with transaction.atomic():
            Campaign.objects.filter(pk=campaign.pk).update(archived=False, edited_by=by)
    except IntegrityError as error:
        raise EditRefusedError(
            f"Another campaign is called {campaign.name} now. Rename that one first."
        ) from error


def delete(campaign: Campaign) -> None:
    """Only a draft that never ran can go for good. Raises EditRefusedError."""
    if campaign.status != Status.DRAFT or campaign.runs.filter(test=False).exists():
        raise EditRefusedError("Only a draft can be deleted. Archive this campaign instead.")
    campaign.delete()


def even_splits(count: int, total: int = 100) -> list[int]:
    """Whole percents for ``count`` groups that add up to ``total``, the upper ones larger."""
    return [total // count + (place < total % count) for place in range(count)]


# Operations: (campaign, node, values) -> None


def _rename(campaign: Campaign, node: str, values: Values) -> None:
    campaign.name = _text(values, 200)


def _include(campaign: Campaign, node: str, values: Values) -> None:
    _set_segments(campaign.include, values)


def _exclude(campaign: Campaign, node: str, values: Values) -> None:
    _set_segments(campaign.exclude, values)


def _first_match(campaign: Campaign, node: str, values: Values) -> None:
    campaign.first_match_only = bool(values and values[-1])


def _add_part(campaign: Campaign, node: str, values: Values) -> None:
    parts = campaign.sub_audiences.filter(remaining=False)
    if parts.count() >= 60:
        raise EditRefusedError("A campaign has at most 60 sub-audiences.")
    part = SubAudience.objects.create(campaign=campaign, position=_next_position(parts))
    _set_segments(part.segments, values)
    _two_halves(part)


def _rename_part(campaign: Campaign, node: str, values: Values) -> None:
    part = _part(campaign, node)
    part.name = _text(values, 100)
    part.save()


def _part_segments(campaign: Campaign, node: str, values: Values) -> None:
    part = _part(campaign, node)
    _set_segments(part.segments, values)
    if values:
        part.rule = None
        part.save()


def _remove_part(campaign: Campaign, node: str, values: Values) -> None:
    part = _part(campaign, node)
    if part.remaining:
        raise EditRefusedError(
            "The remaining audience members stay. Remove their groups to send them nothing."
        )
    part.delete()


def _move_part(campaign: Campaign, node: str, values: Values) -> None:
    part = _part(campaign, node)
    others = list(campaign.sub_audiences.filter(remaining=False).exclude(pk=part.pk))
    others.insert(_number(values), part)
    for position, each in enumerate(others):
        SubAudience.objects.filter(pk=each.pk).update(position=position)


def _add_group(campaign: Campaign, node: str, values: Values) -> None:
    part = _part(campaign, node)
    TreatmentGroup.objects.create(
        sub_audience=part,
        position=_next_position(part.groups),
        split=max(0, 100 - sum(group.split for group in part.groups.all())),
    )


def _rename_group(campaign: Campaign, node: str, values: Values) -> None:
    group = _group(campaign, node)
    group.name = _text(values, 100)
    group.save()


def _split_group(campaign: Campaign, node: str, values: Values) -> None:
    group = _group(campaign, node)
    split = _number(values)
    if not 0 <= split <= 100:
        raise EditRefusedError("A split is a whole number from 0 to 100.")
    group.split = split
    group.save()


def _control_group(campaign: Campaign, node: str, values: Values) -> None:
    group = _group(campaign, node)
    group.control = bool(values and values[-1])
    group.save()
    if group.control:
        group.destinations.clear()


def _group_destinations(campaign: Campaign, node: str, values: Values) -> None:
    group = _group(campaign, node)
    if group.control:
        raise EditRefusedError("A control group is held out: nothing is sent to it.")
    group.destinations.set(Destination.objects.filter(pk__in=_ids(values)))


def _remove_group(campaign: Campaign, node: str, values: Values) -> None:
    _group(campaign, node).delete()


def _even_out(campaign: Campaign, node: str, values: Values) -> None:
    """Control groups keep their percent; the others share the rest."""
    groups = list(_part(campaign, node).groups.all())
    free = [group for group in groups if not group.control] or groups
    held = sum(group.split for group in groups if group not in free)
    if held > 100:
        free, held = groups, 0
    if free:
        for group, split in zip(free, even_splits(len(free), 100 - held), strict=True):
            group.split = split
            group.save()


OPERATIONS: dict[str, Callable[[Campaign, str, Values], None]] = {
    "name": _rename,
    "include": _include,
    "exclude": _exclude,
    "first_match": _first_match,
    "add_part": _add_part,
    "part_name": _rename_part,
    "part_segments": _part_segments,
    "remove_part": _remove_part,
    "move": _move_part,
    "add_group": _add_group,
    "group_name": _rename_group,
    "split": _split_group,
    "control": _control_group,
    "destinations": _group_destinations,
    "remove_group": _remove_group,
    "even_out": _even_out,
}


def _part(campaign: Campaign, key: str) -> SubAudience:
    part = campaign.sub_audiences.filter(key=key).first()
    if part is None:
        raise EditRefusedError("This sub-audience is gone. Load the page again.")
    return part


def _group(campaign: Campaign, key: str) -> TreatmentGroup:
    group = TreatmentGroup.objects.filter(sub_audience__campaign=campaign, key=key).first()
    if group is None:
        raise EditRefusedError("This group is gone. Load the page again.")
    return group


def _two_halves(part: SubAudience) -> None:
    for position, split in enumerate(even_splits(2)):
        TreatmentGroup.objects.create(sub_audience=part, position=position, split=split)


def _set_segments(relation: object, values: Values) -> None:
    relation.set(Segment.objects.live().filter(pk__in=_ids(values)))  # type: ignore[attr-defined]


def _ids(values: Values) -> list[int]:
    return [number for number in map(whole, values) if number is not None]


def _text(values: Values, longest: int) -> str:
    text = values[-1].strip() if values else ""
    if len(text) > longest:
        raise EditRefusedError(f"At most {longest} characters; this has {len(text)}.")
    return text


def _number(values: Values) -> int:
    number = whole(values[-1]) if values else None
    if number is None:
        raise EditRefusedError("Enter a whole number.")
    return number


def _next_position(items: object) -> int:
    highest = items.aggregate(highest=Max("position"))["highest"]  # type: ignore[attr-defined]
    return 0 if highest is None else highest + 1


def _taken(op: str) -> str:
    return {
        "name": "Another campaign has this name. Choose one that tells them apart.",
        "part_name": "Another sub-audience here has this name.",
        "group_name": "Another group here has this name.",
    }.get(op, "This does not fit what is there already.")
