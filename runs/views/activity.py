"""Runs in lists: all of them, and those of one campaign."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.http import HttpRequest
from campaigns import approvals
from campaigns.models import Campaign
from core.http import part_of
from core.listing import PAGE, Asked, Column, moment
from runs.models import Run, RunState

COLUMNS = [Column("started", "Started", "started_at", down=True, read=moment)]
SHOWN = {
    "running": [RunState.BUILDING, RunState.SENDING, RunState.PROCESSING],
    "waiting": [RunState.WAITING],
    "problems": [RunState.PARTIAL, RunState.FAILED],
}


@require_GET
@vary_on_headers("HX-Request")
def activity(request: HttpRequest) -> HttpResponse:
    asked = Asked.by(request.GET, COLUMNS, ("show",))
    show = asked.filters.get("show", "")
    runs = Run.objects.select_related("campaign", "started_by")
    if show in SHOWN:
        runs = runs.filter(state__in=SHOWN[show])
    page = asked.page(runs)
    context = {
        "asking": approvals.waiting().count(),
        "runs": page.rows,
        "page": page,
        "tabs": [
            {"label": label, "url": f"?show={key}" if key else "?", "current": key == show}
            for key, label in (
                ("", "All"),
                ("running", "Running"),
                ("waiting", "Waiting"),
                ("problems", "Problems"),
            )
        ],
    }
    template = "runs/activity.html" + ("#rows" if request.htmx else "")
    return TemplateResponse(request, template, context)


@require_GET
@part_of("campaigns:detail", "pk")
def of_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    runs = campaign.runs.select_related("campaign", "started_by")[:PAGE]
    return TemplateResponse(request, "runs/activity.html#rows", {"runs": runs})
