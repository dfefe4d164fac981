"""Undo and redo: what the editor showed after each of a draft's latest revisions.

Revisions are only ever added. One that undo or redo made shows an older one's rule again;
``back`` and ``forth`` name the revisions whose rules come next on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone

from accounts.models import User
from segments import drafts
from segments.models import Segment, SegmentRevision

KEPT = 200  # revisions of a segment
TYPING = timedelta(seconds=3)  # one control edited again within it is one step of undo
TOO = timedelta(minutes=2)  # someone who edited within it is editing too
TYPED = ("value", "period", "sql")  # operations of controls that are typed into


@dataclass(frozen=True, slots=True)
class Steps:
    """What a person may do next. others: who else edits the segment just now."""

    undo: bool = False
    redo: bool = False
    others: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What one revision made of the one before. control: as SegmentRevision has it."""

    before: Any
    after: Any
    control: str


def shown(segment: Segment) -> dict[str, Any]:
    """The rule as the editor shows it, each node with its id."""
    return drafts.with_ids(segment.current_rule)


def record(segment: Segment, before: Any, op: str, node: str, by: User | None, key: str) -> None:
    """Keep what an edit has made of the rule ``before``; the segment has its new revision.

    key: the edit's own name, '' without one.
    """
    last = _present(segment, before)
    typed = (
        op in TYPED
        and last.control == f"{op} {node}"
        and last.author_id == getattr(by, "pk", None)
        and last.back is not None
        and last.at > timezone.now() - TYPING
    )
    back = last.back if typed else last.number
    _add(segment, op, node, by, key, back=back, changed_by=by)


def carry(segment: Segment, before: Any, op: str, by: User | None, key: str = "") -> None:
    """Keep a revision that is no step of its own, such as a new name: undo passes over it."""
    last = _present(segment, before)
    _add(
        segment, op, "", by, key, back=last.back, forth=last.forth, changed_by_id=last.changed_by_id
    )


def step(segment: Segment, way: str, by: User) -> SegmentRevision | None:
    """The revision whose rule comes next. way: "undo" or "redo".

    None when there is none, or when it would take back what another person did.
    """
    last = segment.revisions.first()
    beside = (last.back if way == "undo" else last.forth) if last else None
    found = segment.revisions.filter(number=beside).first() if beside is not None else None
    if last is None or found is None or last.number != segment.revision:
        return None
    return found if (last if way == "undo" else found).changed_by_id == by.pk else None


def stepped(segment: Segment, way: str, to: SegmentRevision, by: User, key: str) -> None:
    """Keep the revision that undo or redo has just made, showing the rule of ``to``."""
    forth = segment.revision - 1 if way == "undo" else to.forth
    _add(segment, way, "", by, key, back=to.back, forth=forth, changed_by_id=to.changed_by_id)


def steps(segment: Segment, by: User) -> Steps:
    """What is offered to a person; three queries."""
    last = segment.revisions.defer("rule").first() if segment.pk else None
    if last is None:
        return Steps()
    since = timezone.now() - TOO
    others = User.objects.exclude(pk=by.pk).filter(
        pk__in=segment.revisions.filter(at__gt=since).values("author")
    )
    beside = dict(
        segment.revisions.filter(number__in=[last.back, last.forth]).values_list(
            "number", "changed_by"
        )
    )
    here = last.number == segment.revision
    return Steps(
        undo=here and last.back in beside and last.changed_by_id == by.pk,
        redo=here and last.forth in beside and beside[last.forth] == by.pk,
        others=[str(each) for each in others.order_by("first_name", "pk")],
    )


def at(segment: Segment, number: int) -> SegmentRevision | None:
    """The revision by its number, None when it is no longer known."""
    return segment.revisions.filter(number=number).first()


def since(segment: Segment, base: int, key: str) -> list[Change] | None:
    """What others have changed after the revision ``base``; None when it is no longer known.

    key: of the edit that was made on it, "WINDOW-NUMBER": what the same window of a browser
    has edited, its user knows.
    """
    if base == segment.revision:
        return []
    rows = list(
        segment.revisions.filter(number__gte=base)
        .order_by("number")
        .values_list("number", "rule", "control", "key")
    )
    if not rows or rows[0][0] != base:
        return None
    window = key.rpartition("-")[0]
    found = [
        Change(was, rule, control)
        for (_, was, _, _), (_, rule, control, by) in pairwise(rows)
        if not window or by.rpartition("-")[0] != window
    ]
    number, rule, _, _ = rows[-1]
    if number != segment.revision:  # as a manifest does
        found.append(Change(rule, shown(segment), ""))
    return found


def is_done(segment: Segment, key: str) -> bool:
    """Whether an edit of that name was taken already: its answer was lost on the way."""
    return bool(key) and segment.revisions.filter(key=key).exists()


def begun(key: str, by: User) -> Segment | None:
    """The segment that the edit of that name has begun, when its answer was lost on the way."""
    found = SegmentRevision.objects.filter(key=key, number=1, author=by) if key else None
    row = found.select_related("segment").first() if found is not None else None
    return row.segment if row else None


def _present(segment: Segment, before: Any) -> SegmentRevision:
    """The revision before the newest; one that was made elsewhere is a new beginning."""
    last, number = segment.revisions.first(), segment.revision - 1
    if last is not None and last.number == number:
        return last
    return SegmentRevision.objects.create(segment=segment, number=number, rule=before)


def _add(segment: Segment, op: str, node: str, by: User | None, key: str, **about: Any) -> None:
    number = segment.revision
    SegmentRevision.objects.create(
        segment=segment,
        number=number,
        rule=shown(segment),
        author=by,
        control=f"{op} {node}"[:80],
        key=key,
        **about,
    )
    segment.revisions.filter(number__lte=number - KEPT).delete()
