"""A campaign as a run carries it out: plain frozen values, with every rule it needs.

The editor's figures and a run are made from the same Definition. It is stored
as JSON with the run, so that a later edit changes nothing that has begun.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from campaigns import own_rule
from segments.models import CustomerList, Segment
from segments.rules import list_names, segment_names
from warehouse import catalogue
from warehouse.catalogue import Catalogue

if TYPE_CHECKING:
    from campaigns.models import AttributeMapping, Campaign, SubAudience
    from destinations.models import DefaultAttributes, Destination

NOBODY: dict[str, Any] = {"any": []}
REMAINING = "Remaining audience members"


@dataclass(frozen=True, slots=True)
class Named:
    """A segment as it stood: its name, its published rule (JSON) and the version that is.

    A segment that was never published matches nobody; no launch takes it. Its version is 0.
    """

    name: str
    rule: Any
    version: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A treatment group. destinations: their ids; empty for a control."""

    key: str
    name: str
    split: int
    control: bool
    destinations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-audience. rule: JSON; null for the remaining audience members.

    A part without groups keeps its customers in the audience and sends them nothing.
    """

    key: str
    name: str
    seed: str
    rule: Any
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A destination as this campaign uses it. source: "table.column"."""

    id: int
    name: str
    segment_name: str  # template of the list's name
    identifier: str  # "phone" or "email"; "" when nobody chose yet
    source: str
    only_where: Any = None  # rule JSON


@dataclass(frozen=True, slots=True)
class Definition:
    """The whole of a campaign. parts: in order, the remaining audience members last.

    segments, versions: by their names, rules of the segments that rules name, and the version
    that each is of. delivery, messages_from: as the campaign has them.
    """

    campaign: str  # its key
    name: str
    include: tuple[Named, ...]
    exclude: tuple[Named, ...]
    first_match_only: bool
    parts: tuple[Part, ...]
    targets: tuple[Target, ...]
    segments: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)  # name -> digest of lists that rules name
    delivery: dict[str, Any] = field(default_factory=dict)
    messages_from: Any = None


def freeze(campaign: Campaign) -> Definition:
    """The campaign as it stands, with the published rules of all segments that it names.

    campaign: loaded with ``with_groups``. Takes at most three queries, and those of the
    catalogue when a sub-audience has a rule that was made in the editor.
    """
    rows = list(campaign.sub_audiences.all())
    made = any(own_rule.is_made(part.rule) for part in rows)
    tables = catalogue.current() if made else Catalogue()
    parts = tuple(_part(part, tables) for part in rows)
    targets = _targets(campaign)
    include = _named(campaign.include.all())
    exclude = _with_defaults(_named(campaign.exclude.all()))
    rules = [
        *(each.rule for each in (*include, *exclude)),
        *(part.rule for part in parts if part.rule is not None),
        *(target.only_where for target in targets if target.only_where is not None),
    ]
    segments, versions = _segments(rules)
    return Definition(
        campaign=campaign.key,
        name=campaign.name,
        include=include,
        exclude=exclude,
        first_match_only=campaign.first_match_only,
        parts=parts,
        targets=targets,
        segments=segments,
        versions=versions,
        delivery=campaign.delivery,
        messages_from=campaign.messages_from,
        lists=_lists([*rules, *segments.values()]),
    )


def to_json(definition: Definition) -> dict[str, Any]:
    return asdict(definition)


def from_json(data: Mapping[str, Any]) -> Definition:
    return Definition(
        **{
            **data,
            "include": tuple(Named(**each) for each in data["include"]),
            "exclude": tuple(Named(**each) for each in data["exclude"]),
            "parts": tuple(
                Part(
                    **{
                        **part,
                        "groups": tuple(
                            Group(**{**group, "destinations": tuple(group["destinations"])})
                            for group in part["groups"]
                        ),
                    }
                )
                for part in data["parts"]
            ),
            "targets": tuple(Target(**each) for each in data["targets"]),
        }
    )


def as_text(definition: Definition) -> str:
    """The whole definition as one text: the same for the same definition."""
    return json.dumps(definition, default=_fields, sort_keys=True, separators=(",", ":"))


def _fields(value: Any) -> dict[str, Any]:
    """What ``dataclasses.asdict`` says of one of the classes above, without copying it."""
    return {name: getattr(value, name) for name in value.__slots__}


