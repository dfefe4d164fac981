"""What the picklists of the campaign editor offer."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from campaigns import timing
from campaigns.rows import segment_option
from campaigns.views.editor import may_edit
from segments.models import Segment
from segments.sheets import options


@require_GET
@may_edit
def segments(request: HttpRequest) -> JsonResponse:
    """Segments that a campaign can include, leave out, or take as a sub-audience."""
    live = sorted(Segment.objects.live(), key=lambda segment: str(segment).casefold())
    return JsonResponse(options.found(map(segment_option, live), request.GET.get("q", "")))


@require_GET
@may_edit
def zones(request: HttpRequest) -> JsonResponse:
    """The time zones that a picklist offers."""
    named = ({"value": zone, "text": text} for zone, text in timing.zones().items())
    return JsonResponse(options.found(named, request.GET.get("q", "")))
