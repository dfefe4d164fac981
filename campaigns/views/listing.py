"""The campaigns page: every campaign with its state, filtered by the URL."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.http import HttpRequest
from campaigns import editing
from campaigns.models import Campaign, Status

PAGE = 50


@require_GET
@vary_on_headers("HX-Request")
def index(request: HttpRequest) -> HttpResponse:
    search, status = request.GET.get("q", ""), request.GET.get("status", "")
    campaigns = Campaign.objects.listed(search=search, status=status)
    before = request.GET.get("before", "")
    if before.isdecimal():
        campaigns = campaigns.filter(pk__lt=int(before))
    rows = list(campaigns[: PAGE + 1])
    context = {
        "campaigns": rows[:PAGE],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "search": search,
        "status": status,
        "statuses": [*Status.choices, ("archived", "Archived")],
        "filtered": bool(search or status),
    }
    template = "campaigns/index.html" + ("#rows" if request.htmx else "")
    return TemplateResponse(request, template, context)


@require_POST
@permission_required("campaigns.add_campaign", raise_exception=True)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    twin = editing.copy(get_object_or_404(Campaign.objects.with_groups(), pk=pk), request.user)
    return redirect("campaigns:edit", twin.pk)
