"""The campaign editor's operations: each changes one thing of a campaign, within an edit.

Sub-audiences and groups are named by their keys, never by position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Max, Q

from campaigns.models import Campaign, SubAudience, TreatmentGroup, new_seed
from core.edits import EditRefusedError
from core.typed import whole
from destinations.models import Destination
from segments.models import Segment

Values = Sequence[str]


def even_splits(count: int, total: int = 100) -> list[int]:
    """Whole percents for ``count`` groups that add up to ``total``, the upper ones larger."""
    return [total // count + (place < total % count) for place in range(count)]


def _rename(campaign: Campaign, node: str, values: Values) -> None:
    campaign.name = text_of(values, 200)


def _include(campaign: Campaign, node: str, values: Values) -> None:
    set_segments(campaign.include, values)


def _exclude(campaign: Campaign, node: str, values: Values) -> None:
    set_segments(campaign.exclude, values)


def _first_match(campaign: Campaign, node: str, values: Values) -> None:
    campaign.first_match_only = bool(values and values[-1])


def _add_part(campaign: Campaign, node: str, values: Values) -> None:
    parts = campaign.sub_audiences.filter(remaining=False)
    part = SubAudience.objects.create(campaign=campaign, position=_next_position(parts))
    set_segments(part.segments, values)
    two_halves(part)


def _rename_part(campaign: Campaign, node: str, values: Values) -> None:
    part = part_of(campaign, node)
    part.name = text_of(values, 100)
    part.save()


def _part_segments(campaign: Campaign, node: str, values: Values) -> None:
    part = part_of(campaign, node)
    set_segments(part.segments, values)
    if values:
        part.rule = None
        part.save()


def _remove_part(campaign: Campaign, node: str, values: Values) -> None:
    part = part_of(campaign, node)
    if part.remaining:
        raise EditRefusedError(
            "The remaining audience members stay. Remove their groups to send them nothing."
        )
    part.delete()


def _move_part(campaign: Campaign, node: str, values: Values) -> None:
    part = part_of(campaign, node)
    others = list(campaign.sub_audiences.filter(remaining=False).exclude(pk=part.pk))
    others.insert(_number(values), part)
    for position, each in enumerate(others):
        SubAudience.objects.filter(pk=each.pk).update(position=position)


def _add_group(campaign: Campaign, node: str, values: Values) -> None:
    part = part_of(campaign, node)
    TreatmentGroup.objects.create(
        sub_audience=part,
        position=_next_position(part.groups),
        split=max(0, 100 - sum(group.split for group in part.groups.all())),
    )


def _rename_group(campaign: Campaign, node: str, values: Values) -> None:
    group = _group(campaign, node)
    group.name = text_of(values, 100)
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
    groups = list(part_of(campaign, node).groups.all())
    free = [group for group in groups if not group.control] or groups
    held = sum(group.split for group in groups if group not in free)
    if held > 100:
        free, held = groups, 0
    if free:
        for group, split in zip(free, even_splits(len(free), 100 - held), strict=True):
            group.split = split
            group.save()


def _reseed(campaign: Campaign, node: str, values: Values) -> None:
    """Deal the customers of a sub-audience into its groups anew, in this run and all later ones."""
    part = part_of(campaign, node)
    part.seed = new_seed()
    part.save()


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
    "reseed": _reseed,
}


def part_of(campaign: Campaign, key: str) -> SubAudience:
    """Its sub-audience with that key. Raises EditRefusedError when it is gone."""
    part = campaign.sub_audiences.filter(key=key).first()
    if part is None:
        raise EditRefusedError("This sub-audience is gone. Load the page again.")
    return part


def _group(campaign: Campaign, key: str) -> TreatmentGroup:
    group = TreatmentGroup.objects.filter(sub_audience__campaign=campaign, key=key).first()
    if group is None:
        raise EditRefusedError("This group is gone. Load the page again.")
    return group


def two_halves(part: SubAudience) -> None:
    """Two groups without names, half each."""
    for position, split in enumerate(even_splits(2)):
        TreatmentGroup.objects.create(sub_audience=part, position=position, split=split)


def set_segments(relation: object, values: Values) -> None:
    """values: the keys of the segments. One that was archived stays until it is taken out."""
    before = relation.values("pk")  # type: ignore[attr-defined]
    usable = Segment.objects.filter(Q(archived=False) | Q(pk__in=before))
    relation.set(usable.filter(pk__in=_ids(values)))  # type: ignore[attr-defined]


def _ids(values: Values) -> list[int]:
    return [number for number in map(whole, values) if number is not None]


def text_of(values: Values, longest: int) -> str:
    """The text that was typed. Raises EditRefusedError when it has more characters."""
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
