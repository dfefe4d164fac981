"""Campaigns of a file, with their sub-audiences and treatment groups."""

from __future__ import annotations

from typing import Any

from campaigns.definition import REMAINING
from manifests import delivery
from manifests.destination_shaping import source
from manifests.document import Attributes, Campaign, Group, SubAudience
from manifests.section import Section, doubled
from segments.rules import Fault

UNREAD = -1  # a split that is no number adds up to nothing


def campaign(value: Any, path: str, faults: list[Fault]) -> Campaign:
    section = Section(
        value,
        path,
        (
            "name",
            "folder",
            "labels",
            "include",
            "exclude",
            "first_match_only",
            "sub_audiences",
            "remaining",
            "attributes",
            "delivery",
            "messages_from",
        ),
        faults,
    )
    when = delivery.delivery(section.values.get("delivery"), section.at("delivery"), faults)
    parts = [sub_audience(*each, faults) for each in section.items("sub_audiences")]
    faults.extend(doubled(parts))
    return Campaign(
        name=section.text("name", required=True),
        folder=section.text("folder"),
        labels=section.names("labels"),
        include=section.names("include"),
        exclude=section.names("exclude"),
        first_match_only=section.yes_no("first_match_only", True),
        sub_audiences=(*parts, remaining(section)),
        attributes=tuple(attributes(*each, faults) for each in section.pairs("attributes")),
        delivery=when,
        messages_from=delivery.messages_from(
            section.values.get("messages_from"),
            section.at("messages_from"),
            delivery.repeats(when),
            faults,
        ),
        at=path,
    )


def sub_audience(value: Any, path: str, faults: list[Fault]) -> SubAudience:
    section = Section(value, path, ("name", "seed", "rule", "segments", "treatment_groups"), faults)
    rule = section.values.get("rule")
    segments = section.names("segments")
    if rule is not None and segments:
        section.fault("segments", "stands beside rule. Keep one of the two.")
    elif rule is None and "segments" not in section:
        section.fault("rule", "is missing: a rule, or segments: [NAME, ...].")
    elif rule is None and not section.values.get("segments"):
        section.fault("segments", "is empty: nobody would be in it. Name a segment.")
    return SubAudience(
        name=section.text("name", required=True, longest=100),
        remaining=False,
        seed=section.text("seed", longest=64),
        rule=rule,
        segments=segments,
        groups=groups(section),
        at=path,
    )


def remaining(campaign: Section) -> SubAudience:
    """The remaining audience members; left out, they are in the campaign and get nothing."""
    value = campaign.values.get("remaining")
    section = Section(
        {} if value is None else value,
        campaign.at("remaining"),
        ("seed", "treatment_groups"),
        campaign.faults,
    )
    return SubAudience(
        name=REMAINING,
        remaining=True,
        seed=section.text("seed", longest=64),
        rule=None,
        segments=(),
        groups=groups(section),
        at=section.path,
    )


def groups(section: Section) -> tuple[Group, ...]:
    found = tuple(group(*each, section.faults) for each in section.items("treatment_groups"))
    section.faults.extend(doubled(found))
    return found


def group(value: Any, path: str, faults: list[Fault]) -> Group:
    section = Section(value, path, ("name", "split", "control", "destinations"), faults)
    return Group(
        name=section.text("name", required=True, longest=100),
        split=section.whole("split", UNREAD, 0, 100, required=True),
        control=section.yes_no("control"),
        destinations=section.names("destinations", longest=100),
        at=path,
    )


def attributes(destination: str, value: Any, path: str, faults: list[Fault]) -> Attributes:
    section = Section(value, path, ("phone", "email", "only_where"), faults)
    return Attributes(
        destination=destination,
        source=source(section),
        only_where=section.values.get("only_where"),
        at=path,
    )
