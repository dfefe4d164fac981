"""The revisions of a segment's draft: the rule as its editor showed it, each node with its id."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from core import revisions
from core.revisions import Change, Made, Steps, at, is_done, step
from segments import drafts
from segments.models import Segment, SegmentRevision

__all__ = ["Change", "Steps", "at", "is_done", "step"]

TYPED = ("value", "period", "sql")  # operations of controls that are typed into


def shown(segment: Segment) -> dict[str, Any]:
    """The rule as the editor shows it, each node with its id."""
    return drafts.with_ids(segment.current_rule)


def record(segment: Segment, before: Any, op: str, node: str, by: User | None, key: str) -> None:
    """Keep what an edit has made of the rule ``before``; the segment has its new revision.

    key: the edit's own name, '' without one.
    """
    made = Made(f"{op} {node}", by, key, typed=op in TYPED)
    revisions.record(segment, _last(segment, before), shown(segment), made)
    _trim(segment)


def carry(segment: Segment, before: Any, op: str, by: User | None, key: str = "") -> None:
    """Keep a revision that is no step of its own, such as a new name: undo passes over it."""
    revisions.carry(segment, _last(segment, before), shown(segment), Made(f"{op} ", by, key))
    _trim(segment)


def stepped(segment: Segment, way: str, to: SegmentRevision, by: User, key: str) -> None:
    """Keep the revision that undo or redo has just made, showing the rule of ``to``."""
    revisions.stepped(segment, shown(segment), Made(f"{way} ", by, key), to)
    _trim(segment)


def steps(segment: Segment, by: User) -> Steps:
    """What is offered to a person; three queries."""
    return revisions.steps(segment, by) if segment.pk else Steps()


def since(segment: Segment, base: int, key: str) -> list[Change] | None:
    """What others have changed after the revision ``base``; None when it is no longer known."""
    return revisions.since(segment, base, key, lambda: shown(segment))


def begun(key: str, by: User) -> Segment | None:
    """The segment that the edit of that name has begun, when its answer was lost on the way."""
    found = SegmentRevision.objects.filter(key=key, number=1, author=by) if key else None
    row = found.select_related("segment").first() if found is not None else None
    return row.segment if row else None


def _last(segment: Segment, before: Any) -> SegmentRevision:
    last: SegmentRevision = revisions.present(segment, segment.revision - 1, lambda: before)
    return last


def _trim(segment: Segment) -> None:
    segment.revisions.filter(number__lte=segment.revision - revisions.KEPT).delete()
