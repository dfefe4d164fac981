"""Runs in lists: all of them, and those of one campaign."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.http import HttpRequest
from campaigns.models import Campaign
from core.typed import whole
from runs.models import Run, RunState

PAGE = 50
SHOWN = {
    "running": [RunState.BUILDING, RunState.SENDING, RunState.PROCESSING],
    "waiting": [RunState.WAITING],
    "problems": [RunState.PARTIAL, RunState.FAILED],
}


@require_GET
@vary_on_headers("HX-Request")
def activity(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show", "")
    runs = Run.objects.select_related("campaign", "started_by")
    if show in SHOWN:
        runs = runs.filter(state__in=SHOWN[show])
    before = whole(request.GET.get("before", ""))
    if before is not None:
        runs = runs.filter(pk__lt=before)
    rows = list(runs[: PAGE + 1])
    context = {
        "runs": rows[:PAGE],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "show": show,
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
def of_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    if not request.htmx:
        return redirect("campaigns:detail", pk)
    runs = campaign.runs.select_related("campaign", "started_by")[:PAGE]
    return TemplateResponse(request, "runs/activity.html#rows", {"runs": runs})
