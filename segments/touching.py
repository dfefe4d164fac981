"""What publishing a segment touches: the campaigns that take it, also through other segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.dispatch import Signal

from segments.models import Segment
from segments.using import usages

# Sent with campaigns, a list of ids; who keeps campaigns answers with what becomes of each
# next, in words: {id: "next run 25 Nov 09:00"}.
asked = Signal()


@dataclass(frozen=True, slots=True)
class Touched:
    """campaigns: (id, name, what becomes of it next); segments: (id, name)."""

    campaigns: Sequence[tuple[int, str, str]] = ()
    segments: Sequence[tuple[int, str]] = ()

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.segments)


def touched(segment: Segment) -> Touched:
    campaigns: dict[int, str] = {}
    others: dict[int, str] = {}
    looked: set[int] = set()
    front = [segment]
    while front:  # a turn for each segment in segment
        looked |= {each.pk for each in front}
        found = usages(front)
        for usage in found.values():
            campaigns |= dict(usage.campaigns)
            others |= dict(usage.segments)
        front = list(Segment.objects.filter(pk__in=set(others) - looked))
    answers: list[Any] = asked.send(Segment, campaigns=list(campaigns)) if campaigns else []
    upcoming = {pk: words for _, answer in answers for pk, words in answer.items()}
    return Touched(
        [(pk, name, upcoming.get(pk, "")) for pk, name in sorted(campaigns.items())],
        sorted((pk, name) for pk, name in others.items() if pk != segment.pk),
    )
