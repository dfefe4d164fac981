"""What stops a launch, each with where to mend it; ``looks`` tells what deserves a look.

The checks read plain values, a Definition and the Facts around it, so that the editor,
a launch and a manifest are told the same. Paths are those of the manifest within its
campaign: ``sub_audiences[0].treatment_groups[1].name``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import User
from campaigns import approvals, counting, names, own_rule
from campaigns import definition as definitions
from campaigns.definition import NOBODY, Definition, Group, Part, Target
from campaigns.models import Campaign
from core.errors import MusterError
from destinations import contents, sources
from destinations.contents import Content
from destinations.models import Destination
from segments.models import CustomerList, Segment
from segments.rules import check as check_rule
from segments.rules import segment_names
from warehouse import catalogue
from warehouse.catalogue import Catalogue
from warehouse.errors import WarehouseError

CAMPAIGN_NAME = 200  # characters
PART_NAME = 100

AUDIENCE = "audience"
GROUPS = "groups"
TIMING = "timing"
ATTRIBUTES = "attributes"
DESTINATIONS = "destinations"
SEGMENTS = "segments"
APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Fault:
    """text: what is wrong and what to do. stops: False for what only deserves a look.

    place: where it is mended: the editor's step "audience", "groups" or "timing", the
    campaign's pages "attributes" (of ``destination``) and "approval", or the pages "destinations"
    and "segments" (``segment``: its name). node: the key of the sub-audience or
    group that it is about. other: the id of another campaign that it names.
    """

    path: str
    text: str
    place: str = GROUPS
    node: str = ""
    destination: int | None = None
    segment: str = ""
    other: int | None = None
    stops: bool = True

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks must know beside the campaign.

    segments: name -> why it cannot be taken ("" when it can). always_left_out: those
    that are left out of every campaign. lists: names of uploaded lists. claims: lists
    that other campaigns fill. disabled, refused: ids of destinations that are switched
    off, or whose credential was refused. contents: what sources hold, as far as it is known.
    approval: whether a launch may need another person's. closed: ids of destinations that are
    for others only -> for whom.
    """

    catalogue: Catalogue = field(default_factory=Catalogue)
    segments: Mapping[str, str] = field(default_factory=dict)
    always_left_out: Collection[str] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    lists: Collection[str] = ()
    claims: names.Claims = field(default_factory=dict)
    disabled: Collection[int] = ()
    refused: Collection[int] = ()
    contents: Mapping[str, Content] = field(default_factory=dict)
    approval: bool = False
    closed: Mapping[int, str] = field(default_factory=dict)


def faults(campaign: Campaign, look: bool = False, by: User | None = None) -> list[Fault]:
    """Everything that stops a launch of the campaign (``with_groups``) as it stands.

    Takes a constant number of queries. look: whether to read the values of what is sent;
    without, those count that were read before, and no page waits for the warehouse. by: who
    would launch it; None for a command or a schedule, to which no destination is closed.
    """
    definition = definitions.freeze(campaign)
    around = facts(campaign, definition, look, by)
    return check(campaign, definition, around, timezone.localdate(), look)


def check(
    campaign: Campaign, definition: Definition, facts: Facts, day: date, look: bool = False
) -> list[Fault]:
    """All that stops a launch of a campaign (``with_groups``) whose definition this is.

    look: whether to count, where it matters how many people there are.
    """
    lacking = list(unfinished(campaign, facts.catalogue))
    told = {fault.node for fault in lacking}  # that it takes nobody yet follows from it
    found = [
        fault
        for fault in check_definition(definition, facts, day)
        if fault.node not in told or not fault.path.endswith(".rule")
    ] + lacking
    if facts.approval and not found:  # what is stopped anyway asks nobody for approval
        return list(_approval(campaign, definition, look))
    return found


def _approval(campaign: Campaign, definition: Definition, look: bool) -> Iterator[Fault]:
    """Whether another person has to agree. Where the warehouse does not answer it is told
    later: a run knows to how many people it may be sent."""
    try:
        found = counting.figures(definition) if look else counting.cached(definition)
    except MusterError:
        return
    if found and (text := approvals.needed(campaign, definition, found.to_send)):
        yield Fault("approval", text, APPROVAL)


