"""What a segment's page shows, as each likes it, and the SQL behind its figures."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import HttpRequest
from core.errors import MusterError
from core.http import go, part_of
from segments import converting
from segments.models import Metric, Segment
from segments.numbers import counting, insights, metrics
from segments.sheets.overview import CARDS, own_key
from segments.views.overview import COOKIE, hidden, shown_rule

YEAR = 365 * 86_400

sees = permission_required("segments.view_segment", raise_exception=True)


@require_http_methods(["GET", "POST"])
@sees
@part_of("segments:detail", "pk")
def cards(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the dialog that asks which cards show; POST: keep that in a cookie, for all segments."""
    offered = CARDS | {own_key(each): each.name for each in Metric.objects.all()}
    if request.method == "POST":
        kept = set(request.POST.getlist("card"))
        response = go(request, reverse("segments:detail", args=[pk]))
        left_out = ".".join(key for key in offered if key not in kept)
        response.set_cookie(COOKIE, left_out, max_age=YEAR, samesite="Lax", httponly=True)
        return response
    out = hidden(request)
    rows = [(key, label, key not in out) for key, label in offered.items()]
    return TemplateResponse(request, "segments/cards.html", {"pk": pk, "rows": rows})


@require_GET
@sees
@part_of("segments:detail", "pk")
def figure_sql(request: HttpRequest, pk: int) -> HttpResponse:
    """A figure of the page as SQL. of: its key among the cards."""
    segment = get_object_or_404(Segment, pk=pk)
    compiled = counting.context()
    rule, figure = shown_rule(segment, compiled.catalogue), request.GET.get("of", "")
    own = {own_key(each): each for each in Metric.objects.exclude(aggregate=Metric.Aggregate.BARS)}
    if figure in own:
        label = own[figure].name
        build = partial(insights.measure_alone, rule, metrics.measure_of(own[figure]))
    elif figure in insights.SOURCES:
        label = CARDS[figure]
        build = partial(insights.alone, rule, figure)
    else:
        raise Http404("There is no such figure.")
    context = {"label": label}
    try:
        context["text"] = converting.told(build, compiled).text
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "segments/figure_sql.html", context)
