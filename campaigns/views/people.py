"""The people behind a figure of a campaign, in a dialog, a page at a time."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from accounts.roles import SEE_CONTACTS
from campaigns import behind, counting, definition
from campaigns.models import Campaign
from core.errors import MusterError
from core.http import part_of
from segments.numbers import counting as segments
from segments.numbers import customers
from segments.views.people import dialog
from warehouse.engines import newest


@require_GET
@never_cache
@permission_required("campaigns.view_campaign", raise_exception=True)
@part_of("campaigns:detail", "pk")
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """figure, part, group, destination, at: which figure, as ``behind.behind`` takes them.
    after, before: the id from which the page goes on."""
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    frozen = definition.freeze(campaign)
    compiled = segments.context(segments.page_moment())
    unmasked = request.user.has_perm(SEE_CONTACTS)
    columns = customers.usual({}, compiled.catalogue)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    context: dict[str, Any] = {"columns": columns, "masked": not unmasked}
    key = newest(f"people-{request.user.pk}")
    try:
        found = behind.behind(frozen, request.GET.dict())
        folder = counting.files(frozen, timezone.now(), key)
        some = behind.ids(folder, found, after, before, customers.PAGE + 1)
        context["page"] = customers.listed(
            some, columns, compiled, after=after, before=before, unmasked=unmasked, key=key
        )
        context |= {"label": found.label, "customers": behind.number(folder, found)}
    except MusterError as error:
        context["problem"] = str(error)
    return dialog(request, context)
