"""Taking back what was last done with segments in the list: kept in the session until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import HttpRequest
from accounts.models import User
from core import undoing
from core.http import go, list_page
from segments import folders, labels, publishing
from segments.models import Segment

PAGE = "segments:undo"


def done(request: HttpRequest, said: str, action: str, before: Mapping[int, Any]) -> None:
    """Say what was done, with a button that takes it back.

    action: a key of BACK; before: by the keys of the segments, what each was.
    """
    was = {str(pk): value for pk, value in before.items()}
    undoing.offer(request, said, PAGE, action, was)


@require_POST
@permission_required("segments.change_segment", raise_exception=True)
def undo(request: HttpRequest, name: str) -> HttpResponse:
    """Take it back, and on to the list. name: what ``done`` gave it; only the last is known."""

    def taken(action: str, was: Mapping[str, Any]) -> None:
        BACK[action](list(Segment.objects.filter(pk__in=was)), was, request.user)

    undoing.take_back(request, PAGE, name, {each: partial(taken, each) for each in BACK})
    return go(request, list_page(request, "segments:list"))


def _archived(segments: Sequence[Segment], was: Mapping[str, Any], by: User) -> None:
    for segment in segments:
        publishing.restore(segment, by)


def _moved(segments: Sequence[Segment], was: Mapping[str, Any], by: User) -> None:
    folders.place_back(segments, was)


def _labelled(segments: Sequence[Segment], was: Mapping[str, Any], by: User) -> None:
    labels.put_back(segments, was)


BACK: dict[str, Callable[[Sequence[Segment], Mapping[str, Any], User], None]] = {
    "archive": _archived,
    "move": _moved,
    "label": _labelled,
}
