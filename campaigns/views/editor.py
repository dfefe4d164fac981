"""The campaign editor: one page, saved as you go, its numbers following each edit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.http import HttpRequest
from campaigns import counting, definition, editing, preflight, revisions, timing
from campaigns.clash import clash
from campaigns.looks import looks
from campaigns.mending import mend_url, stops
from campaigns.merging import ClashError
from campaigns.models import Campaign, Status
from campaigns.numbers import Numbers, numbers
from campaigns.rows import Refused, segment_options
from campaigns.sheet import sheet
from core.edits import EditRefusedError, StaleEditError
from core.errors import MusterError
from core.http import edit_key, part_of
from core.typed import whole
from segments.models import Segment
from warehouse import catalogue
from warehouse.engines import newest

may_edit = permission_required("campaigns.change_campaign", raise_exception=True)

SAID = {"undo": "Undone.", "redo": "Redone."}


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.add_campaign", raise_exception=True)
def new(request: HttpRequest) -> HttpResponse:
    """Nothing is stored until the form is sent."""
    if request.method == "POST":
        try:
            campaign = editing.create(
                request.user, request.POST.get("name", ""), request.POST.getlist("include")
            )
            return redirect("campaigns:edit", campaign.pk)
        except EditRefusedError as error:
            return _new_page(request, request.POST.getlist("include"), error)
    return _new_page(request, request.GET.getlist("segment"))


def _new_page(
    request: HttpRequest, include: list[str], error: MusterError | None = None
) -> HttpResponse:
    chosen = Segment.objects.live().filter(pk__in=[whole(each) or 0 for each in include])
    context = {
        "segments": segment_options(chosen),
        "name": request.POST.get("name", ""),
        "error": error,
    }
    status = 422 if error else 200
    return TemplateResponse(request, "campaigns/new.html", context, status=status)


@require_GET
@may_edit
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    if editing.read_only(campaign):
        return redirect("campaigns:detail", pk)
    frozen = definition.freeze(campaign)
    known = _known(frozen)
    context = {
        "sheet": sheet(campaign, frozen, numbers=known, by=request.user),
        "numbers": known,
        "steps": revisions.steps(campaign, request.user),
    }
    return TemplateResponse(request, "campaigns/edit.html", context)


@require_POST
@may_edit
def ops(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out one edit, answer with the editor as it is now.

    A refused edit is answered 422 with its reason beside the control; one of what another
    person has edited meanwhile 409, with both to choose from.
    """
    values = request.POST.getlist("value") or request.POST.getlist("place")
    return _edited(request, pk, values, editing.edit)


@require_POST
@may_edit
def rule_ops(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Carry out one edit of a sub-audience's own rule, answered as ``ops`` answers."""
    edit_rule = partial(editing.edit_rule, part=part, tables=catalogue.current())
    return _edited(request, pk, request.POST.getlist("value"), edit_rule)


@require_POST
@may_edit
def timing_ops(request: HttpRequest, pk: int) -> HttpResponse:
    """Store when it runs, answered as ``ops`` answers."""
    said = timing.typed(dict(request.POST.lists()))

    def edit(pk: int, *, op: str, node: str, values: list[str], **how: Any) -> Campaign:
        return editing.edit_timing(pk, said, timezone.now(), **how)

    return _edited(request, pk, [], edit, said)


def _edited(
    request: HttpRequest,
    pk: int,
    values: list[str],
    edit: Callable[..., Campaign],
    said: timing.Timing | None = None,
) -> HttpResponse:
    """said: what the timing's controls sent, which stays in them when it was refused."""
    get_object_or_404(Campaign, pk=pk)
    op, node = request.POST.get("op", ""), request.POST.get("node", "")
    refused, clashing, campaign, status = None, None, None, 200
    asked = insisted(request) | {"op": op, "node": node, "values": values}
    try:
        campaign = edit(pk, **asked)
    except ClashError as error:
        clashing, status = clash(error, dict(request.POST.lists()), catalogue.current()), 409
    except StaleEditError as error:
        refused, status = Refused("", "", [], str(error)), 409
    except EditRefusedError as error:
        refused, status = Refused(op, node, values, str(error)), 422
    campaign = campaign or Campaign.objects.with_groups().get(pk=pk)
    frozen = definition.freeze(campaign)
    known = _known(frozen)
    context = {
        "sheet": sheet(campaign, frozen, refused, known, said, request.user),
        "numbers": known,
        "steps": revisions.steps(campaign, request.user),
        "clash": clashing,
        "said": SAID.get(op, "") if status == 200 else "",
    }
    response = TemplateResponse(request, "campaigns/edit.html#editor", context, status=status)
    return trigger_client_event(response, "draft:changed")


def insisted(request: HttpRequest) -> dict[str, Any]:
    """What every edit says of itself: on what it was made, by whom, and its own name."""
    return {
        "base": whole(request.POST.get("base", "")),
        "by": request.user,
        "key": edit_key(request),
        "insists": whole(request.POST.get("insists", "")),
    }


@require_GET
@may_edit
@part_of("campaigns:edit", "pk")
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of the draft as it is now; a newer edit cancels this count."""
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    key = newest(f"campaign-{pk}-{request.user.pk}")
    frozen = definition.freeze(campaign)
    context: dict[str, object] = {"campaign": campaign}
    try:
        counted = counting.figures(frozen, timezone.now(), key)
        context["numbers"] = numbers(frozen, counted, timezone.localdate())
        context["looks"] = [
            {"text": look.text, "url": mend_url(look, campaign)}
            for look in looks(campaign, frozen, counted, timezone.now())
        ]
        Campaign.objects.filter(pk=pk, revision=campaign.revision).exclude(
            status=Status.RUNNING
        ).update(people=counted.to_send)
        context["stops"] = stops(preflight.faults(campaign, look=True, by=request.user), campaign)
    except MusterError as error:
        context["problem"] = f"Could not count: {error} Your campaign is saved."
    if not Campaign.objects.filter(pk=pk, revision=campaign.revision).exists():
        return HttpResponse(status=204)
    response = TemplateResponse(request, "campaigns/figures.html", context)
    if "problem" in context:
        return response
    return trigger_client_event(response, "campaign:counted", after="settle")


def _known(frozen: definition.Definition) -> Numbers | None:
    """The numbers, if this very audience was counted before: a new name needs no new count."""
    try:
        counted = counting.cached(frozen)
    except MusterError:
        return None
    return numbers(frozen, counted, timezone.localdate()) if counted else None
