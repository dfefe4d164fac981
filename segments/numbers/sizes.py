"""How large the segments of a list are, how many can be reached, and what a week has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from segments.compile import Context
from segments.models import Segment, SegmentCount
from segments.numbers import counting
from segments.rules import check
from segments.sql.errors import SqlError

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Size:
    """A segment as it is published; None where nothing is known.

    week: how many more there are than a week ago; reached: those with an email or a phone;
    broken: its rule does not fit the data any more, or its SQL does not run.
    """

    pk: int
    customers: int | None
    week: int | None
    reached: int | None
    broken: bool


def sizes(segments: Iterable[Segment], key: str = "") -> list[Size]:
    """All in one query of the warehouse.

    key: a name by which engine().cancel stops it. Raises WarehouseError, QueryCancelledError.
    """
    segments = list(segments)
    compiled = counting.context(counting.page_moment())
    rules = {
        str(each.pk): each.rule
        for each in segments
        if each.rule is not None and _fits(each.rule, compiled)
    }
    found = _reaches(rules, compiled, key)
    before = a_week_ago(segments)
    return [_size(each, found.get(str(each.pk)), before.get(each.pk)) for each in segments]


def _reaches(rules: Mapping[str, Any], compiled: Context, key: str) -> dict[str, counting.Reach]:
    """By name, without those whose SQL does not run: one of them hides no other's number."""
    try:
        return counting.reaches(rules, compiled, key)
    except SqlError:
        found: dict[str, counting.Reach] = {}
        for name, rule in rules.items():
            with suppress(SqlError):
                found |= counting.reaches({name: rule}, compiled, key)
        return found


def _fits(rule: Any, compiled: Context) -> bool:
    return not check(rule, compiled.catalogue, compiled.segments, compiled.lists)


def _size(segment: Segment, reach: counting.Reach | None, before: int | None) -> Size:
    """before: how many there were a week ago."""
    if reach is None:
        return Size(segment.pk, None, None, None, broken=segment.rule is not None)
    reached = None
    if reach.customers and reach.neither is not None:
        reached = reach.customers - reach.neither
    return Size(
        pk=segment.pk,
        customers=reach.customers,
        week=None if before is None else reach.customers - before,
        reached=reached,
        broken=False,
    )


def a_week_ago(segments: Iterable[Segment]) -> dict[int, int]:
    """How many customers each segment had a week ago; absent where nobody counted then."""
    today = timezone.localdate()
    about = (today - 2 * WEEK, today - WEEK)
    counts = SegmentCount.objects.filter(segment__in=segments, day__range=about)
    return dict(counts.order_by("counted_at").values_list("segment_id", "customers"))
