"""A part of the campaign's editor and of the receipt: what happens to the lists."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from campaigns import counting, definition
from campaigns.models import Campaign
from core.errors import MusterError
from core.http import part_of
from runs.moves import moves as moves_of


@require_GET
@permission_required("campaigns.view_campaign", raise_exception=True)
@part_of("campaigns:detail", "pk")
def moves(request: HttpRequest, pk: int) -> HttpResponse:
    """Who stays, comes and goes in each list, by what Attentive held after the last run."""
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    frozen, now = definition.freeze(campaign), timezone.now()
    context: dict[str, Any] = {}
    try:
        folder = counting.files(frozen, now)
        counted = counting.figures(frozen, now)
        context["moves"] = moves_of(campaign, frozen, counted, folder, now)
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "runs/moves.html", context)
