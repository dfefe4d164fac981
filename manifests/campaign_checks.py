"""Whether a campaign of a manifest could be launched, as far as its file and names can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.timezone import localdate

from campaigns import names
from campaigns.definition import NOBODY, Group, Part
from manifests import document
from manifests.checking import check_rule, check_segment_name, check_source, unknown
from manifests.document import Campaign, Destination, SubAudience
from manifests.errors import Fault, join
from manifests.whole import Whole


def check(campaigns: Iterable[Campaign], whole: Whole) -> Iterator[Fault]:
    for campaign in campaigns:
        yield from check_name(campaign)
        yield from check_audience(campaign, whole)
        for part in campaign.sub_audiences:
            yield from check_part(part, whole)
        yield from check_sent(campaign)
        yield from check_attributes(campaign, whole)
    yield from check_lists(whole)


def check_name(campaign: Campaign) -> Iterator[Fault]:
    problem = names.name_fault(campaign.name) if campaign.name else None
    if problem:
        text = f'{problem} Say what it is about, as "Autumn coffee 2026".'
        yield Fault(join(campaign.at, "name"), text)


def check_audience(campaign: Campaign, whole: Whole) -> Iterator[Fault]:
    if not campaign.include:
        yield Fault(join(campaign.at, "include"), "names no segment. Name at least one.")
    for key in ("include", "exclude"):
        for position, name in enumerate(getattr(campaign, key)):
            path = join(campaign.at, f"{key}[{position}]")
            yield from check_segment_name(name, path, whole)


def check_part(part: SubAudience, whole: Whole) -> Iterator[Fault]:
    if part.rule is not None:
        yield from check_rule(part.rule, join(part.at, "rule"), whole)
    for position, name in enumerate(part.segments):
        yield from check_segment_name(name, join(part.at, f"segments[{position}]"), whole)
    for index, group in enumerate(part.groups):
        yield from check_group_name(part, index)
        yield from check_group(group, whole)
    splits = [group.split for group in part.groups]
    total = sum(splits)
    if splits and min(splits) >= 0 and total != 100:
        yield Fault(
            join(part.at, "treatment_groups"),
            f"The groups add up to {total}%. Bring them to 100%.",
        )


def check_group_name(part: SubAudience, index: int) -> Iterator[Fault]:
    group = part.groups[index]
    problem = names.group_name_fault(group.name) if group.name else None
    if problem:
        better = names.suggestion(as_part(part), index)
        hint = f' Call it "{better}".' if better else ""
        yield Fault(join(group.at, "name"), f"{problem}{hint}")


def as_part(part: SubAudience) -> Part:
    return Part(
        key="",
        name=part.name,
        seed=part.seed,
        rule=None if part.remaining else NOBODY,
        groups=tuple(Group("", each.name, each.split, each.control) for each in part.groups),
    )


def check_group(group: document.Group, whole: Whole) -> Iterator[Fault]:
    if group.control and group.destinations:
        text = "A control group is held out: nothing is sent to it. Take its destinations out."
        yield Fault(join(group.at, "destinations"), text)
    if not group.control and not group.destinations:
        text = f'"{group.name}" goes nowhere. Name a destination, or make it control: true.'
        yield Fault(join(group.at, "destinations"), text)
    for position, name in enumerate(group.destinations):
        if name not in whole.destinations:
            path = join(group.at, f"destinations[{position}]")
            yield Fault(path, unknown("destination", name, whole.destinations))


def check_sent(campaign: Campaign) -> Iterator[Fault]:
    if all(group.control for part in campaign.sub_audiences for group in part.groups):
        text = "sends nothing. Give it treatment_groups that are not control, with destinations."
        yield Fault(campaign.at, text)


def check_attributes(campaign: Campaign, whole: Whole) -> Iterator[Fault]:
    """Each destination that is sent to has exactly one identifier, here or by default."""
    chosen = {entry.destination for entry in campaign.attributes}
    for entry in campaign.attributes:
        if entry.destination not in whole.destinations:
            yield Fault(entry.at, unknown("destination", entry.destination, whole.destinations))
        yield from check_source(entry.source, whole)
        if entry.only_where is not None:
            yield from check_rule(entry.only_where, join(entry.at, "only_where"), whole)
    used = {
        name: None
        for part in campaign.sub_audiences
        for group in part.groups
        for name in group.destinations
    }
    for name in used:
        destination = whole.destinations.get(name)
        if destination and name not in chosen and destination.default_attributes is None:
            yield Fault(
                join(campaign.at, "attributes"),
                f'Neither phone nor email is chosen for "{name}". Name one here, as '
                f"{{{name}: {{phone: merged_customers.phone}}}}, or in its default_attributes.",
            )


@dataclass(frozen=True, slots=True)
class Filling:
    """A treatment group and the list that it fills at a destination."""

    campaign: Campaign
    part: SubAudience
    group: document.Group
    destination: Destination
    name: str

    @property
    def list(self) -> tuple[str, str]:
        return self.destination.name.lower(), names.comparable(self.name)

    @property
    def whose(self) -> tuple[str, ...]:
        """The list and who fills it, the same in the file and in the database."""
        owners = (self.campaign, self.part, self.group)
        return (*self.list, *(each.name.lower() for each in owners))


def fillings(
    campaigns: Iterable[Campaign], destinations: Mapping[str, Destination]
) -> Iterator[Filling]:
    """Lists that {date} names are those of one day: whichever it is."""
    day = localdate()
    for campaign in campaigns:
        for part in campaign.sub_audiences:
            for group in part.groups:
                for to in group.destinations:
                    if destination := destinations.get(to):
                        words = (campaign.name, part.name, group.name, day)
                        name = names.list_name(destination.segment_name, *words)
                        yield Filling(campaign, part, group, destination, name)


def check_lists(whole: Whole) -> Iterator[Fault]:
    """No two groups fill one list, in the file or across file and installation.

    What the installation has already and the file leaves as it is, is no fault of the file.
    """
    before = whole.before
    stored = {each.name: each for each in before.destinations}
    known = {each.whose for each in fillings(before.campaigns, stored)}
    every = fillings(whole.campaigns.values(), whole.destinations)
    first: dict[tuple[str, str], Filling] = {}
    for filling in sorted(every, key=in_file):
        if in_file(filling) and (problem := names.list_name_fault(filling.name)):
            yield Fault(join(filling.group.at, "name"), problem)
        other = first.setdefault(filling.list, filling)
        both = in_file(filling) and in_file(other)
        if other is not filling and (both or not {filling.whose, other.whose} <= known):
            yield collision(filling, other)


def in_file(filling: Filling) -> bool:
    return bool(filling.campaign.at)


def collision(filling: Filling, other: Filling) -> Fault:
    """Told at the group; where no group of the file is part of it, at the template."""
    there = other.group.at or f'campaign "{other.campaign.name}"'
    text = (
        f'"{other.group.name}" ({there}) fills the list "{filling.name}" of '
        f'"{filling.destination.name}" too.'
    )
    if in_file(filling):
        path = join(filling.group.at, "name")
        return Fault(path, f"{text} Give one of the two another name.")
    return Fault(
        join(filling.destination.at, "segment_name"),
        f'Two groups would fill one list: "{filling.group.name}" (campaign '
        f'"{filling.campaign.name}"), and {text} Name {{campaign}} and {{group}} in it.',
    )
