"""The pane of the campaigns page that shows runs as they go."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from core.http import part_of
from runs.going import pane


@require_GET
@part_of("campaigns:list")
def going(request: HttpRequest) -> HttpResponse:
    """204 when nothing changed since ``seen``. When a run came, went or changed its state, the
    list beside it is told to ask anew."""
    now = pane(timezone.now())
    seen = request.GET.get("seen", "")
    if seen == now.seen:
        return HttpResponse(status=204)
    moved = seen.partition("-")[0] != now.states
    headers = {"HX-Trigger": "runs:changed"} if moved else {}
    return TemplateResponse(
        request, "runs/going.html", {"pane": now, "moved": moved}, headers=headers
    )
