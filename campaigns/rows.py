"""The rows of the editor's sheet: sub-audiences with their groups, choices, faults, numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns import names, preflight
from campaigns.definition import REMAINING, Definition, Group
from campaigns.editing import rule_id
from campaigns.models import Campaign, SubAudience
from campaigns.numbers import Numbers
from destinations.models import Destination
from segments.compile import Context
from segments.models import Segment
from segments.sheets import editor as rule_sheet

Option = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that was not taken: what was typed stays in its control, beside the reason."""

    op: str
    node: str
    values: Sequence[str]
    text: str

    @property
    def typed(self) -> str:
        return self.values[-1] if self.values else ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A treatment group. lists: the names of the lists that it fills. note: what it can show."""

    key: str
    name: str
    split: int
    control: bool
    destinations: list[Option]
    lists: list[str]
    faults: list[str]
    destination_faults: list[str]
    suggestion: str
    customers: int | None
    note: str
    refused: Refused | None

    @property
    def label(self) -> str:
        return self.name or "(no name yet)"


@dataclass(frozen=True, slots=True)
class PartRow:
    """A sub-audience with its groups. Holds all that its HTML says, which is kept by its ``repr``.

    segments: those that were chosen. rule: its own, as rows; None where segments are chosen.
    total: the sum of the splits, in percent. counted: what its numbers are, "customers" or
    "places".
    """

    key: str
    name: str
    remaining: bool
    segments: list[Option]
    rule: rule_sheet.Tree | None
    groups: list[GroupRow]
    total: int
    counted: str
    faults: list[str]
    customers: int | None
    refused: Refused | None

    @property
    def label(self) -> str:
        return REMAINING if self.remaining else self.name

    @property
    def moved_by_shuffling(self) -> float:
        """The share of its customers that would change their group."""
        return 1 - sum((group.split / 100) ** 2 for group in self.groups)


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows are made from, read once for all of them.

    closed: ids of destinations that are for others only. context: what own rules are read
    against; lists: by the places of a sub-audience and its group, the names of the group's
    lists.
    """

    definition: Definition
    faults: Sequence[preflight.Fault]
    destinations: Sequence[Destination]
    closed: Collection[int]
    context: Context
    lists: Mapping[tuple[int, int], list[str]]
    numbers: Numbers | None
    refused: Refused | None


def part_rows(campaign: Campaign, known: Known) -> list[PartRow]:
    """campaign: loaded with ``with_groups``."""
    return [
        _part_row(part, index, known) for index, part in enumerate(campaign.sub_audiences.all())
    ]


def _part_row(part: SubAudience, index: int, known: Known) -> PartRow:
    """index: where it stands, from 0."""
    groups = known.definition.parts[index].groups
    return PartRow(
        key=part.key,
        name=part.name,
        remaining=part.remaining,
        segments=segment_options(part.segments.all()),
        rule=_own_rule(part, known),
        groups=[_group_row(group, index, place, known) for place, group in enumerate(groups)],
        total=sum(group.split for group in groups),
        counted="customers" if known.definition.first_match_only else "places",
        faults=_of(known.faults, part.key),
        customers=known.numbers.parts.get(part.key) if known.numbers else None,
        refused=_refused_at(known.refused, part.key),
    )


def _own_rule(part: SubAudience, known: Known) -> rule_sheet.Tree | None:
    if part.remaining or part.segments.all():
        return None
    refused = known.refused
    in_rule = None
    if refused:
        in_rule = rule_sheet.Refused(refused.op, refused.node, refused.values, refused.text)
    return rule_sheet.tree(part.rule, known.context, in_rule, rule_id(part))


def _group_row(group: Group, part: int, place: int, known: Known) -> GroupRow:
    """part, place: where the group stands, both from 0."""
    return GroupRow(
        key=group.key,
        name=group.name,
        split=group.split,
        control=group.control,
        destinations=_destination_options(known.destinations, known.closed, group),
        lists=known.lists.get((part, place), []),
        faults=_without_hint(_of(known.faults, group.key, but=".destinations")),
        destination_faults=_of(known.faults, group.key, only=".destinations"),
        suggestion=_suggestion(known.definition, part, place, known.faults),
        customers=known.numbers.groups.get(group.key) if known.numbers else None,
        note=known.numbers.notes.get(group.key, "") if known.numbers else "",
        refused=_refused_at(known.refused, group.key),
    )


def list_names(definition: Definition, today: date) -> dict[tuple[int, int], list[str]]:
    """The names of the lists that each group fills, by the places of sub-audience and group."""
    found: dict[tuple[int, int], list[str]] = {}
    for each in names.list_names(definition, today):
        found.setdefault((each.part, each.group), []).append(each.name)
    return found


def segment_options(chosen: Iterable[Segment]) -> list[Option]:
    """The segments that are chosen; those that can be come when the picklist is opened."""
    ordered = sorted(chosen, key=lambda segment: str(segment).casefold())
    return [segment_option(segment) | {"selected": True} for segment in ordered]


def segment_option(segment: Segment) -> Option:
    """A segment in a picklist of the editor."""
    note = "Archived" if segment.archived else "" if segment.active else "Draft"
    return {"value": segment.pk, "text": str(segment), "note": note}


def _destination_options(
    destinations: Iterable[Destination], closed: Collection[int], group: Group
) -> list[Option]:
    picked = group.destinations
    return [
        {"value": each.pk, "text": each.name, "selected": each.pk in picked}
        for each in destinations
        if (each.enabled and each.pk not in closed) or each.pk in picked
    ]


def _of(
    faults: Iterable[preflight.Fault], key: str, but: str | None = None, only: str = ""
) -> list[str]:
    """The texts of a node's faults, by the end of their paths."""
    return [
        fault.text
        for fault in faults
        if fault.node == key
        and fault.path.endswith(only)
        and not (but and fault.path.endswith(but))
    ]


def _suggestion(
    definition: Definition, part: int, group: int, faults: Iterable[preflight.Fault]
) -> str:
    """A telling name, where the present one stops a launch."""
    key = definition.parts[part].groups[group].key
    if not any(fault.node == key and fault.path.endswith(".name") for fault in faults):
        return ""
    taken = [each.name for row in definition.parts for each in row.groups]
    return names.suggestion(definition.parts[part], group, taken)


def _without_hint(texts: Iterable[str]) -> list[str]:
    """The row has a button for the name that a fault suggests."""
    return [text.partition(" Use “")[0] for text in texts]


def _refused_at(refused: Refused | None, key: str) -> Refused | None:
    return refused if refused and refused.node == key else None
