"""All that can be edited of a campaign as plain JSON: what its revisions are made of.

Sub-audiences and groups keep their keys and seeds in it: brought back, they take the same
customers and fill the same lists as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from campaigns.models import AttributeMapping, Campaign, SubAudience, TreatmentGroup
from destinations.models import Destination
from segments.models import Segment

State = dict[str, Any]

OWN = ("name", "first_match_only", "delivery", "messages_from")
PART = ("name", "remaining", "rule", "seed")
GROUP = ("name", "split", "control")
MAPPING = ("identifier", "phone", "email", "only_where")


def state(campaign: Campaign) -> State:
    """The campaign as it stands. campaign: loaded with ``with_groups``."""
    return {
        **_fields(campaign, OWN),
        "include": _keys(campaign.include.all()),
        "exclude": _keys(campaign.exclude.all()),
        "parts": [_part(part) for part in campaign.sub_audiences.all()],
        "attributes": {
            str(mapping.destination_id): _fields(mapping, MAPPING)
            for mapping in campaign.mappings.all()
        },
    }


def _part(part: SubAudience) -> State:
    return {
        "key": part.key,
        **_fields(part, PART),
        "segments": _keys(part.segments.all()),
        "groups": [
            {
                "key": group.key,
                **_fields(group, GROUP),
                "destinations": _keys(group.sent_to),
            }
            for group in part.groups.all()
        ],
    }


def _fields(row: object, names: Iterable[str]) -> State:
    return {name: getattr(row, name) for name in names}


def _keys(rows: Iterable[Any]) -> list[int]:
    return sorted(row.pk for row in rows)


def put(campaign: Campaign, wanted: State) -> None:
    """Make the campaign what ``wanted`` says; its own fields are left for the caller to save.

    Segments and destinations that are gone stay away. Only what differs is written. Raises
    IntegrityError when another campaign has the name.
    """
    stored = Campaign.objects.with_groups().get(pk=campaign.pk)
    for name in OWN:
        setattr(campaign, name, wanted[name])
    segments = _existing(Segment, _named_segments(wanted))
    destinations = _existing(Destination, _named_destinations(wanted))
    campaign.include.set(segments & set(wanted["include"]))
    campaign.exclude.set(segments & set(wanted["exclude"]))
    _put_parts(campaign, stored, wanted["parts"], segments, destinations)
    _put_attributes(campaign, stored, wanted["attributes"], destinations)


def _existing(model: Any, keys: set[int]) -> set[int]:
    return set(model.objects.filter(pk__in=keys).values_list("pk", flat=True))


def _named_segments(wanted: State) -> set[int]:
    parts = (key for part in wanted["parts"] for key in part["segments"])
    return {*wanted["include"], *wanted["exclude"], *parts}


def _named_destinations(wanted: State) -> set[int]:
    groups = (group for part in wanted["parts"] for group in part["groups"])
    return {key for group in groups for key in group["destinations"]} | {
        int(key) for key in wanted["attributes"]
    }


def _put_parts(
    campaign: Campaign,
    stored: Campaign,
    wanted: list[State],
    segments: set[int],
    destinations: set[int],
) -> None:
    rows = {part.key: part for part in stored.sub_audiences.all()}
    was = {part.key: (part.position, _part(part)) for part in rows.values()}
    campaign.sub_audiences.filter(key__in=rows.keys() - {each["key"] for each in wanted}).delete()
    changed = [
        (place, each) for place, each in enumerate(wanted) if was.get(each["key"]) != (place, each)
    ]
    # Names are given up before they are given: two parts may have changed theirs.
    campaign.sub_audiences.filter(key__in=[each["key"] for _, each in changed]).update(name="")
    for place, each in changed:
        part = rows.get(each["key"]) or SubAudience(campaign=campaign, key=each["key"])
        _write(part, PART, each, position=place)
        part.segments.set(segments & set(each["segments"]))
        _put_groups(part, each["groups"], destinations)


def _put_groups(part: SubAudience, wanted: list[State], destinations: set[int]) -> None:
    rows = {group.key: group for group in part.groups.all()}
    part.groups.filter(key__in=rows.keys() - {each["key"] for each in wanted}).delete()
    part.groups.update(name="")
    for place, each in enumerate(wanted):
        group = rows.get(each["key"]) or TreatmentGroup(sub_audience=part, key=each["key"])
        _write(group, GROUP, each, position=place)
        group.destinations.set(destinations & set(each["destinations"]))


def _put_attributes(
    campaign: Campaign, stored: Campaign, wanted: Mapping[str, State], destinations: set[int]
) -> None:
    rows = {str(mapping.destination_id): mapping for mapping in stored.mappings.all()}
    campaign.mappings.exclude(destination__in=map(int, wanted)).delete()
    for key, each in wanted.items():
        if int(key) in destinations:
            new = AttributeMapping(campaign=campaign, destination_id=int(key))
            _write(rows.get(key) or new, MAPPING, each)


def _write(row: Any, names: Iterable[str], values: State, **more: Any) -> None:
    for name in names:
        setattr(row, name, values[name])
    for name, value in more.items():
        setattr(row, name, value)
    row.save()