def facts(
    campaign: Campaign, definition: Definition, look: bool = False, by: User | None = None
) -> Facts:
    """What is known around a stored campaign. look, by: as ``faults`` takes them."""
    fields = ("name", "rule", "archived", "left_out_by_default")
    segments = list(Segment.objects.exclude(name="").only(*fields))
    used = Destination.objects.filter(pk__in=[target.id for target in definition.targets])
    switches = list(used.values_list("pk", "enabled", "credential__refused_at"))
    tables = catalogue.current()
    return Facts(
        catalogue=tables,
        segments={each.name: _why_not(each) for each in segments},
        always_left_out={each.name for each in segments if each.left_out_by_default},
        rules={each.name: NOBODY if each.rule is None else each.rule for each in segments},
        lists=set(CustomerList.objects.values_list("name", flat=True)),
        claims=names.claims(campaign.pk, timezone.localdate()),
        disabled={pk for pk, enabled, _ in switches if not enabled},
        refused={pk for pk, _, refused in switches if refused is not None},
        contents=_contents(definition, tables, look),
        approval=approvals.above() is not None,
        closed={each.pk: each.only_words for each in Destination.objects.closed_to(by)},
    )


def _contents(definition: Definition, tables: Catalogue, look: bool) -> dict[str, Content]:
    """What the sources hold. Where the warehouse does not answer nothing is known of them:
    a run waits for it, and fails by itself on what it cannot read."""
    sent = [target.source for target in definition.targets if target.identifier]
    try:
        return contents.contents(sent, tables) if look else contents.kept(sent, tables)
    except WarehouseError:
        return {}


def check_definition(definition: Definition, facts: Facts, day: date) -> Iterator[Fault]:
    """All faults: those of the campaign itself, and what around it stops a launch."""
    yield from structure(definition, facts.claims, day)
    yield from _empty(definition)
    yield from _segments(definition, facts)
    yield from _rules(definition, facts)
    yield from _destinations(definition, facts)


def structure(definition: Definition, claims: names.Claims, day: date) -> Iterator[Fault]:
    """Faults of what was entered, by hand or in a file: names, splits, destinations, identifiers.

    claims: the lists that other campaigns fill (``names.claims``).
    """
    if text := names.name_fault(definition.name):
        yield Fault("name", f"{text} Say what the campaign is about.", AUDIENCE)
    if len(definition.name) > CAMPAIGN_NAME:
        yield Fault("name", _too_long(definition.name, CAMPAIGN_NAME), AUDIENCE)
    seen: set[str] = set()
    for index, part in enumerate(definition.parts):
        path = part_path(index, part.rule is None)
        yield from _part(part, path)
        key = part.name.strip().casefold()
        if key and key in seen:
            text = f"Another sub-audience here is called “{part.name}”. Tell them apart."
            yield Fault(f"{path}.name", text, node=part.key)
        seen.add(key)
    for target in definition.targets:
        yield from _identifier(target)
    yield from _lists(definition, claims, day)


def unfinished(campaign: Campaign, tables: Catalogue) -> Iterator[Fault]:
    """Lines of a sub-audience's rule that the definition lacks, as they are not finished."""
    for index, part in enumerate(campaign.sub_audiences.all()):
        if part.segments.all():
            continue
        for lack in own_rule.unfinished(part.rule, tables):
            text = f"A line of its rule is not finished. {lack}, or take the line out."
            yield Fault(f"{part_path(index, False)}.rule", text, node=part.key)


def part_path(index: int, remaining: bool) -> str:
    return "remaining" if remaining else f"sub_audiences[{index}]"


def group_path(part: str, index: int) -> str:
    return f"{part}.treatment_groups[{index}]"


def _empty(definition: Definition) -> Iterator[Fault]:
    """What is not wrong in itself, but would send nothing."""
    if not definition.include:
        yield Fault("include", "Include a segment: nobody is in the audience yet.", AUDIENCE)
    for index, part in enumerate(definition.parts):
        if part.rule == NOBODY:
            text = "This sub-audience takes nobody. Choose a segment or write a rule for it."
            yield Fault(f"{part_path(index, False)}.rule", text, node=part.key)
    groups = [group for part in definition.parts for group in part.groups]
    if all(group.control for group in groups):
        text = "Nothing would be sent. Add a treatment group with a destination."
        yield Fault("remaining", text)


