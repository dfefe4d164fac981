"""Why somebody would get a campaign or not: asked by POST, so that no address is in a URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.http import HttpRequest
from accounts.roles import SEE_CONTACTS
from campaigns.definition import freeze
from campaigns.explaining import Explanation, explain
from campaigns.models import Campaign
from core.errors import MusterError
from segments.numbers import counting
from segments.numbers.finding import find
from warehouse.engines import newest

Explains = Callable[[str, bool], Explanation]  # a customer's id, whether contacts are shown


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("who", "customer")
@never_cache
@permission_required("campaigns.view_campaign", raise_exception=True)
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: who (an id, email or phone) or customer (the id of one of several)."""
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    key = newest(f"why-{request.user.pk}") if request.method == "POST" else ""

    def explains(customer: str, unmasked: bool) -> Explanation:
        return explain(freeze(campaign), customer, timezone.now(), key, unmasked)

    return answered(request, "campaigns/why.html", {"campaign": campaign}, explains, key)


def answered(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    explains: Explains,
    key: str = "",
    frozen: bool = False,
) -> HttpResponse:
    """The page of a question, and its answer once it is asked.

    frozen: whether somebody who is not in the data any more may be in the answer. key: a name
    by which engine().cancel stops the search.
    """
    context = {**context, "section": "campaigns"}
    if request.method == "POST":
        try:
            context |= _answer(request, explains, key, frozen)
        except MusterError as error:
            context["problem"] = str(error)
    status = 422 if "fault" in context else 200
    shown = "campaigns/why_answer.html" if request.htmx else template
    return TemplateResponse(request, shown, context, status=status)


def _answer(request: HttpRequest, explains: Explains, key: str, frozen: bool) -> dict[str, Any]:
    typed = request.POST.get("who", "").strip()
    customer = request.POST.get("customer", "")
    if not typed and not customer:
        return {"fault": "Type a customer id, an email or a phone."}
    unmasked = request.user.has_perm(SEE_CONTACTS)
    told: dict[str, Any] = {"who": typed, "masked": not unmasked}
    if customer:
        return told | {"explanation": explains(customer, unmasked)}
    if frozen and (by_id := explains(typed, unmasked)).included:
        return told | {"explanation": by_id}
    found = find(typed, counting.context(), key)
    if len(found.customers) > 1:
        return told | {"found": found}
    if not found.customers:
        return told | {"nobody": True}
    return told | {"explanation": explains(found.customers[0], unmasked)}
