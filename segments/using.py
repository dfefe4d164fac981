"""Where segments are used: one answer for pages, lists and whoever refuses to delete one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.dispatch import Signal

from segments.models import Segment
from segments.rules import segment_names

# Sent with names; who keeps rules of campaigns answers with the campaigns that name each:
# {name of the segment: {id: name of the campaign}}.
asked = Signal()

# Campaigns lie above segments: only their side of the relation is known here.
RELATIONS = ("included_in", "excluded_in", "sub_audiences__campaign")


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a segment is used. campaigns: (id, name); segments: (id, name)."""

    campaigns: tuple[tuple[int, str], ...] = ()
    segments: tuple[tuple[int, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.segments)

    @property
    def names(self) -> list[str]:
        return [name for _, name in (*self.campaigns, *self.segments)]


def usage(segment: Segment) -> Usage:
    """The campaigns that are not archived and the segments that use this one."""
    return usages([segment])[segment.pk]


def usages(segments: Sequence[Segment]) -> dict[int, Usage]:
    """The same of several, by their keys, in a constant number of queries."""
    campaigns = _campaigns(segments)
    naming = _naming(segment.name for segment in segments)
    return {
        segment.pk: Usage(
            tuple(
                (pk, called or "Draft without a name")
                for pk, called in sorted(campaigns[segment.pk].items())
            ),
            tuple(
                (other.pk, str(other)) for other in naming[segment.name] if other.pk != segment.pk
            ),
        )
        for segment in segments
    }


def _campaigns(segments: Sequence[Segment]) -> dict[int, dict[int, str]]:
    """The campaigns (id: name) of each segment, by its key."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    pks = [segment.pk for segment in segments]
    for campaign in RELATIONS:
        rows = Segment.objects.filter(**{"pk__in": pks, f"{campaign}__archived": False})
        fields = ("pk", f"{campaign}__pk", f"{campaign}__name")
        for pk, key, name in rows.order_by().values_list(*fields):
            found[pk][key] = name
    keys = {segment.name: segment.pk for segment in segments if segment.name}
    answers: list[Any] = asked.send(Segment, names=set(keys)) if keys else []
    for _, answer in answers:
        for name, campaigns in answer.items():
            found[keys[name]] |= campaigns
    return found


def _naming(names: Iterable[str]) -> dict[str, list[Segment]]:
    """The segments whose rule, published or draft, names one of those; by that name."""
    wanted = {name for name in names if name}
    found: dict[str, list[Segment]] = defaultdict(list)
    if not wanted:
        return found
    texts = {"rule_text": Cast("rule", TextField()), "draft_text": Cast("draft", TextField())}
    about = Q(rule_text__contains='"segment"') | Q(draft_text__contains='"segment"')
    others = Segment.objects.live().alias(**texts).filter(about)
    for other in others.only("name", "rule", "draft"):
        for name in wanted & (segment_names(other.rule) | segment_names(other.draft)):
            found[name].append(other)
    return found
