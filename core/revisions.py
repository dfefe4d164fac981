"""What an editor showed after each edit of a draft: for undo, redo, and edits of two people.

Revisions are only ever added. One that undo or redo made shows an older one's state again;
``back`` and ``forth`` name the revisions whose states come next on either side. A draft is
anything with a ``revision`` that grows with each edit, and ``revisions`` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, Protocol

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

KEPT = 200  # revisions of a draft
TYPING = timedelta(seconds=3)  # one control edited again within it is one step of undo
TOO = timedelta(minutes=2)  # someone who edited within it is editing too


class Revision(models.Model):
    """The draft after an edit.

    number: the draft's revision; state: whole, as JSON. back, forth: the revisions whose
    states undo and redo bring back; changed_by: whose change undo takes back.
    control: what was edited ("value n-0"); key: the edit's own name, given by the page.
    """

    number = models.PositiveIntegerField()
    state = models.JSONField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    back = models.PositiveIntegerField(null=True)
    forth = models.PositiveIntegerField(null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    control = models.CharField(max_length=80, blank=True)
    key = models.CharField(max_length=32, blank=True)

    class Meta:
        abstract = True
        ordering = ["-number"]


class Draft(Protocol):
    revision: int
    revisions: Any  # a manager of its Revisions


@dataclass(frozen=True, slots=True)
class Made:
    """An edit that was made. by: a user; key: the edit's own name, '' without one; typed:
    whether its control is typed into, so that typing on is one step."""

    control: str
    by: Any
    key: str = ""
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """What a person may do next. others: who else edits the draft just now."""

    undo: bool = False
    redo: bool = False
    others: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What one revision made of the one before. control: as Revision has it; by: the key of
    the user who made it, None where that is not known."""

    before: Any
    after: Any
    control: str
    by: int | None = None


def present(draft: Draft, number: int, state: Callable[[], Any], by: Any = None) -> Any:
    """The newest revision, which is the draft's ``number``. What was made elsewhere is a new
    beginning: its state is asked for then. by: who made it, where that is known."""
    last = draft.revisions.first()
    if last is not None and last.number == number:
        return last
    return draft.revisions.create(number=number, state=state(), author=by)


def record(draft: Draft, last: Any, state: Any, made: Made) -> None:
    """Keep what an edit has made; the draft has its new revision. last: the one before."""
    typed = (
        made.typed
        and last.control == made.control[:80]
        and last.author_id == getattr(made.by, "pk", None)
        and last.back is not None
        and last.at > timezone.now() - TYPING
    )
    back = last.back if typed else last.number
    _add(draft, state, made, back=back, changed_by=made.by)


def carry(draft: Draft, last: Any, state: Any, made: Made) -> None:
    """Keep a revision that is no step of its own, such as a new name: undo passes over it."""
    _add(draft, state, made, back=last.back, forth=last.forth, changed_by_id=last.changed_by_id)


def stepped(draft: Draft, state: Any, made: Made, to: Any) -> None:
    """Keep the revision that undo or redo has just made, showing the state of ``to``.

    made: its control is the way, "undo" or "redo".
    """
    forth = draft.revision - 1 if made.control.startswith("undo") else to.forth
    _add(draft, state, made, back=to.back, forth=forth, changed_by_id=to.changed_by_id)


def _add(draft: Draft, state: Any, made: Made, **about: Any) -> None:
    draft.revisions.create(
        number=draft.revision,
        state=state,
        author=made.by,
        control=made.control[:80],
        key=made.key,
        **about,
    )


def step(draft: Draft, way: str, by: Any) -> Any:
    """The revision whose state comes next. way: "undo" or "redo".

    None when there is none, or when it would take back what another person did.
    """
    last = draft.revisions.first()
    beside = (last.back if way == "undo" else last.forth) if last else None
    found = draft.revisions.filter(number=beside).first() if beside is not None else None
    if last is None or found is None or last.number != draft.revision:
        return None
    return found if (last if way == "undo" else found).changed_by_id == by.pk else None


def steps(draft: Draft, by: Any) -> Steps:
    """What is offered to a person; three queries."""
    last = draft.revisions.defer("state").first()
    if last is None:
        return Steps()
    recent = draft.revisions.filter(at__gt=timezone.now() - TOO)
    others = get_user_model().objects.exclude(pk=by.pk).filter(pk__in=recent.values("author"))
    beside = dict(
        draft.revisions.filter(number__in=[last.back, last.forth]).values_list(
            "number", "changed_by"
        )
    )
    here = last.number == draft.revision
    return Steps(
        undo=here and last.back in beside and last.changed_by_id == by.pk,
        redo=here and last.forth in beside and beside[last.forth] == by.pk,
        others=[str(each) for each in others.order_by("first_name", "pk")],
    )


def since(draft: Draft, base: int, key: str, state: Callable[[], Any]) -> list[Change] | None:
    """What others have changed after the revision ``base``; None when it is no longer known.

    key: of the edit that was made on it, "WINDOW-NUMBER": what the same window of a browser
    has edited, its user knows. state: the draft as it is now.
    """
    if base == draft.revision:
        return []
    rows = list(
        draft.revisions.filter(number__gte=base)
        .order_by("number")
        .values_list("number", "state", "control", "key", "author")
    )
    if not rows or rows[0][0] != base:
        return None
    window = key.rpartition("-")[0]
    found = [
        Change(was, now, control, by)
        for (_, was, *_), (_, now, control, name, by) in pairwise(rows)
        if not window or name.rpartition("-")[0] != window
    ]
    number, last, *_ = rows[-1]
    if number != draft.revision:  # as a manifest does
        found.append(Change(last, state(), ""))
    return found


def at(draft: Draft, number: int) -> Any:
    """The revision by its number, None when it is no longer known."""
    return draft.revisions.filter(number=number).first()


def is_done(draft: Draft, key: str) -> bool:
    """Whether an edit of that name was taken already: its answer was lost on the way."""
    return bool(key) and draft.revisions.filter(key=key).exists()
