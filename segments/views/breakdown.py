"""How a segment spreads over attributes, and a bar of that as a criterion."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.http import HttpRequest
from accounts.roles import SEE_CONTACTS
from core.errors import MusterError
from core.http import part_of
from segments import editing
from segments.models import Segment
from segments.numbers import breakdown as breaking
from segments.numbers import counting
from segments.numbers.breakdown import NoSuchAttributeError
from segments.sheets import spread
from segments.sheets.spread import MEASURES, MOST, Choice
from segments.views.overview import head, shown_rule
from segments.wording import words
from warehouse.catalogue import current
from warehouse.engines import newest

KEPT = "breakdown"  # in the session: what was chosen last, so that the next segment has it too


@require_GET
@vary_on_headers("HX-Request")
def breakdown(request: HttpRequest, pk: int) -> HttpResponse:
    """The charts that were chosen; their bars come one by one. by: attributes, several."""
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    catalogue = current()
    offered = spread.choices(catalogue, request.user.has_perm(SEE_CONTACTS))
    names, measure = _chosen(request, offered)
    by_name = {each.name: each for each in offered}
    bars = reverse("segments:bars", args=[pk])
    context = head(segment, "breakdown", catalogue) | {
        "options": [
            {
                "value": each.name,
                "text": each.label,
                "note": each.table,
                "selected": each.name in names,
            }
            for each in sorted(
                offered, key=lambda each: names.index(each.name) if each.name in names else MOST
            )
        ],
        "measures": [(name, each.label, name == measure) for name, each in MEASURES.items()],
        "charts": [
            (by_name[name].label, f"{bars}?{urlencode({'by': name, 'measure': measure})}")
            for name in names
        ],
        "most": MOST,
        "too_many": len(set(request.GET.getlist("by"))) > MOST,
    }
    template = "segments/breakdown.html" + ("#charts" if request.htmx else "")
    return TemplateResponse(request, template, context)


def _chosen(request: HttpRequest, offered: list[Choice]) -> tuple[list[str], str]:
    """The attributes and the measure of the address, without them those chosen last.

    A measure without attributes goes back to those that are shown unasked.
    """
    asked: dict[str, Any] = {
        "by": request.GET.getlist("by"),
        "measure": request.GET.get("measure", ""),
    }
    if asked["by"] or asked["measure"]:
        request.session[KEPT] = asked
    else:
        asked = request.session.get(KEPT, asked)
    known = {each.name for each in offered}
    names = [name for name in dict.fromkeys(asked["by"]) if name in known][:MOST]
    measure = asked["measure"] if asked["measure"] in MEASURES else "customers"
    return names or spread.first(offered), measure


@require_GET
@part_of("segments:breakdown", "pk")
def bars(request: HttpRequest, pk: int) -> HttpResponse:
    """The bars of one attribute."""
    asked, name = request.GET.get("by", ""), request.GET.get("measure", "")
    segment = get_object_or_404(Segment, pk=pk)
    compiled = counting.context(counting.page_moment())
    measure = MEASURES.get(name, MEASURES["customers"])
    key = newest(f"breakdown-{pk}-{request.user.pk}-{asked}")
    offered = spread.choices(compiled.catalogue, request.user.has_perm(SEE_CONTACTS))
    label = next((each.label for each in offered if each.name == asked), "")
    context: dict[str, Any] = {"segment": segment, "at": compiled.moment, "label": label}
    try:
        if not label:
            raise NoSuchAttributeError(asked)
        found = breaking.breakdown(
            shown_rule(segment, compiled.catalogue), asked, compiled, key, revenue=measure.money
        )
    except MusterError as error:
        context |= {"problem": str(error), "again": request.get_full_path()}
    else:
        context |= {
            "attribute": found.attribute,
            "title": f"{segment} by {words.lowered(label)}",
            "measure": measure.label,
            **spread.shown(found, measure, reverse("segments:people", args=[pk])),
        }
    return TemplateResponse(request, "segments/breakdown.html#bars", context)


@require_POST
@permission_required("segments.change_segment", raise_exception=True)
def narrow(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a bar to the segment's draft as a criterion, and go on to the editor."""
    get_object_or_404(Segment.objects.live(), pk=pk)
    bar = request.POST.get("bar", "")
    try:
        editing.edit(pk, "criterion", "", [bar], None, request.user, current())
    except MusterError as error:
        messages.error(request, str(error))
        return redirect("segments:breakdown", pk)
    messages.success(request, "The criterion is in the draft. Nothing is published yet.")
    return redirect(reverse("segments:edit", args=[pk]))
