"""The run page: whose move it is, every step with its numbers, live until it has ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit
from accounts.http import HttpRequest
from accounts.roles import EXPORT_CUSTOMERS
from campaigns.models import Campaign
from core.errors import MusterError
from core.http import go, part_of
from runs import clearing, removals, retrying, stopping
from runs import recipients as recipient_rows
from runs.models import Delivery, Run
from runs.page import page
from runs.tools import production

may_launch = permission_required("campaigns.launch_campaign", raise_exception=True)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return TemplateResponse(request, "runs/detail.html", _context(pk))


@require_GET
@part_of("runs:detail", "pk")
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The page's moving part; 204 when nothing changed since ``seen``."""
    context = _context(pk)
    if request.GET.get("seen") == context["page"].seen:
        return HttpResponse(status=204)
    return TemplateResponse(request, "runs/detail.html#live", context)


@require_http_methods(["GET", "POST"])
@may_launch
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog that says what stays at Attentive, and the stop itself."""
    run = get_object_or_404(Run, pk=pk)
    if request.method == "POST":
        stopping.stop(run, production(), request.user)
    if not request.htmx:
        return redirect("runs:detail", pk)
    if request.method == "GET":
        here = request.htmx.current_url_abs_path == reverse("runs:detail", args=[pk])
        return TemplateResponse(request, "runs/stop.html", _context(pk) | {"here": here})
    if request.htmx.target != "live":  # pressed elsewhere: what shows runs there asks anew
        return HttpResponse(status=204, headers={"HX-Trigger": "dialog:close, run:stopped"})
    closing = {"HX-Trigger": "dialog:close"}
    return TemplateResponse(request, "runs/detail.html#live", _context(pk), headers=closing)


@require_GET
@may_launch
def stop_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog that stops whichever run of a campaign goes."""
    campaign = get_object_or_404(Campaign, pk=pk)
    run = Run.objects.going().filter(campaign=campaign).first()
    if run is None:
        messages.error(request, f"No run of “{campaign}” goes any more.")
        return go(request, reverse("campaigns:detail", args=[pk]))
    return stop(request, run.pk)


@require_POST
@may_launch
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """A run that sends those again who failed in this one, and nobody else."""
    run = get_object_or_404(Run.objects.select_related("campaign"), pk=pk)
    try:
        run = retrying.retry(run, request.user)
    except MusterError as error:
        messages.error(request, str(error))
    return go(request, reverse("runs:detail", args=[run.pk]))


@require_POST
@may_launch
def remove_lists(request: HttpRequest, pk: int) -> HttpResponse:
    """All test lists of the run's campaign, its own among them."""
    run = get_object_or_404(Run.objects.select_related("campaign"), pk=pk)
    try:
        clearing.remove_tests(run.campaign, request.user)
    except MusterError as error:
        messages.error(request, str(error))
    if not request.htmx:
        return redirect("runs:detail", pk)
    return TemplateResponse(request, "runs/detail.html#live", _context(pk))


@require_POST
@may_launch
def decide(request: HttpRequest, pk: int, delivery_id: int) -> HttpResponse:
    """A large removal: remove them, or keep them."""
    delivery = get_object_or_404(Delivery, pk=delivery_id, run_id=pk)
    act = removals.approve if request.POST.get("decision") == "remove" else removals.keep
    try:
        act(delivery, production(), request.user)
    except MusterError as error:
        messages.error(request, str(error))
    if not request.htmx:
        return redirect("runs:detail", pk)
    return TemplateResponse(request, "runs/detail.html#live", _context(pk))


@require_http_methods(["GET", "POST"])
@permission_required(EXPORT_CUSTOMERS, raise_exception=True)
def recipients(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The dialog that asks what for; POST: who was sent and who was not, as CSV, without
    identifiers. Who takes it and why is written down before the first row leaves."""
    run = get_object_or_404(Run.objects.select_related("campaign"), pk=pk)
    if request.method == "GET":
        if not request.htmx:
            return redirect("runs:detail", pk)
        return TemplateResponse(request, "runs/recipients.html", {"run": run})
    try:
        recipient_rows.taken(run, request.user, audit.reason(request.POST.get("reason", "")))
    except MusterError as error:
        messages.error(request, str(error))
        return redirect("runs:detail", pk)
    response = StreamingHttpResponse(
        recipient_rows.csv(run, spreadsheet=True), content_type="text/csv; charset=utf-8"
    )
    name = f"{slugify(run.definition['name'])}-run-{run.number}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _context(pk: int) -> dict[str, Any]:
    runs = Run.objects.select_related("campaign", "started_by", "retry_of")
    run = get_object_or_404(runs, pk=pk)
    return {"run": run, "page": page(run), "section": "campaigns"}
