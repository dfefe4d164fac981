"""Why somebody is or is not on a run's lists: asked by POST, so that no address is in a URL."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.http import HttpRequest
from accounts.roles import SEE_CONTACTS
from core.errors import MusterError
from runs.explaining import explain
from runs.models import Run
from segments.numbers import counting
from segments.numbers.finding import find


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("who", "customer")
@never_cache
@permission_required("campaigns.view_campaign", raise_exception=True)
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: who (an id, email or phone) or customer (the id of one of several)."""
    run = get_object_or_404(Run.objects.select_related("campaign"), pk=pk)
    context: dict[str, Any] = {"run": run, "section": "campaigns"}
    if request.method == "POST":
        try:
            context |= _answer(request, run)
        except MusterError as error:
            context["problem"] = str(error)
    template = "runs/why.html" + ("#answer" if request.htmx else "")
    status = 422 if "fault" in context else 200
    return TemplateResponse(request, template, context, status=status)


def _answer(request: HttpRequest, run: Run) -> dict[str, Any]:
    typed = request.POST.get("who", "").strip()
    customer = request.POST.get("customer", "")
    if not typed and not customer:
        return {"fault": "Type a customer id, an email or a phone."}
    unmasked = request.user.has_perm(SEE_CONTACTS)
    if customer:
        return {"explanation": explain(run, customer, unmasked), "masked": not unmasked}
    by_id = explain(run, typed, unmasked)  # who is in the data no more is in the audience still
    if by_id.included:
        return {"who": typed, "explanation": by_id, "masked": not unmasked}
    found = find(typed, counting.context(), f"why-{request.user.pk}")
    if len(found.customers) > 1:
        return {"who": typed, "found": found}
    if not found.customers:
        return {"who": typed, "nobody": True}
    told = explain(run, found.customers[0], unmasked)
    return {"who": typed, "explanation": told, "masked": not unmasked}
