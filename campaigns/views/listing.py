"""The campaigns page, one campaign's page, and what can be done with a whole campaign."""

from __future__ import annotations

from dataclasses import dataclass
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
from accounts.models import User
from campaigns import approvals, editing, lifecycle, schedule
from campaigns.models import Campaign, Status
from campaigns.views import undo
from core.errors import MusterError
from core.http import act, go
from core.links import Links
from core.listing import Asked, Column, moment
from core.menus import Entry
from segments import folders
from segments.sheets.options import chosen

FILTERS = ("q", "status", "folder", "label", "owner")
STATUSES = [*Status.choices, ("asked", "Waiting for approval"), ("archived", "Archived")]
COLUMNS = [Column("edited", "Edited", "edited_at", down=True, read=moment)]


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do with campaigns."""

    change: bool
    launch: bool

    @classmethod
    def of(cls, user: User) -> Rights:
        named = ("campaigns.change_campaign", "campaigns.launch_campaign")
        return cls(*(user.has_perm(each) for each in named))


@require_GET
@vary_on_headers("HX-Request")
def index(request: HttpRequest) -> HttpResponse:
    asked = Asked.by(request.GET, COLUMNS, FILTERS)
    page = asked.page(Campaign.objects.listed(asked.filters))
    may, links = Rights.of(request.user), Links("campaigns")
    asking = set(
        approvals.waiting().filter(campaign__in=page.rows).values_list("campaign", flat=True)
    )
    context: dict[str, Any] = {
        "rows": [row(each, may, links) | {"asking": each.pk in asking} for each in page.rows],
        "page": page,
        "asked": asked,
    }
    if request.htmx:
        return TemplateResponse(request, "campaigns/index.html#rows", context)
    context |= {"filters": _filters(asked), "narrowed": len(asked.filters.keys() - {"q"})}
    return TemplateResponse(request, "campaigns/index.html", context)


def _filters(asked: Asked) -> list[dict[str, Any]]:
    """The filters beside the search: name, label, what says "all of them", and the choices."""
    filed = list(Campaign.objects.values_list("folder", "labels"))
    held = {way for folder, _ in filed if folder for way in folders.ways(folder)}
    labels = {label for _, labelled in filed for label in labelled}
    owners = User.objects.filter(pk__in=Campaign.objects.values("owner"))
    choices = [
        ("status", "Status", "All", STATUSES),
        ("folder", "Folder", "All", [(each, folders.words(each)) for each in sorted(held)]),
        ("label", "Label", "All", [(each, each) for each in sorted(labels, key=str.casefold)]),
        ("owner", "Owner", "Anyone", [(str(user.pk), str(user)) for user in owners]),
    ]
    return [
        {
            "name": name,
            "label": label,
            "all": all_of_them,
            "options": list(chosen(options, asked.filters.get(name, ""))),
        }
        for name, label, all_of_them, options in choices
    ]


def row(campaign: Campaign, may: Rights, links: Links) -> dict[str, Any]:
    """A campaign as the list shows it to somebody who may do so much."""
    draft = campaign.status == Status.DRAFT and not campaign.archived
    return {
        "campaign": campaign,
        "state": "archived" if campaign.archived else campaign.status,
        "folder": folders.words(campaign.folder),
        "url": links.to("edit" if draft and may.change else "detail", campaign.pk),
        "menu": menu(campaign, links, may),
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
            "menu": menu(campaign, Links("campaigns"), Rights.of(request.user)),
            "read_only": editing.read_only(campaign),
            "planned": not schedule.at_once(campaign.delivery),
            "asking": approvals.waiting().filter(campaign=campaign).first(),
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
    try:
        lifecycle.archive(campaign, request.user)
        undo.done(request, f"“{campaign}” is archived.", "archive", {pk: None})
    except MusterError as error:
        messages.error(request, str(error))
    return go(request, reverse("campaigns:list"))


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
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    try:
        was = lifecycle.delete(campaign, request.user)
        undo.done(request, f"“{campaign}” is deleted.", "delete", {pk: was})
    except MusterError as error:
        messages.error(request, str(error))
    return go(request, reverse("campaigns:list"))


def menu(campaign: Campaign, links: Links, may: Rights) -> list[Entry]:
    """What somebody can do with a campaign in its state."""
    pk, status = campaign.pk, campaign.status
    if not may.change:
        return []

    def dialog(action: str) -> str:
        return f"{reverse('campaigns:bulk', args=[action])}?s={pk}"

    if campaign.archived:
        return [Entry("Restore", "archive-restore", post=links.to("restore", pk))]
    editable = not editing.read_only(campaign)
    entries = [Entry("Edit", "pencil", url=links.to("edit", pk))] if editable else []
    if may.launch and not editable:
        entries.append(Entry("Unschedule and edit", "calendar-x", post=links.to("unschedule", pk)))
    if may.launch and status not in (Status.DRAFT, Status.RUNNING):
        entries.append(Entry("Run now", "send", dialog=reverse("runs:launch", args=[pk])))
    if may.launch and status == Status.RUNNING:
        stop = reverse("runs:stop_campaign", args=[pk])
        entries.append(Entry("Stop", "circle-stop", dialog=stop, danger=True))
    entries.append(Entry("Duplicate", "copy", post=links.to("copy", pk)))
    entries.append(Entry("Move to a folder", "folder", dialog=dialog("move")))
    entries.append(Entry("Labels", "tag", dialog=dialog("label")))
    if status == Status.DRAFT:
        entries.append(Entry("Delete", "trash-2", post=links.to("delete", pk), danger=True))
    elif editable and status not in (Status.RUNNING, Status.WAITING):
        entries.append(Entry("Archive", "archive", post=links.to("archive", pk)))
    return entries