def _part(part: Part, path: str) -> Iterator[Fault]:
    if len(part.name) > PART_NAME:
        yield Fault(f"{path}.name", _too_long(part.name, PART_NAME), node=part.key)
    total = sum(group.split for group in part.groups)
    if part.groups and total != 100:
        yield Fault(path, f"Splits add up to {total}%. Bring them to 100%.", node=part.key)
    seen: set[str] = set()
    for index, group in enumerate(part.groups):
        at = group_path(path, index)
        yield from _group(part, index, at)
        key = group.name.strip().casefold()
        if key and key in seen:
            text = f"Another group here is called “{group.name}”. Tell them apart."
            yield Fault(f"{at}.name", text, node=group.key)
        seen.add(key)


def _group(part: Part, index: int, path: str) -> Iterator[Fault]:
    group = part.groups[index]
    if text := names.group_name_fault(group.name):
        suggested = names.suggestion(part, index)
        hint = f"Use “{suggested}”." if suggested and "_" not in text else ""
        yield Fault(f"{path}.name", f"{text} {hint}".strip(), node=group.key)
    if len(group.name) > PART_NAME:
        yield Fault(f"{path}.name", _too_long(group.name, PART_NAME), node=group.key)
    if not 0 <= group.split <= 100:
        yield Fault(f"{path}.split", "A split is a whole number from 0 to 100.", node=group.key)
    if group.control and group.destinations:
        text = "A control group is held out: take its destinations away, or do not hold it out."
        yield Fault(f"{path}.destinations", text, node=group.key)
    if not group.control and not group.destinations:
        text = f"{shown(group)} has no destination. Choose one, or hold the group out as control."
        yield Fault(f"{path}.destinations", text, node=group.key)


def _identifier(target: Target) -> Iterator[Fault]:
    path = f"attributes.{target.name}"
    if not target.identifier or not target.source:
        text = (
            f"Choose phone or email for {target.name}: Attentive takes exactly one for each person."
        )
        yield Fault(path, text, ATTRIBUTES, destination=target.id)
    if unknown := names.unknown_fields(target.segment_name):
        text = (
            f"The name template of {target.name} has “{{{unknown[0]}}}”, which Muster cannot "
            "fill in. Ask an admin to mend it."
        )
        yield Fault(path, text, DESTINATIONS, destination=target.id)


def _lists(definition: Definition, claims: names.Claims, day: date) -> Iterator[Fault]:
    filled = names.list_names(definition, day)
    first = dict(names.doubles(filled))
    for each in filled:
        part = definition.parts[each.part]
        group = part.groups[each.group]
        path = group_path(part_path(each.part, part.rule is None), each.group) + ".name"
        text = names.list_name_fault(each.name) or _unnamed_part(definition, each)
        other = None
        if text is None and each in first:
            twin = definition.parts[first[each].part].groups[first[each].group]
            text = f"{shown(twin)} here fills the list “{each.name}” too. "
            text += _another(part, each.group, filled)
        elif text is None:
            claim = claims.get((each.destination, names.comparable(each.name)))
            if claim is not None:
                text = f"{claim.campaign_name} fills the list “{each.name}”. "
                text += _another(part, each.group, filled)
                other = claim.campaign
        if text:
            yield Fault(path, text, node=group.key, destination=each.destination, other=other)


def _another(part: Part, group: int, filled: Iterable[names.ListName]) -> str:
    """What to call a group whose name fills a list that is taken."""
    suggested = names.suggestion(part, group, [each.name for each in filled])
    return f"Use “{suggested}”." if suggested else "Choose another name."


def _unnamed_part(definition: Definition, name: names.ListName) -> str | None:
    """Why a template that writes the sub-audience's name cannot do without one."""
    template = next(t.segment_name for t in definition.targets if t.id == name.destination)
    if "{sub_audience}" in template and not definition.parts[name.part].name.strip():
        return "The list's name contains the sub-audience's. Give the sub-audience a name."
    return None


