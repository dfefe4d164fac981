"""Whether a campaign of a manifest could be launched, as far as its file and names can tell.

What was entered is checked by ``campaigns.preflight``, as in the editor; what names refer to, here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.timezone import localdate

from accounts.models import User
from campaigns import names, preflight
from campaigns.definition import NOBODY, Definition, Group, Part, Target
from destinations.models import Destination as DestinationModel
from manifests import document
from manifests.campaign_shaping import UNREAD
from manifests.checking import check_rule, check_segment_name, check_source, unknown
from manifests.document import Campaign, Destination, Source, SubAudience
from manifests.errors import join
from manifests.whole import Whole
from segments.rules import Fault


def check(campaigns: Iterable[Campaign], whole: Whole) -> Iterator[Fault]:
    filled = list(fillings(whole.campaigns.values(), whole.destinations.values()))
    before = whole.before
    known = {each.whose for each in fillings(before.campaigns, before.destinations)}
    for campaign in campaigns:
        yield from check_audience(campaign, whole)
        for part in campaign.sub_audiences:
            yield from check_part(part, whole)
        yield from check_attributes(campaign, whole)
        yield from check_structure(campaign, whole, filled, known)
    yield from check_templates(filled, known)


def closed(manifest: document.Manifest, by: User | None) -> Iterator[Fault]:
    """Destinations of the file that are for others only. by: None for a command."""
    kept = {each.name: each.only_words for each in DestinationModel.objects.closed_to(by)}
    for destination in manifest.destinations:
        if text := kept.get(destination.name):
            yield Fault(destination.at, text)
    for campaign in manifest.campaigns:
        for part in campaign.sub_audiences:
            for group in part.groups:
                for name in group.destinations:
                    if text := kept.get(name):
                        yield Fault(join(group.at, "destinations"), text)
        for entry in campaign.attributes:
            if text := kept.get(entry.destination):
                yield Fault(entry.at, text)


def check_audience(campaign: Campaign, whole: Whole) -> Iterator[Fault]:
    if not campaign.include:
        yield Fault(join(campaign.at, "include"), "names no segment. Name at least one.")
    for key in ("include", "exclude"):
        for position, name in enumerate(getattr(campaign, key)):
            path = join(campaign.at, f"{key}[{position}]")
            yield from check_segment_name(name, path, whole)
    if all(group.control for part in campaign.sub_audiences for group in part.groups):
        text = "sends nothing. Give it treatment_groups that are not control, with destinations."
        yield Fault(campaign.at, text)


def check_part(part: SubAudience, whole: Whole) -> Iterator[Fault]:
    if part.rule is not None:
        yield from check_rule(part.rule, join(part.at, "rule"), whole)
    for position, name in enumerate(part.segments):
        yield from check_segment_name(name, join(part.at, f"segments[{position}]"), whole)
    for group in part.groups:
        for position, name in enumerate(group.destinations):
            if name not in whole.destinations:
                path = join(group.at, f"destinations[{position}]")
                yield Fault(path, unknown("destination", name, whole.destinations))


def check_attributes(campaign: Campaign, whole: Whole) -> Iterator[Fault]:
    for entry in campaign.attributes:
        if entry.destination not in whole.destinations:
            yield Fault(entry.at, unknown("destination", entry.destination, whole.destinations))
        yield from check_source(entry.source, whole)
        if entry.only_where is not None:
            yield from check_rule(entry.only_where, join(entry.at, "only_where"), whole)


def check_structure(
    campaign: Campaign, whole: Whole, filled: Iterable[Filling], known: Collection[Owner]
) -> Iterator[Fault]:
    """Names, splits, destinations, identifiers, and lists that another group fills too.

    filled: the lists of file and installation together. known: the groups of the
    installation and their lists; what collides there already and the file leaves as
    it is, is no fault of the file.
    """
    destinations = list(whole.destinations.values())
    ids = {each.name: place for place, each in enumerate(destinations)}
    own = {}
    others: dict[tuple[int, str], Filling] = {}
    for filling in filled:
        place = ids[filling.destination.name]
        if filling.campaign is campaign:
            own[filling.group.at, place] = filling
        else:
            others.setdefault((place, filling.list[1]), filling)
    claims = {
        key: names.Claim(0, each.campaign.name, each.group.name) for key, each in others.items()
    }
    definition = as_definition(campaign, destinations, ids)
    for fault in preflight.structure(definition, claims, localdate()):
        path = join(campaign.at, fault.path)
        to = fault.destination
        if fault.place == preflight.DESTINATIONS and to is not None and destinations[to].at:
            continue  # the file names this destination: told there
        if path in unread(campaign):
            continue
        if fault.other is not None and to is not None:
            mine = own[fault.node, to]
            if {mine.whose, others[to, mine.list[1]].whose} <= set(known):
                continue
        yield Fault(path, fault.text)


def unread(campaign: Campaign) -> set[str]:
    """Sub-audiences with a split that is no number: their sum says nothing."""
    return {
        part.at
        for part in campaign.sub_audiences
        if any(group.split == UNREAD for group in part.groups)
    }


def as_definition(
    campaign: Campaign, destinations: Sequence[Destination], ids: Mapping[str, int]
) -> Definition:
    """The campaign as preflight reads it. A group's key is its path, a destination's id its
    position; one that nobody knows has an id of its own."""
    used = {
        name: None
        for part in campaign.sub_audiences
        for group in part.groups
        if not group.control
        for name in group.destinations
        if name in ids
    }
    chosen = {entry.destination: entry.source for entry in campaign.attributes}
    return Definition(
        campaign="",
        name=campaign.name,
        include=(),
        exclude=(),
        first_match_only=campaign.first_match_only,
        parts=tuple(as_part(part, ids) for part in campaign.sub_audiences),
        targets=tuple(
            as_target(ids[name], destinations[ids[name]], chosen.get(name)) for name in used
        ),
    )


def as_part(part: SubAudience, ids: Mapping[str, int]) -> Part:
    return Part(
        key=part.at,
        name=part.name,
        seed=part.seed,
        rule=None if part.remaining else NOBODY,
        groups=tuple(
            Group(
                key=group.at,
                name=group.name,
                split=group.split,
                control=group.control,
                destinations=tuple(ids.get(name, len(ids)) for name in group.destinations),
            )
            for group in part.groups
        ),
    )


def as_target(place: int, destination: Destination, chosen: Source | None) -> Target:
    source = chosen or destination.default_attributes
    return Target(
        id=place,
        name=destination.name,
        segment_name=destination.segment_name,
        identifier=source.identifier if source else "",
        source=source.column if source else "",
    )


Owner = tuple[str, ...]


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
    def whose(self) -> Owner:
        """The list and who fills it, the same in the file and in the database."""
        owners = (self.campaign, self.part, self.group)
        return (*self.list, *(each.name.lower() for each in owners))


def fillings(
    campaigns: Iterable[Campaign], destinations: Iterable[Destination]
) -> Iterator[Filling]:
    """Lists that {date} names are those of one day: whichever it is."""
    day = localdate()
    by_name = {each.name: each for each in destinations}
    for campaign in campaigns:
        for part in campaign.sub_audiences:
            for group in part.groups:
                for to in group.destinations:
                    if destination := by_name.get(to):
                        words = (campaign.name, part.name, group.name, day)
                        name = names.list_name(destination.segment_name, *words)
                        yield Filling(campaign, part, group, destination, name)


def check_templates(filled: Iterable[Filling], known: Collection[Owner]) -> Iterator[Fault]:
    """A changed name template that makes lists of the installation's campaigns collide."""
    first: dict[tuple[str, str], Filling] = {}
    for filling in filled:
        if not filling.campaign.at and filling.destination.at:
            other = first.setdefault(filling.list, filling)
            if other is not filling and not {filling.whose, other.whose} <= set(known):
                pair = " and ".join(
                    f'"{each.group.name}" of "{each.campaign.name}"' for each in (other, filling)
                )
                text = f'{pair} would both fill the list "{filling.name}".'
                yield Fault(
                    join(filling.destination.at, "segment_name"),
                    f"{text} Name {{campaign}} and {{group}} in it.",
                )
