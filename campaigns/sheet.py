"""The campaign editor's sheet: a campaign as its page shows it, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from campaigns import definition as definitions
from campaigns import names, preflight, schedule, timing
from campaigns.definition import Definition
from campaigns.editing import rule_id
from campaigns.models import Campaign, SubAudience, TreatmentGroup
from campaigns.numbers import Numbers
from campaigns.timing import Timing
from core.formats import count, zone_name
from destinations.models import Destination
from segments import counting, drafts
from segments import sheet as rule_sheet
from segments.models import Segment
from segments.options import chosen

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
class Stop:
    """A fault with the link to where it is mended. place: whose it is, where that is a group's."""

    text: str
    url: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A treatment group. lists: the names of the lists that it fills."""

    group: TreatmentGroup
    destinations: list[Option]
    lists: list[str]
    faults: list[str]
    destination_faults: list[str]
    suggestion: str
    customers: int | None
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class PartRow:
    """A sub-audience with its groups. rule: its own, as rows; None where segments are chosen.

    total: the sum of the splits, in percent.
    """

    part: SubAudience
    segments: list[Option]
    rule: rule_sheet.Tree | None
    groups: list[GroupRow]
    total: int
    faults: list[str]
    customers: int | None
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class TimingRow:
    """When it runs. said: what the controls hold; next_runs: the next due times, in words;
    clock: the zone whose times they are."""

    said: Timing
    kinds: list[Option]
    weekdays: list[Option]
    zone: list[Option]
    ends: list[Option]
    going: list[Option]
    next_runs: list[str]
    clock: str

    @property
    def over(self) -> bool:
        """Whether nothing is left of the schedule."""
        return self.said.has_zone and not self.next_runs

    @property
    def note(self) -> str:
        if not self.said.has_zone:
            return "At once" if self.said.kind == "now" else "After each load"
        return self.next_runs[0] if self.next_runs else "Over"


@dataclass(frozen=True, slots=True)
class Sheet:
    campaign: Campaign
    include: list[Option]
    exclude: list[Option]
    default_exclusions: list[str]
    parts: list[PartRow]
    stops: list[Stop]
    faults: list[preflight.Fault]
    refused: Refused | None
    numbers: Numbers | None
    timing: TimingRow

    @property
    def included(self) -> int | None:
        return self.numbers.included if self.numbers else None

    @property
    def left_out(self) -> int | None:
        return self.numbers.left_out if self.numbers else None

    @property
    def audience(self) -> int | None:
        return self.numbers.audience if self.numbers else None

    @property
    def moving(self) -> list[PartRow]:
        return [row for row in self.parts if not row.part.remaining]

    @property
    def remaining(self) -> list[PartRow]:
        return [row for row in self.parts if row.part.remaining]

    @property
    def name_faults(self) -> list[str]:
        if self.refused and self.refused.op == "name":
            return [self.refused.text]
        return [fault.text for fault in self.faults if fault.path == "name"]

    @property
    def include_faults(self) -> list[str]:
        return [fault.text for fault in self.faults if fault.path.startswith("include")]

    @property
    def exclude_faults(self) -> list[str]:
        return [fault.text for fault in self.faults if fault.path.startswith("exclude")]

    @property
    def timing_fault(self) -> str:
        return self.refused.text if self.refused and self.refused.op == "timing" else ""

    @property
    def fault(self) -> str:
        """Why an edit was refused that no control shows."""
        if self.refused is None or self.refused.op in ("name", "timing"):
            return ""
        return "" if self.refused.node in self._places() else self.refused.text

    def _places(self) -> set[str]:
        """The sub-audiences, groups and lines of rules beside which a reason is shown."""
        rules = [drafts.numbered(row.part.rule, rule_id(row.part)) for row in self.parts]
        lines = (node for rule in rules for node in drafts.walk(rule))
        return {
            *(row.part.key for row in self.parts),
            *(each.group.key for row in self.parts for each in row.groups),
            *(str(node.get("id")) for node in lines if not drafts.word(node)),
        }

    @property
    def steps(self) -> list[dict[str, str]]:
        """The stepper: where something is to be mended."""
        who = (preflight.AUDIENCE, preflight.SEGMENTS)
        audience = sum(fault.place in who for fault in self.faults)
        groups = len(self.faults) - audience
        people = count(self.numbers.audience) if self.numbers else ""
        return [
            _step("Audience", "#audience", audience, people),
            _step("Groups", "#groups", groups, ""),
            _step("Timing", "#timing", int(bool(self.timing_fault)), self.timing.note),
        ]


def sheet(
    campaign: Campaign,
    refused: Refused | None = None,
    numbers: Numbers | None = None,
    said: Timing | None = None,
) -> Sheet:
    """campaign: loaded with ``with_groups``; numbers: if they are known already.

    said: what the timing's controls sent, kept in them when it was refused.
    """
    definition = definitions.freeze(campaign)
    facts = preflight.facts(campaign, definition)
    today = timezone.localdate()
    faults = preflight.check(campaign, definition, facts, today)
    context = counting.context(catalogue=facts.catalogue)
    segments = sorted(Segment.objects.live(), key=lambda segment: str(segment).casefold())
    destinations = list(Destination.objects.all())
    places = _places(campaign)
    in_rule = None
    if refused:
        in_rule = rule_sheet.Refused(refused.op, refused.node, refused.values, refused.text)
    called: dict[tuple[int, int], list[str]] = {}
    for each in names.list_names(definition, today):
        called.setdefault((each.part, each.group), []).append(each.name)
    return Sheet(
        campaign=campaign,
        include=_segment_options(segments, campaign.include.all()),
        exclude=_segment_options(segments, campaign.exclude.all()),
        default_exclusions=[each.name for each in segments if each.left_out_by_default],
        parts=[
            PartRow(
                part=part,
                segments=_segment_options(segments, part.segments.all()),
                rule=None
                if part.remaining or part.segments.all()
                else rule_sheet.tree(part.rule, context, in_rule, rule_id(part)),
                groups=[
                    GroupRow(
                        group=group,
                        destinations=_destination_options(destinations, group),
                        lists=called.get((index, place), []),
                        faults=_without_hint(_of(faults, group.key, but=".destinations")),
                        destination_faults=_of(faults, group.key, only=".destinations"),
                        suggestion=_suggestion(definition, index, place, faults),
                        customers=numbers.groups.get(group.key) if numbers else None,
                        refused=_refused_at(refused, group.key),
                    )
                    for place, group in enumerate(part.groups.all())
                ],
                total=sum(group.split for group in part.groups.all()),
                faults=_of(faults, part.key),
                customers=numbers.parts.get(part.key) if numbers else None,
                refused=_refused_at(refused, part.key),
            )
            for index, part in enumerate(campaign.sub_audiences.all())
        ],
        stops=[
            Stop(fault.text, mend_url(fault, campaign), places.get(fault.node, ""))
            for fault in faults
        ],
        faults=faults,
        refused=refused,
        numbers=numbers,
        timing=_timing(campaign, said if refused and refused.op == "timing" else None),
    )


def _timing(campaign: Campaign, typed: Timing | None) -> TimingRow:
    said = typed or timing.shown(campaign.delivery)
    zone = {said.zone: timing.zones().get(said.zone, said.zone)} if said.zone else {}
    return TimingRow(
        said=said,
        kinds=list(chosen(timing.KINDS.items(), said.kind)),
        weekdays=[
            {"value": key, "text": day[:3], "label": day, "selected": key in said.on}
            for key, day in schedule.WEEKDAYS.items()
        ],
        zone=list(chosen(zone.items(), said.zone)),
        ends=list(chosen(timing.ENDS.items(), said.ends)),
        going=list(chosen(timing.GOING.items(), said.going)),
        next_runs=timing.next_runs(campaign.delivery, timezone.now()),
        clock=zone_name(str(schedule.zone(campaign.delivery))),
    )


def mend_url(fault: preflight.Fault, campaign: Campaign) -> str:
    """Where a fault is mended; on the editor itself an anchor."""
    if fault.other is not None:
        return reverse("campaigns:detail", args=[fault.other])
    if fault.place == preflight.ATTRIBUTES and fault.destination is not None:
        return reverse("campaigns:attributes", args=[campaign.pk, fault.destination])
    if fault.place == preflight.DESTINATIONS:
        return reverse("destinations:list")
    if fault.place == preflight.SEGMENTS:
        return f"{reverse('segments:list')}?{urlencode({'q': fault.segment})}"
    if fault.place == preflight.AUDIENCE:
        return "#name" if fault.path == "name" else "#audience"
    if fault.node:
        kind = "group" if "treatment_groups" in fault.path else "part"
        return f"#{kind}-{fault.node}"
    return "#groups"


def _places(campaign: Campaign) -> dict[str, str]:
    """Key of a sub-audience or group -> its place: "Remaining audience members, group 1"."""
    found: dict[str, str] = {}
    for index, part in enumerate(campaign.sub_audiences.all(), 1):
        place = str(part) if part.remaining or part.name else f"Sub-audience {index}"
        found[part.key] = place
        for number, group in enumerate(part.groups.all(), 1):
            found[group.key] = f"{place}, group {number}"
    return found


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


def _segment_options(segments: Iterable[Segment], chosen: Iterable[Segment]) -> list[Option]:
    """Every segment, the chosen ones selected; a draft says that it is one."""
    picked = {segment.pk for segment in chosen}
    return [
        {
            "value": segment.pk,
            "text": str(segment),
            "selected": segment.pk in picked,
            "note": "" if segment.rule is not None else "Draft",
        }
        for segment in segments
    ]


def _destination_options(
    destinations: Iterable[Destination], group: TreatmentGroup
) -> list[Option]:
    picked = {destination.pk for destination in group.destinations.all()}
    return [
        {"value": each.pk, "text": each.name, "selected": each.pk in picked}
        for each in destinations
        if each.enabled or each.pk in picked
    ]


def _step(label: str, url: str, to_mend: int, note: str) -> dict[str, str]:
    if to_mend:
        return {"label": label, "url": url, "state": "mend", "note": f"{to_mend} to mend"}
    return {"label": label, "url": url, "state": "done", "note": note}
