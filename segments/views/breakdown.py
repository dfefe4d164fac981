"""How a segment spreads over an attribute, and a bar of that as a criterion."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HttpRequest
from core import charts, formats
from core.errors import MusterError
from segments import breakdown as breaking
from segments import counting, editing, options, words
from segments.breakdown import Bar, Breakdown
from segments.insights import ratio
from segments.models import Segment
from segments.views.overview import head, shown_rule
from warehouse.catalogue import Catalogue, current
from warehouse.engines import engine


@require_GET
def breakdown(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    catalogue = current()
    asked = request.GET.get("by", "")
    offered = choices(catalogue)
    if catalogue.find(asked) is None:
        asked = first_choice(catalogue)
    context = head(segment, "breakdown") | {"by": asked, "offered": offered}
    return TemplateResponse(request, "segments/breakdown.html", context)


def choices(catalogue: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
    """The attributes by their tables: (table, [(attribute, label)])."""
    found: dict[str, list[tuple[str, str]]] = {}
    for option in options.attributes(catalogue):
        attribute = option["value"].removeprefix("attribute:")
        table, column = catalogue.find(attribute) or (None, None)
        if table is None or column is None or column.name.lower() == table.customer.lower():
            continue
        label = words.table_label(table, table.name)
        found.setdefault(label, []).append((attribute, str(option["text"])))
    return list(found.items())


TELLING = ("tier", "income", "state", "age", "segment", "city")


def first_choice(catalogue: Catalogue) -> str:
    """What is shown before anything is chosen: an attribute that tells groups apart."""
    names = [name for _, offered in choices(catalogue) for name, _ in offered]
    for word in TELLING:
        for name in names:
            if word in name.rpartition(".")[2].lower().split("_"):
                return name
    return names[0] if names else ""


@require_GET
def bars(request: HttpRequest, pk: int) -> HttpResponse:
    """The bars of one attribute."""
    asked = request.GET.get("by", "")
    if not request.htmx:
        return redirect("segments:breakdown", pk)
    segment = get_object_or_404(Segment, pk=pk)
    compiled = counting.context(counting.page_moment())
    key = f"breakdown-{pk}-{request.user.pk}"
    engine().cancel(key)
    context: dict[str, Any] = {"segment": segment, "at": compiled.moment}
    try:
        found = breaking.breakdown(shown_rule(segment, compiled.catalogue), asked, compiled, key)
    except MusterError as error:
        context |= {"problem": str(error), "again": f"{request.path}?by={asked}"}
    else:
        _, column = compiled.catalogue.find(found.attribute) or (None, None)
        label = words.column_label(column, found.attribute)
        context |= {
            "attribute": found.attribute,
            "label": label,
            "title": f"{segment} by {words.lowered(label)}",
            "finding": finding(found),
            "rows": rows(found),
        }
    return TemplateResponse(request, "segments/breakdown.html#bars", context)


def rows(found: Breakdown) -> list[dict[str, Any]]:
    shares = [
        (ratio(bar.customers, found.customers), ratio(bar.everyone, found.everyone))
        for bar in found.bars
    ]
    return [
        {
            "label": bar.label,
            "customers": bar.customers,
            "all": bar.everyone,
            "share": formats.percent(ours),
            "other": formats.percent(all_),
            "form": json.dumps(bar.criterion) if bar.criterion else "",
            **lengths,
        }
        for bar, (ours, all_), lengths in zip(found.bars, shares, charts.pairs(shares), strict=True)
    ]


def finding(found: Breakdown) -> str:
    """The bar in which the segment differs most from everyone, in words."""
    if not found.customers:
        return "Nobody is in the segment."

    def gap(bar: Bar) -> float:
        return bar.customers / found.customers - bar.everyone / found.everyone

    # Of two that differ as much, the one of which the segment has more.
    most = max(found.bars, key=lambda bar: (round(abs(gap(bar)), 9), gap(bar)))
    if not round(gap(most), 9):
        return "The segment spreads as everyone does."
    ours, all_ = most.customers / found.customers, most.everyone / found.everyone
    return (
        f"Differs most at “{most.label}”: {formats.percent(ours)} of the segment, "
        f"{formats.percent(all_)} of everyone."
    )


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
