"""Why a customer is in or out of a segment: asked by POST, so that no address is in a URL."""

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
from segments import drafts
from segments.models import Segment
from segments.numbers import counting
from segments.numbers.explaining import criteria, explain
from segments.numbers.finding import find
from warehouse.engines import newest


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("who", "customer")
@never_cache
@permission_required("segments.view_segment", raise_exception=True)
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the question, in the editor as a dialog. POST: who (an id, email or phone) or
    customer (the id of one of several); rule: "draft" for the draft."""
    segment = get_object_or_404(Segment, pk=pk)
    asked = request.POST if request.method == "POST" else request.GET
    draft = asked.get("rule") == "draft" or segment.rule is None
    context: dict[str, Any] = {"segment": segment, "of_draft": draft}
    if request.method == "GET":
        template = "segments/why_dialog.html" if request.htmx else "segments/why.html"
        return TemplateResponse(request, template, context)
    key = newest(f"why-{request.user.pk}")
    try:
        context |= _answer(request, segment, draft, key)
    except MusterError as error:
        context["problem"] = str(error)
    template = "segments/why_answer.html" if request.htmx else "segments/why.html"
    status = 422 if "fault" in context else 200
    return TemplateResponse(request, template, context, status=status)


def _answer(request: HttpRequest, segment: Segment, draft: bool, key: str) -> dict[str, Any]:
    typed = request.POST.get("who", "").strip()
    customer = request.POST.get("customer", "")
    if not typed and not customer:
        return {"fault": "Type a customer id, an email or a phone."}
    compiled = counting.context()
    if not customer:
        found = find(typed, compiled, key)
        if len(found.customers) > 1:
            return {"who": typed, "found": found, "answered": True}
        customer = found.customers[0] if found.customers else ""
    rule = segment.current_rule if draft else segment.rule
    whole = drafts.complete(rule, compiled.catalogue) if draft else rule
    unmasked = request.user.has_perm(SEE_CONTACTS)
    explanation = explain(whole, customer, compiled, unmasked, key) if customer else None
    return {
        "who": typed,
        "answered": True,
        "explanation": explanation,
        "unfinished": len(list(criteria(rule))) - len(list(criteria(whole))),
        "masked": not unmasked,
    }
