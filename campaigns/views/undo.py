"""Taking back that a campaign was archived or deleted."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import HttpRequest
from campaigns import lifecycle
from campaigns.models import Campaign
from core import undoing
from core.http import go

PAGE = "campaigns:undo"


def done(request: HttpRequest, said: str, action: str, was: Any) -> None:
    """Say what was done, with a button that takes it back. action: "archive" or "delete"; was:
    the key of what was archived, or what ``lifecycle.delete`` gave."""
    undoing.offer(request, said, PAGE, action, was)


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def undo(request: HttpRequest, name: str) -> HttpResponse:
    """Take it back, and on to the list. name: what ``done`` gave it; only the last is known."""

    def archived(pk: int) -> None:
        for campaign in Campaign.objects.filter(pk=pk, archived=True):
            lifecycle.restore(campaign, request.user)

    def deleted(was: Any) -> None:
        lifecycle.bring_back(was, request.user)

    undoing.take_back(request, PAGE, name, {"archive": archived, "delete": deleted})
    return go(request, reverse("campaigns:list"))
