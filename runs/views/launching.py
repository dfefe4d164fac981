"""Review and launch: the dialog of a campaign that starts a run or its schedule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.http import HttpRequest
from accounts.models import User
from campaigns import counting, definition, preflight, schedule
from campaigns.looks import looks
from campaigns.mending import mend_url
from campaigns.models import Campaign
from campaigns.numbers import numbers
from core.errors import MusterError
from core.formats import count, counted, moment
from core.http import go
from core.typed import whole
from runs import launch as launching
from runs import scheduling

VISIBLE = timedelta(hours=24)  # Attentive: a change can take this long to show there

may_launch = permission_required("campaigns.launch_campaign", raise_exception=True)


@require_http_methods(["GET", "POST"])
@may_launch
def launch(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt, and the launch of exactly what it shows, now or by its schedule.

    A POST carries the revision, the number and the data version that were read; when one of
    them has moved, nothing is sent and the receipt is shown anew (409). What moves after
    that ends the run before it sends.
    """
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    if not request.htmx and request.method == "GET":
        return redirect("campaigns:detail", pk)
    context = _receipt(campaign, request.user)
    if request.method == "POST" and not context["stops"] and not context.get("problem"):
        if moved := _moved(request, campaign, context):
            context["moved"] = moved
            return TemplateResponse(request, "runs/launch.html", context, status=409)
        try:
            if context["planned"] and request.POST.get("when") == "schedule":
                scheduling.begin(campaign, request.user)
                return go(request, reverse("campaigns:detail", args=[pk]))
            run = launching.launch(campaign, request.user, promise=context["promise"])
        except MusterError as error:
            context["problem"] = str(error)
        else:
            return go(request, reverse("runs:detail", args=[run.pk]))
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "runs/launch.html", context, status=status)


def _receipt(campaign: Campaign, by: User) -> dict[str, Any]:
    frozen = definition.freeze(campaign)
    context: dict[str, Any] = {
        "campaign": campaign,
        "stops": stopping(campaign, by),
        "approval": reverse("campaigns:approval", args=[campaign.pk]),
        "visible_by": timezone.now() + VISIBLE,
    } | _plan(campaign)
    if not context["planned"]:  # a schedule may be set going beside a run
        context["stops"] += going_on(campaign)
    if not context["stops"]:
        try:
            found = counting.figures(frozen, timezone.now())
        except MusterError as error:
            context["problem"] = f"Could not count: {error}"
        else:
            context["numbers"] = numbers(frozen, found, timezone.localdate())
            context["promise"] = launching.Promise(found.to_send, found.data_version)
            context["looks"] = _linked(campaign, looks(campaign, frozen, found, timezone.now()))
    return context


def _plan(campaign: Campaign) -> dict[str, Any]:
    """Whether its schedule can be set going, and when it would come due first."""
    going = campaign.next_due_at is not None
    due = None if going else schedule.next_due(campaign.delivery, timezone.now(), ran=0)
    known = due is not None and not schedule.after_load(campaign.delivery)
    words = moment(due, campaign.delivery.get("time_zone")) if known else ""
    return {"planned": due is not None, "first_due": words}


def stopping(campaign: Campaign, by: User, test: bool = False) -> list[dict[str, str]]:
    """What stops a launch by somebody, each with the address where it is mended."""
    return _linked(campaign, launching.stops(campaign, by, test))


def _linked(campaign: Campaign, faults: Iterable[preflight.Fault]) -> list[dict[str, str]]:
    """Faults with the links to where they are mended, from a page that is not the editor."""
    editor = reverse("campaigns:edit", args=[campaign.pk])
    found = []
    for fault in faults:
        url = mend_url(fault, campaign)
        found.append({"text": fault.text, "url": editor + url if url.startswith("#") else url})
    return found


def going_on(campaign: Campaign) -> list[dict[str, str]]:
    run = campaign.runs.going().first()
    if run is None:
        return []
    return [{"text": str(launching.RunGoingError()), "url": reverse("runs:detail", args=[run.pk])}]


def _moved(request: HttpRequest, campaign: Campaign, context: dict[str, Any]) -> str:
    """What is no longer as it was read, in words; '' when all is."""
    if request.POST.get("revision") != str(campaign.revision):
        return "The campaign was edited while you read. Look again, then launch."
    seen, now = whole(request.POST.get("to_send", "")), context["promise"]
    if seen != now.to_send:
        before, after = "-" if seen is None else count(seen), count(now.to_send)
        return f"The numbers moved while you read: {before} -> {after}. Nothing was sent."
    if request.POST.get("data_version") != now.version:
        return (
            f"New data came while you read: still {counted(seen, 'person,people')}, perhaps "
            "others. Nothing was sent. Look again, then launch."
        )
    return ""
