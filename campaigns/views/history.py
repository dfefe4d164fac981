"""What a campaign was, who changed it to what, and back to it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HttpRequest
from campaigns import editing
from campaigns.history import timeline
from campaigns.models import Campaign
from core.errors import MusterError
from core.http import go
from core.typed import whole
from warehouse import catalogue


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    below = whole(request.GET.get("before", ""))
    found = timeline(campaign, below, catalogue.current())
    context = {
        "campaign": campaign,
        "sittings": found.sittings,
        "older": f"?before={found.older}" if found.older is not None else "",
        "newest": "?" if below is not None else "",
        "read_only": editing.read_only(campaign),
    }
    return TemplateResponse(request, "campaigns/history.html", context)


@require_POST
@permission_required("campaigns.change_campaign", raise_exception=True)
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Make the campaign what it was at the revision, and go on in the editor."""
    get_object_or_404(Campaign, pk=pk)
    try:
        editing.restore(pk, number, request.user)
    except MusterError as error:
        messages.error(request, str(error))
        return go(request, reverse("campaigns:history", args=[pk]))
    messages.success(request, "The campaign is again what it was then. Undo takes that back.")
    return go(request, reverse("campaigns:edit", args=[pk]))