def _segments(definition: Definition, facts: Facts) -> Iterator[Fault]:
    for word, chosen in (("include", definition.include), ("exclude", definition.exclude)):
        for index, each in enumerate(chosen):
            place = _mended_at(word, each.name, facts)
            if why := facts.segments.get(each.name, _gone(each.name)):
                yield Fault(f"{word}[{index}]", why, place, segment=each.name)
            for name in sorted(segment_names(each.rule)):
                if why := facts.segments.get(name, ""):
                    text = f"{each.name} is built on it: {why}"
                    yield Fault(f"{word}[{index}]", text, place, segment=name)
    for index, part in enumerate(definition.parts):
        for name in sorted(segment_names(part.rule)) if part.rule is not None else ():
            if why := facts.segments.get(name, ""):
                path = f"{part_path(index, False)}.rule"
                yield Fault(path, why, node=part.key, segment=name)


def _mended_at(word: str, segment: str, facts: Facts) -> str:
    """A default exclusion cannot be taken out in the editor: the segment itself is mended."""
    return SEGMENTS if word == "exclude" and segment in facts.always_left_out else AUDIENCE


def _rules(definition: Definition, facts: Facts) -> Iterator[Fault]:
    """Rules that the customer tables cannot answer any more."""

    def broken(rule: Any, path: str, **mend: Any) -> Iterator[Fault]:
        for fault in check_rule(rule, facts.catalogue, facts.rules, facts.lists):
            yield Fault(f"{path}.{fault.path}" if fault.path else path, fault.text, **mend)

    for word, chosen in (("include", definition.include), ("exclude", definition.exclude)):
        for index, each in enumerate(chosen):
            for fault in broken(each.rule, f"{word}[{index}]"):
                text = f"{each.name}: {fault.text}"
                place = _mended_at(word, each.name, facts)
                yield Fault(fault.path, text, place, segment=each.name)
    for index, part in enumerate(definition.parts):
        if part.rule is not None:
            yield from broken(part.rule, f"{part_path(index, False)}.rule", node=part.key)
    for target in definition.targets:
        if target.only_where is not None:
            yield from broken(
                target.only_where,
                f"attributes.{target.name}.only_where",
                place=ATTRIBUTES,
                destination=target.id,
            )


def _destinations(definition: Definition, facts: Facts) -> Iterator[Fault]:
    for target in definition.targets:
        path = f"attributes.{target.name}"
        if target.id in facts.disabled:
            text = f"{target.name} is switched off. Ask an admin to switch it on, or take it out."
            yield Fault(path, text, DESTINATIONS, destination=target.id)
        if target.id in facts.closed:
            text = f"{facts.closed[target.id]} Take it out, or ask one of them to launch."
            yield Fault(path, text, destination=target.id)
        if target.id in facts.refused:
            text = f"{target.name} refused Muster's credential. Ask an admin to replace it."
            yield Fault(path, text, DESTINATIONS, destination=target.id)
        chosen = target.identifier and target.source  # when not, ``structure`` tells
        if chosen and (text := _misfit(target, facts)):
            at = f"{path}.{target.identifier}"
            yield Fault(at, text, ATTRIBUTES, destination=target.id)


def _misfit(target: Target, facts: Facts) -> str:
    """Why the source cannot be sent as the identifier: by the catalogue, and by its values."""
    if text := sources.fault(target.identifier, target.source, facts.catalogue):
        return text
    held = facts.contents.get(target.source)
    return contents.misfit(target.source, target.identifier, held) if held else ""


def shown(group: Group) -> str:
    """A treatment group as a sentence names it."""
    return f"“{group.name}”" if group.name.strip() else "A group without a name"


def _too_long(name: str, most: int) -> str:
    return f"This name has {len(name)} characters. Use at most {most}."


def _why_not(segment: Segment) -> str:
    """A default exclusion is taken out by admins alone, and of every campaign."""
    out = "take it out"
    if segment.left_out_by_default:
        out = "ask an admin to take it out of the default exclusions"
    if segment.archived:
        return f"{segment.name} is archived. Restore it, or {out}."
    if segment.rule is None:
        return f"{segment.name} is a draft. Activate it, or {out}."
    return ""


def _gone(name: str) -> str:
    return f"There is no segment “{name}”. Take it out." if name else _DRAFT_WITHOUT_NAME


_DRAFT_WITHOUT_NAME = "A draft without a name is chosen. Name and activate it, or take it out."
