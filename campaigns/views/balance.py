"""Whether the groups of a campaign are alike, in a dialog of the editor."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from campaigns import balance as balances
from campaigns import counting, definition
from campaigns.models import Campaign
from core.errors import MusterError
from core.http import part_of
from segments.numbers import counting as segments
from warehouse.engines import newest

SAID = {
    balances.SIZE: "how many they are beside their split",
    balances.SPEND: "what they spent in the last year",
    balances.RECENCY: "how many ordered lately",
    balances.REGION: "where they live",
}


@require_GET
@permission_required("campaigns.view_campaign", raise_exception=True)
@part_of("campaigns:detail", "pk")
def balance(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    frozen = definition.freeze(campaign)
    key = newest(f"balance-{request.user.pk}")
    context: dict[str, Any] = {}
    try:
        folder = counting.files(frozen, timezone.now(), key)
        found = balances.balance(frozen, folder, segments.context(segments.page_moment()), key)
        context["balance"] = found
        context["parts"] = [
            (part, ", ".join(SAID[each] for each in part.differs)) for part in found.parts
        ]
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "campaigns/balance.html", context)
