"""A segment's page: who it is, what it is worth, how it grew."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from core.errors import MusterError
from core.http import part_of
from core.links import Links
from segments import drafts, using
from segments.models import Metric, Segment
from segments.numbers import counting, metrics
from segments.numbers.insights import insights
from segments.sheets import overview
from segments.sheets.editor import words_of
from segments.views.listing import menu
from segments.views.newer import tells_newer
from warehouse import freshness
from warehouse.catalogue import Catalogue, current
from warehouse.engines import newest

BARS = Metric.Aggregate.BARS
COOKIE = "summary"  # which cards are left out, by their keys
PEOPLE = ("customers", "people")


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    catalogue = current()
    out = hidden(request)
    own = [each for each in Metric.objects.all() if overview.own_key(each) not in out]
    context = head(segment, "detail", catalogue) | {
        "sentence": words_of(segment.current_rule, catalogue),
        "published": words_of(segment.rule, catalogue) if segment.draft is not None else "",
        "usage": using.usage(segment),
        "size": overview.size(segment),
        "is_sql": any("sql" in node for node in drafts.walk(segment.current_rule)),
        "waiting": [label for key, label in overview.STATS.items() if key not in out],
        "own_waiting": [each.name for each in own if each.aggregate != BARS],
        "bars": [each for each in own if each.aggregate == BARS],
        "out": out,
    }
    return TemplateResponse(request, "segments/detail.html", context)


@require_GET
@part_of("segments:detail", "pk")
@tells_newer
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """All figures of the page, from one query."""
    segment = get_object_or_404(Segment, pk=pk)
    compiled = counting.context(counting.page_moment())
    out = hidden(request)
    told = Metric.objects.exclude(aggregate=BARS)
    own = [each for each in told if overview.own_key(each) not in out]
    key = newest(f"insights-{pk}-{request.user.pk}")
    context: dict[str, Any] = {
        "segment": segment,
        "at": compiled.moment,
        "data_version": freshness.version(),
        "out": out,
    }
    try:
        found = insights(
            shown_rule(segment, compiled.catalogue),
            compiled,
            [metrics.measure_of(metric) for metric in own],
            key,
        )
    except MusterError as error:
        context["problem"] = str(error)
    else:
        customers, people = (reverse(f"segments:{name}", args=[pk]) for name in PEOPLE)
        sql = reverse("segments:figure_sql", args=[pk])
        context |= {
            "stats": [
                each | {"sql": f"{sql}?of={each['key']}"}
                for each in overview.stats(found, segment, customers, people)
                if each["key"] not in out
            ],
            "reach": overview.reach(found.segment, people),
            "tree": overview.tree(found),
            "no_tree": found.lacking.get("revenue", ""),
            "own": [
                each | {"sql": f"{sql}?of={each['key']}"}
                for each in overview.own(found, own, compiled.catalogue)
            ],
            "sql_url": sql,
        }
    return TemplateResponse(request, "segments/detail.html#figures", context)


def hidden(request: HttpRequest) -> set[str]:
    """The cards that whoever looks has left out of these pages."""
    return set(request.COOKIES.get(COOKIE, "").split("."))


def head(segment: Segment, tab: str, catalogue: Catalogue) -> dict[str, Any]:
    """What segments/page.html needs. tab: the name of the page's URL."""
    return {
        "segment": segment,
        "tab": tab,
        "menu": menu(segment, Links("segments")),
        "asks": drafts.has_criteria(shown_rule(segment, catalogue)),
    }


def shown_rule(segment: Segment, catalogue: Catalogue) -> Any:
    """The rule that figures are about: the published one, before that the complete draft."""
    if segment.rule is not None:
        return segment.rule
    return drafts.complete(segment.current_rule, catalogue)
