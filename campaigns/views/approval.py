"""Ask another person to agree to a launch, and answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HttpRequest
from accounts.roles import APPROVE
from campaigns import approvals, counting, definition
from campaigns.models import Approval, Campaign
from campaigns.numbers import numbers
from core.errors import MusterError
from core.typed import whole

LONGEST = 1_000  # characters


@require_GET
@permission_required("campaigns.view_campaign", raise_exception=True)
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """The page with the numbers that are known; it asks itself for those that are not."""
    return TemplateResponse(
        request, "campaigns/approval.html", _context(request, pk, bool(request.htmx))
    )


@require_POST
@permission_required("campaigns.launch_campaign", raise_exception=True)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Campaign, pk=pk)
    words = request.POST.get("words", "")[:LONGEST]
    try:
        approvals.ask(pk, request.user, words)
    except MusterError as error:
        return _refused(request, pk, error, words)
    messages.success(request, "Asked. Approvers find it among the campaigns that wait.")
    return redirect("campaigns:approval", pk)


@require_POST
@permission_required(APPROVE, raise_exception=True)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """approval: the id of the one that was read; answer: "approve" or "decline"."""
    found = get_object_or_404(
        Approval, campaign=pk, pk=whole(request.POST.get("approval", "")) or 0
    )
    agrees = request.POST.get("answer") == "approve"
    words = request.POST.get("words", "")[:LONGEST]
    try:
        approvals.answer(found, request.user, agrees, words)
    except MusterError as error:
        return _refused(request, pk, error, words)
    messages.success(request, "Approved. It can be launched." if agrees else "Declined.")
    return redirect("campaigns:approval", pk)


def _refused(request: HttpRequest, pk: int, error: MusterError, words: str) -> HttpResponse:
    context = _context(request, pk, True) | {"fault": str(error), "words": words}
    return TemplateResponse(request, "campaigns/approval.html", context, status=422)


def _context(request: HttpRequest, pk: int, counts: bool) -> dict[str, Any]:
    """counts: whether to count what is not known yet."""
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    frozen = definition.freeze(campaign)
    asked = approvals.about(campaign, frozen).select_related("asked_by", "answered_by").first()
    context: dict[str, Any] = {
        "campaign": campaign,
        "section": "campaigns",
        "asked": asked,
        "earlier": campaign.approvals.exclude(pk=asked.pk if asked else 0)
        .exclude(answered_at=None)
        .select_related("asked_by", "answered_by")[:10],
        "hindrance": approvals.hindrance(asked, request.user) if asked else "",
    }
    try:
        now = timezone.now()
        found = counting.figures(frozen, now) if counts else counting.cached(frozen, now)
    except MusterError as error:
        return context | {"problem": f"Could not count: {error}"}
    if found is None:
        return context | {"counting": True}
    return context | {
        "numbers": numbers(frozen, found, timezone.localdate()),
        "to_send": found.to_send,
        "needed": approvals.needed(campaign, frozen, found.to_send),
    }
