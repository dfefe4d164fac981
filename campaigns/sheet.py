"""The campaign editor's sheet: a campaign as its page shows it, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from campaigns import preflight, schedule, timing
from campaigns.definition import Definition
from campaigns.editing import rule_id
from campaigns.mending import Stop, stops
from campaigns.models import Campaign
from campaigns.numbers import Numbers
from campaigns.rows import (
    Known,
    Option,
    PartRow,
    Refused,
    list_names,
    part_rows,
    segment_options,
)
from campaigns.timing import Timing
from core.formats import count, zone_name
from destinations.models import Destination
from segments import drafts
from segments.models import Segment
from segments.numbers import counting
from segments.sheets.options import chosen


@dataclass(frozen=True, slots=True)
class TimingRow:
    """When it runs. said: what the controls hold; next_runs: the next due times, in words;
    clock: the zone whose times they are. early: why the messages may come too early."""

    said: Timing
    kinds: list[Option]
    weekdays: list[Option]
    zone: list[Option]
    ends: list[Option]
    going: list[Option]
    next_runs: list[str]
    clock: str
    early: str

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
    """The whole editor. stops: what keeps it from being launched, as links; faults: the same,
    for the places where it is mended; refused: the edit just made that was not taken."""

    campaign: Campaign
    include: list[Option]
    exclude: list[Option]
    default_exclusions: list[Segment]
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
        return [row for row in self.parts if not row.remaining]

    @property
    def remaining(self) -> list[PartRow]:
        return [row for row in self.parts if row.remaining]

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
        parts = self.campaign.sub_audiences.all()
        rules = [drafts.numbered(part.rule, rule_id(part)) for part in parts]
        lines = (node for rule in rules for node in drafts.walk(rule))
        return {
            *(row.key for row in self.parts),
            *(group.key for row in self.parts for group in row.groups),
            *(str(node.get("id")) for node in lines if not drafts.word(node)),
        }

    @property
    def steps(self) -> list[dict[str, str]]:
        """The stepper: where something is to be mended."""
        who = (preflight.AUDIENCE, preflight.SEGMENTS)
        audience = sum(fault.place in who for fault in self.faults)
        approval = sum(fault.place == preflight.APPROVAL for fault in self.faults)
        groups = len(self.faults) - audience - approval
        people = count(self.numbers.audience) if self.numbers else ""
        return [
            _step("Audience", "#audience", audience, people),
            _step("Groups", "#groups", groups, ""),
            _step("Timing", "#timing", int(bool(self.timing_fault)), self.timing.note),
        ]


def sheet(
    campaign: Campaign,
    definition: Definition,
    refused: Refused | None = None,
    numbers: Numbers | None = None,
    said: Timing | None = None,
    by: User | None = None,
) -> Sheet:
    """campaign: loaded with ``with_groups``; definition: it, frozen; numbers: if they are known.

    said: what the timing's controls sent, kept in them when it was refused. by: whose page it is.
    """
    facts = preflight.facts(campaign, definition, by=by)
    today = timezone.localdate()
    faults = preflight.check(campaign, definition, facts, today)
    defaults = Segment.objects.live().filter(left_out_by_default=True)
    known = Known(
        definition=definition,
        faults=faults,
        destinations=list(Destination.objects.all()),
        closed=facts.closed,
        context=counting.context(catalogue=facts.catalogue),
        lists=list_names(definition, today),
        numbers=numbers,
        refused=refused,
    )
    return Sheet(
        campaign=campaign,
        include=segment_options(campaign.include.all()),
        exclude=segment_options(campaign.exclude.all()),
        default_exclusions=sorted(defaults, key=lambda segment: str(segment).casefold()),
        parts=part_rows(campaign, known),
        stops=stops(faults, campaign),
        faults=faults,
        refused=refused,
        numbers=numbers,
        timing=_timing(campaign, said if refused and refused.op == "timing" else None),
    )


def _timing(campaign: Campaign, typed: Timing | None) -> TimingRow:
    said = typed or timing.shown(campaign.delivery, campaign.messages_from)
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
        early=timing.too_early(campaign.messages_from, campaign.delivery, timezone.now()),
    )


def _step(label: str, url: str, to_mend: int, note: str) -> dict[str, str]:
    if to_mend:
        return {"label": label, "url": url, "state": "mend", "note": f"{to_mend} to mend"}
    return {"label": label, "url": url, "state": "done", "note": note}
