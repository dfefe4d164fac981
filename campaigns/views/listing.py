"""The campaigns page, one campaign's page, and what can be done with a whole campaign."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import HttpRequest
from campaigns import editing, schedule
from campaigns.models import Campaign, Status
from core.errors import MusterError
from core.typed import whole

PAGE = 50


@require_GET
@vary_on_headers("HX-Request")
def index(request: HttpRequest) -> HttpResponse:
    search, status = request.GET.get("q", ""), request.GET.get("status", "")
    campaigns = Campaign.objects.listed(search=search, status=status)
    start = whole(request.GET.get("after", "")) or 0
    rows = list(campaigns[start : start + PAGE + 1])
    context = {
        "rows": [{"campaign": each, "menu": menu(each)} for each in rows[:PAGE]],
        "next": start + PAGE if len(rows) > PAGE else None,
        "search": search,
        "status": status,
        "statuses": [*Status.choices, ("archived", "Archived")],
        "filtered": bool(search or status),
    }
    template = "campaigns/index.html" + ("#rows" if request.htmx else "")
    return TemplateResponse(request, template, context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    return TemplateResponse(
        request,
        "campaigns/detail.html",
        {
            "campaign": campaign,
            "menu": menu(campaign),
            "read_only": editing.read_only(campaign),
            "planned": not schedule.at_once(campaign.delivery),
        },
    )


@require_POST
@permission_required("campaigns.add_campaign", raise_exception=True)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    original = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    twin = editing.copy(original, request.user)
    return _go(request, reverse("campaigns:edit", args=[twin.pk]))


@require_POST
@permission_required("campaigns.launch_campaign", raise_exception=True)
def unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """End the schedule, and go on in the editor."""
    get_object_or_404(Campaign, pk=pk)
    try:
        editing.unschedule(pk, request.user)
    except MusterError as error:
        messages.error(request, str(error))
        return _go(request, reverse("campaigns:detail", args=[pk]))
    return _go(request, reverse("campaigns:edit", args=[pk]))


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, editing.archive, "“{}” is archived.")


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, editing.restore, "“{}” is restored.")


@require_POST
@permission_required("campaigns.delete_campaign", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda campaign, by: editing.delete(campaign), "“{}” is deleted.")


def menu(campaign: Campaign) -> list[dict[str, Any]]:
    """What can be done with a campaign in its state."""

    def url(name: str) -> str:
        return reverse(f"campaigns:{name}", args=[campaign.pk])

    if campaign.archived:
        return [{"label": "Restore", "post": url("restore"), "icon": "archive-restore"}]
    items: list[dict[str, Any]] = []
    if not editing.read_only(campaign):
        items.append({"label": "Edit", "url": url("edit"), "icon": "pencil"})
    items.append({"label": "Duplicate", "post": url("copy"), "icon": "copy"})
    if campaign.status == Status.DRAFT:
        items.append({"label": "Delete", "post": url("delete"), "icon": "trash-2", "danger": True})
    elif not editing.read_only(campaign) and campaign.status not in (
        Status.RUNNING,
        Status.WAITING,
    ):
        items.append({"label": "Archive", "post": url("archive"), "icon": "archive"})
    return items


def _act(request: HttpRequest, pk: int, action: Any, said: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    try:
        action(campaign, request.user)
        messages.success(request, said.format(campaign))
    except MusterError as error:
        messages.error(request, str(error))
    return _go(request, reverse("campaigns:list"))


def _go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
