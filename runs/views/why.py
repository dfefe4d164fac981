"""Why somebody is or is not on a run's lists: asked by POST, so that no address is in a URL."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.http import HttpRequest
from campaigns.explaining import Explanation
from campaigns.views.why import answered
from runs.explaining import explain
from runs.models import Run
from warehouse.engines import newest


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("who", "customer")
@never_cache
@permission_required("campaigns.view_campaign", raise_exception=True)
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: who (an id, email or phone) or customer (the id of one of several)."""
    run = get_object_or_404(Run.objects.select_related("campaign"), pk=pk)
    key = newest(f"why-{request.user.pk}") if request.method == "POST" else ""

    def explains(customer: str, unmasked: bool) -> Explanation:
        return explain(run, customer, unmasked)

    return answered(request, "runs/why.html", {"run": run}, explains, key, frozen=True)
