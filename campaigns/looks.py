"""What deserves a look before a launch, by the counted figures and by what was before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from campaigns import timing
from campaigns.definition import Definition, Part
from campaigns.figures import Figures, GroupFigures
from campaigns.figures import from_json as figures_from_json
from campaigns.models import Campaign
from campaigns.preflight import AUDIENCE, TIMING, Fault, group_path, part_path, shown
from core.experiments import FEWEST_PEOPLE, smallest_lift
from core.formats import count, counted, day, percent
from warehouse import freshness
from warehouse.context import OLD

BUYERS = 0.05  # of people who get nothing, in the week after; a guess, said beside what it yields
FEWER = 0.8  # of the last run's people; below, somebody may have made a mistake


def looks(
    campaign: Campaign, definition: Definition, figures: Figures, now: datetime
) -> list[Fault]:
    """All of them, the old data first; none of them stops a launch."""
    found = [*_old_data(now), *_fewer_than_before(campaign, figures), *_too_early(campaign, now)]
    return [replace(each, stops=False) for each in found] + by_figures(definition, figures)


def by_figures(definition: Definition, figures: Figures) -> list[Fault]:
    """What the figures alone tell."""
    return [replace(each, stops=False) for each in _by_figures(definition, figures)]


def notes(definition: Definition, figures: Figures) -> dict[str, str]:
    """What each treatment group can show, in words by its key; '' where nothing is to be said."""
    found = {group.key: "" for part in definition.parts for group in part.groups}
    for index, part in enumerate(definition.parts):
        here = [each for each in figures.groups if each.part == index]
        for each in here:
            found[part.groups[each.group].key] = _note(each, here)
    return found


def _note(group: GroupFigures, beside: list[GroupFigures]) -> str:
    """beside: all groups of its sub-audience."""
    if not sum(each.customers for each in beside):
        return ""
    if not group.customers:
        return "Nobody is held out: nothing to compare with." if group.control else ""
    if group.customers < FEWEST_PEOPLE:
        return "Too small to tell a difference."
    treated = [each.customers for each in beside if not each.control and each.customers]
    lift = smallest_lift(min(treated), group.customers, BUYERS) if treated else None
    if not group.control or lift is None:
        return ""
    return f"Can show a lift from {percent(lift)} on, if {percent(BUYERS)} buy anyway."


def _old_data(now: datetime) -> Iterator[Fault]:
    loaded = freshness.loaded_at()
    if loaded is not None and now - loaded > OLD:
        yield Fault("include", f"The customer data is old: of {day(loaded)}.", AUDIENCE)


def _fewer_than_before(campaign: Campaign, figures: Figures) -> Iterator[Fault]:
    last = campaign.runs.real().exclude(figures=None).first()
    if last is None or last.figures is None:
        return
    before = figures_from_json(last.figures).to_send
    if figures.to_send < before * FEWER:
        text = (
            f"{counted(figures.to_send, 'person,people')} would be sent, "
            f"{percent(1 - figures.to_send / before)} fewer than in run {last.number} "
            f"({count(before)})."
        )
        yield Fault("include", text, AUDIENCE)


def _too_early(campaign: Campaign, now: datetime) -> Iterator[Fault]:
    if text := timing.too_early(campaign.messages_from, campaign.delivery, now):
        yield Fault("messages_from", text, TIMING)


def _by_figures(definition: Definition, figures: Figures) -> Iterator[Fault]:
    if figures.audience == 0:
        yield Fault("include", "Nobody is in the audience: the lists will be empty.", AUDIENCE)
        return
    for each in figures.groups:
        part = definition.parts[each.part]
        group = part.groups[each.group]
        path = _path(part, each.part, each.group)
        if 0 < each.customers < FEWEST_PEOPLE:
            text = f"{shown(group)}: {each.customers} people are too few to tell a difference."
            yield Fault(path, text, node=group.key)
        elif each.control and not each.customers and figures.parts[each.part].customers:
            text = f"{shown(group)}: nobody is held out, so nothing shows what the campaign did."
            yield Fault(path, text, node=group.key)
    chosen = {target.id for target in definition.targets if target.identifier}
    for delivery in figures.deliveries:
        part = definition.parts[delivery.part]
        group = part.groups[delivery.group]
        if delivery.to_send == 0 and delivery.destination in chosen:
            text = f"{shown(group)}: nobody would be sent, so its list will be empty."
            path = _path(part, delivery.part, delivery.group)
            yield Fault(path, text, node=group.key, destination=delivery.destination)
    if figures.several_places:
        people = counted(figures.several_places, "person is,people are")
        text = f"{people} in more than one sub-audience, and may get it more than once."
        yield Fault("first_match_only", text)
    if figures.held_out_and_sent:
        people = counted(figures.held_out_and_sent, "person is,people are")
        text = f"{people} held out in one sub-audience and sent in another."
        yield Fault("first_match_only", text)


def _path(part: Part, index: int, group: int) -> str:
    return group_path(part_path(index, part.rule is None), group)
