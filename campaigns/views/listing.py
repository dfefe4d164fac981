"""The campaigns page, one campaign's page, and what can be done with a whole campaign."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.http import HttpRequest
from campaigns import editing, lifecycle, schedule
from campaigns.models import Campaign, Status
from core.errors import MusterError
from core.http import act, go
from core.links import Links
from core.listing import Asked, Column, moment
from core.menus import Entry

STATUSES = [*Status.choices, ("archived", "Archived")]
COLUMNS = [Column("edited", "Edited", "edited_at", down=True, read=moment)]


@require_GET
@vary_on_headers("HX-Request")
def index(request: HttpRequest) -> HttpResponse:
    asked = Asked.by(request.GET, COLUMNS)
    page = asked.page(Campaign.objects.listed(asked.search, asked.filters.get("status", "")))
    changes, links = request.user.has_perm("campaigns.change_campaign"), Links("campaigns")
    context = {
        "rows": [row(each, changes, links) for each in page.rows],
        "page": page,
        "asked": asked,
        "statuses": STATUSES,
    }
    template = "campaigns/index.html" + ("#rows" if request.htmx else "")
    return TemplateResponse(request, template, context)


def row(campaign: Campaign, changes: bool, links: Links) -> dict[str, Any]:
    """A campaign as the list shows it. changes: who looks may change it."""
    draft = campaign.status == Status.DRAFT and not campaign.archived
    return {
        "campaign": campaign,
        "state": "archived" if campaign.archived else campaign.status,
        "url": links.to("edit" if draft and changes else "detail", campaign.pk),
        "menu": menu(campaign, links) if changes else (),
        "key": str(campaign.pk),
        "menu_id": f"campaign-menu-{campaign.pk}",
    }


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    return TemplateResponse(
        request,
        "campaigns/detail.html",
        {
            "campaign": campaign,
            "menu": menu(campaign, Links("campaigns")),
            "read_only": editing.read_only(campaign),
            "planned": not schedule.at_once(campaign.delivery),
        },
    )


@require_POST
@permission_required("campaigns.add_campaign", raise_exception=True)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    original = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    twin = lifecycle.copy(original, request.user)
    return go(request, reverse("campaigns:edit", args=[twin.pk]))


@require_POST
@permission_required("campaigns.launch_campaign", raise_exception=True)
def unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """End the schedule, and go on in the editor."""
    get_object_or_404(Campaign, pk=pk)
    try:
        lifecycle.unschedule(pk, request.user)
    except MusterError as error:
        messages.error(request, str(error))
        return go(request, reverse("campaigns:detail", args=[pk]))
    return go(request, reverse("campaigns:edit", args=[pk]))


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    return act(
        request,
        lambda: lifecycle.archive(campaign, request.user),
        said=f"“{campaign}” is archived.",
        then=reverse("campaigns:list"),
    )


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    return act(
        request,
        lambda: lifecycle.restore(campaign, request.user),
        said=f"“{campaign}” is restored.",
        then=reverse("campaigns:list"),
    )


@require_POST
@permission_required("campaigns.delete_campaign", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    return act(
        request,
        lambda: lifecycle.delete(campaign),
        said=f"“{campaign}” is deleted.",
        then=reverse("campaigns:list"),
    )


def menu(campaign: Campaign, links: Links) -> list[Entry]:
    """What can be done with a campaign in its state."""
    pk, status = campaign.pk, campaign.status
    if campaign.archived:
        return [Entry("Restore", "archive-restore", post=links.to("restore", pk))]
    editable = not editing.read_only(campaign)
    entries = [Entry("Edit", "pencil", url=links.to("edit", pk))] if editable else []
    entries.append(Entry("Duplicate", "copy", post=links.to("copy", pk)))
    if status == Status.DRAFT:
        entries.append(Entry("Delete", "trash-2", post=links.to("delete", pk), danger=True))
    elif editable and status not in (Status.RUNNING, Status.WAITING):
        entries.append(Entry("Archive", "archive", post=links.to("archive", pk)))
    return entries
