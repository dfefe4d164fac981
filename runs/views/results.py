"""What came of a campaign's runs: a page whose numbers follow, and a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from accounts import audit
from accounts.http import HttpRequest
from campaigns import definition as definitions
from campaigns.models import Campaign
from core.errors import MusterError
from core.typed import whole
from runs.models import Run
from runs.results import file
from runs.results.measuring import outcomes
from runs.results.page import page
from runs.results.window import WindowRefusedError, asked, launch_day
from segments.numbers import counting
from warehouse.engines import newest
from warehouse.freshness import loaded_at


@require_GET
def results(request: HttpRequest, pk: int) -> HttpResponse:
    return TemplateResponse(request, "runs/results.html", _context(request, pk))


@require_GET
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of the run and window that are asked for."""
    context = _context(request, pk)
    run, window = context["run"], context.get("window")
    if not request.htmx or run is None or window is None:
        return redirect("runs:results", pk)
    key = newest(f"results-{pk}-{request.user.pk}")
    try:
        found = outcomes(run, window, counting.context(counting.page_moment()), key)
    except MusterError as error:
        context["problem"] = str(error)
    else:
        context["page"] = page(definitions.from_json(run.definition), found)
        context["sentence"] = window.sentence(timezone.localdate())
    return TemplateResponse(request, "runs/results.html#figures", context)


@require_GET
@permission_required("campaigns.change_campaign", raise_exception=True)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """CSV of the runs ``first`` to ``last`` (their numbers; all without), each in a window of
    its own that begins with its launch day."""
    campaign = get_object_or_404(Campaign, pk=pk)
    runs = Run.objects.measurable(campaign)
    for name, condition in (("first", "number__gte"), ("last", "number__lte")):
        if (number := whole(request.GET.get(name, ""))) is not None:
            runs = runs.filter(**{condition: number})
    try:
        windows = [(run, asked({"days": request.GET.get("days", "")}, run)) for run in runs]
        text = file.text(windows, counting.context(counting.page_moment()))
    except MusterError as error:
        messages.error(request, str(error))
        return redirect("runs:results", pk)
    numbers = ", ".join(str(run.number) for run, _ in windows)
    audit.record(
        request.user, audit.Action.DOWNLOADED, campaign, details=f"Results of runs {numbers}"
    )
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"{slugify(campaign.name)}-results.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _context(request: HttpRequest, pk: int) -> dict[str, Any]:
    """run: the one that is asked for, else the latest; None before the first one ended."""
    campaign = get_object_or_404(Campaign, pk=pk)
    runs = list(Run.objects.measurable(campaign).defer("definition", "figures"))
    number = whole(request.GET.get("run", ""))
    run = next((each for each in runs if each.number == number), runs[0] if runs else None)
    context: dict[str, Any] = {
        "campaign": campaign,
        "section": "campaigns",
        "runs": runs,
        "run": run,
        "loaded_at": loaded_at(),
        "from": request.GET.get("from", ""),
        "days": request.GET.get("days", ""),
    }
    if run is None:
        return context
    try:
        window = asked(request.GET, run)
    except WindowRefusedError as refused:
        return context | {"faults": {refused.field: str(refused)}}
    same = {"run": run.number, "from": window.first.isoformat(), "days": window.days}
    query = "&".join(f"{name}={value}" for name, value in same.items())
    return context | {
        "window": window,
        "from": window.first.isoformat(),
        "days": window.days,
        "launch_day": launch_day(run),
        "figures_url": f"{reverse('runs:results_figures', args=[pk])}?{query}",
    }