def countable(definition: Definition) -> Definition:
    """The definition without what no figure depends on: a new name needs no new count."""
    return replace(
        definition,
        campaign="",
        name="",
        include=tuple(replace(each, name="", version=0) for each in definition.include),
        exclude=tuple(replace(each, name="", version=0) for each in definition.exclude),
        versions={},
        delivery={},
        messages_from=None,
        parts=tuple(
            replace(
                part,
                key="",
                name="",
                groups=tuple(replace(group, key="", name="") for group in part.groups),
            )
            for part in definition.parts
        ),
        targets=tuple(replace(each, name="", segment_name="") for each in definition.targets),
    )


def source_of(
    campaign: Campaign, destination: Destination
) -> AttributeMapping | DefaultAttributes | None:
    """What feeds a destination of a campaign loaded with ``with_groups``: the campaign's
    own mapping, else the destination's default attributes, else nothing yet."""
    for mapping in campaign.mappings.all():
        if mapping.destination_id == destination.pk:
            return mapping
    return getattr(destination, "default_attributes", None)


def _targets(campaign: Campaign) -> tuple[Target, ...]:
    used = {
        destination.pk: destination
        for part in campaign.sub_audiences.all()
        for group in part.groups.all()
        if not group.control
        for destination in group.sent_to
    }
    targets = []
    for destination in used.values():
        source = source_of(campaign, destination)
        targets.append(
            Target(
                id=destination.pk,
                name=destination.name,
                segment_name=destination.segment_name,
                identifier=source.identifier if source else "",
                source=source.source if source else "",
                only_where=getattr(source, "only_where", None),
            )
        )
    return tuple(targets)


def _part(part: SubAudience, tables: Catalogue) -> Part:
    return Part(
        key=part.key,
        name=str(part),
        seed=part.seed,
        rule=None
        if part.remaining
        else part_rule(own_rule.finished(part.rule, tables), part.segments.all()),
        groups=tuple(
            Group(
                key=group.key,
                name=group.name,
                split=group.split,
                control=group.control,
                destinations=()
                if group.control
                else tuple(destination.pk for destination in group.sent_to),
            )
            for group in part.groups.all()
        ),
    )


def part_rule(rule: Any, segments: Iterable[Segment]) -> Any:
    """Whom a sub-audience takes: members of any of its segments, else those of its own rule."""
    if names := sorted(segment.name for segment in segments if segment.name):
        return {"any": [{"segment": name} for name in names]}
    return NOBODY if rule is None else rule


def _named(segments: Iterable[Segment]) -> tuple[Named, ...]:
    """In the order of their names: the same everywhere, whoever edits which of them."""
    ordered = sorted(segments, key=lambda segment: (segment.name.casefold(), segment.pk))
    return tuple(
        Named(segment.name, segment.rule, segment.version)
        if segment.active
        else Named(segment.name, NOBODY)
        for segment in ordered
    )


def _with_defaults(exclude: tuple[Named, ...]) -> tuple[Named, ...]:
    """The exclusions, and after them what the brand leaves out of every campaign.

    One that is a draft again stays among them: no launch may send to those it meant.
    """
    known = {each.name for each in exclude}
    defaults = Segment.objects.filter(left_out_by_default=True)
    return exclude + tuple(each for each in _named(defaults) if each.name not in known)


def _segments(rules: Iterable[Any]) -> tuple[dict[str, Any], dict[str, int]]:
    """Published rules of the segments that rules name, and of those that these name; their
    versions.

    One that was never published matches nobody; one that does not exist is left out.
    """
    open_names = _names(rules)
    if not open_names:
        return {}, {}
    live = Segment.objects.live().exclude(name="").values_list("name", "rule", "version")
    published = {name: NOBODY if rule is None else rule for name, rule, _ in live}
    versions = {name: version for name, _, version in live}
    found: dict[str, Any] = {}
    while open_names:
        name = open_names.pop()
        if name in published and name not in found:
            found[name] = published[name]
            open_names |= segment_names(found[name])
    return dict(sorted(found.items())), {name: versions[name] for name in sorted(found)}


def _names(rules: Iterable[Any]) -> set[str]:
    return {name for rule in rules for name in segment_names(rule)}


def _lists(rules: Iterable[Any]) -> dict[str, str]:
    names = {name for rule in rules for name in list_names(rule)}
    if not names:
        return {}
    digests = CustomerList.objects.filter(name__in=names).values_list("name", "digest")
    return dict(sorted(digests))
