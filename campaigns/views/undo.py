"""Taking back what was last done with campaigns in the list: kept in the session until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.http import HttpRequest
from accounts.models import User
from campaigns import filing, lifecycle
from campaigns.models import Campaign
from core import undoing
from core.http import go, list_page

PAGE = "campaigns:undo"


def done(request: HttpRequest, said: str, action: str, before: Mapping[int, Any]) -> None:
    """Say what was done, with a button that takes it back.

    action: a key of BACK; before: by the keys of the campaigns, what each was, for "delete"
    what ``lifecycle.delete`` gave.
    """
    was = {str(pk): value for pk, value in before.items()}
    undoing.offer(request, said, PAGE, action, was)


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def undo(request: HttpRequest, name: str) -> HttpResponse:
    """Take it back, and on to the list. name: what ``done`` gave it; only the last is known."""

    def taken(action: str, was: Mapping[str, Any]) -> None:
        BACK[action](was, request.user)

    undoing.take_back(request, PAGE, name, {each: partial(taken, each) for each in BACK})
    return go(request, list_page(request, "campaigns:list"))


def _archived(was: Mapping[str, Any], by: User) -> None:
    with transaction.atomic():
        for campaign in Campaign.objects.filter(pk__in=was, archived=True):
            lifecycle.restore(campaign, by)


def _deleted(was: Mapping[str, Any], by: User) -> None:
    with transaction.atomic():
        for kept in was.values():
            lifecycle.bring_back(kept, by)


def _moved(was: Mapping[str, Any], by: User) -> None:
    filing.move_back(list(Campaign.objects.filter(pk__in=was)), was, by)


def _labelled(was: Mapping[str, Any], by: User) -> None:
    filing.label_back(list(Campaign.objects.filter(pk__in=was)), was, by)


BACK: dict[str, Callable[[Mapping[str, Any], User], None]] = {
    "archive": _archived,
    "delete": _deleted,
    "move": _moved,
    "label": _labelled,
}
