"""The page that compares segments: their figures, their overlap, and a segment made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HttpRequest
from core.errors import MusterError
from core.http import go
from core.typed import whole
from segments import drafts
from segments.models import Segment
from segments.numbers import counting
from segments.numbers.behind import Behind
from segments.numbers.comparing import FEWEST, MOST, Comparison, compare, rule_of, said
from segments.numbers.differing import differing
from segments.sheets.comparison import TONES, shown, spreads
from segments.sheets.editor import words_of
from segments.views.newer import tells_newer
from segments.views.people import listed
from warehouse import freshness
from warehouse.catalogue import current
from warehouse.engines import newest


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The segments that are compared, and those that can join; nothing is counted here."""
    chosen, refused = _chosen(request.GET)
    page = reverse("segments:compare")
    keys = [each.pk for each in chosen]
    catalogue = current()
    context: dict[str, Any] = {
        "chosen": [
            {
                "segment": each,
                "tone": TONES[place],
                "sentence": words_of(each.rule, catalogue),
                "without": f"{page}?{_query(pk for pk in keys if pk != each.pk)}",
            }
            for place, each in enumerate(chosen)
        ],
        "refused": refused,
        "query": _query(keys),
        "base": _base(request),
        "enough": len(chosen) >= FEWEST,
        "fewest": FEWEST,
        "most": MOST,
    }
    if len(chosen) < MOST:
        offered = Segment.objects.active().exclude(name="").exclude(pk__in=keys).order_by("name")
        named = offered.values_list("pk", "name")
        context["offered"] = [{"value": str(pk), "text": name} for pk, name in named]
    return TemplateResponse(request, "segments/compare.html", context)


def _chosen(query: QueryDict) -> tuple[list[Segment], list[str]]:
    """The segments asked for that can be compared, in their order, and why others cannot."""
    keys = list(dict.fromkeys(pk for pk in map(whole, query.getlist("s")) if pk is not None))
    found = Segment.objects.in_bulk(keys[: 4 * MOST])
    chosen: list[Segment] = []
    refused: list[str] = []
    for segment in (found[pk] for pk in keys if pk in found):
        if not segment.active or not segment.name:
            refused.append(f"“{segment}” is not active: activate it to compare it.")
        elif len(chosen) == MOST:
            refused.append(f"“{segment}” is left out: {MOST} segments can be compared at once.")
        else:
            chosen.append(segment)
    return chosen, refused


def _query(keys: Any) -> str:
    return urlencode([("s", pk) for pk in keys])


def _base(request: HttpRequest) -> str:
    """What figures are held against: "first" or, for all customers, ''."""
    return "first" if request.GET.get("base") == "first" else ""


@require_GET
@tells_newer
def figures(request: HttpRequest) -> HttpResponse:
    """All numbers of the comparison, from one query; a newer one cancels it."""
    chosen, _ = _chosen(request.GET)
    if not request.htmx or len(chosen) < FEWEST:
        return redirect(f"{reverse('segments:compare')}?{_query(each.pk for each in chosen)}")
    key = newest(f"compare-{request.user.pk}")
    context: dict[str, Any] = {
        "query": _query(each.pk for each in chosen),
        "chosen": chosen,
        "base": _base(request),
        "data_version": freshness.version(),
    }
    try:
        found = _compared(chosen, key)
    except MusterError as error:
        context["problem"] = str(error)
    else:
        context |= shown(found, to_first=bool(context["base"]))
    return TemplateResponse(request, "segments/compare.html#figures", context)


@require_GET
def apart(request: HttpRequest) -> HttpResponse:
    """The attributes in which the compared segments differ most."""
    chosen, _ = _chosen(request.GET)
    if not request.htmx or len(chosen) < FEWEST:
        return redirect(f"{reverse('segments:compare')}?{_query(each.pk for each in chosen)}")
    key = newest(f"differing-{request.user.pk}")
    context: dict[str, Any] = {"chosen": list(zip(chosen, TONES, strict=False))}
    try:
        compiled = counting.context(counting.page_moment())
        found = differing([each.rule for each in chosen], compiled, key)
    except MusterError as error:
        context |= {"problem": str(error), "again": request.get_full_path()}
    else:
        context["spreads"] = spreads(found, [each.name for each in chosen])
    return TemplateResponse(request, "segments/compare.html#apart", context)


def _compared(chosen: Sequence[Segment], key: str = "") -> Comparison:
    return compare(chosen, counting.context(counting.page_moment()), key)


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """How many are in the ticked parts, and the button that makes them a segment."""
    chosen, _ = _chosen(request.GET)
    if not request.htmx or len(chosen) < FEWEST:
        return redirect(f"{reverse('segments:compare')}?{_query(each.pk for each in chosen)}")
    masks = _masks(request.GET, len(chosen))
    context: dict[str, Any] = {"masks": masks}
    try:
        context["sums"] = _compared(chosen).of(masks)
    except MusterError as error:
        context["problem"] = str(error)
    rule = rule_of(masks, [each.name for each in chosen])
    context["sentence"] = words_of(rule, current()) if masks else ""
    return TemplateResponse(request, "segments/compare.html#people", context)


@require_GET
@never_cache
@permission_required("segments.view_segment", raise_exception=True)
def part(request: HttpRequest) -> HttpResponse:
    """The customers of a part of the overlap, in a dialog, a page at a time."""
    chosen, _ = _chosen(request.GET)
    masks = _masks(request.GET, len(chosen))
    if not request.htmx or len(chosen) < FEWEST or len(masks) != 1:
        return redirect(f"{reverse('segments:compare')}?{_query(each.pk for each in chosen)}")
    names = [each.name for each in chosen]
    found = Behind(rule_of(masks, names), said(names, masks[0]))
    return listed(request, found, counting.context(counting.page_moment()))


def _masks(query: QueryDict, size: int) -> list[int]:
    asked = {mask for mask in map(whole, query.getlist("part")) if mask is not None}
    return sorted(mask for mask in asked if mask < 1 << size)


@require_POST
@permission_required("segments.add_segment", raise_exception=True)
def build(request: HttpRequest) -> HttpResponse:
    """A draft for those in the ticked parts, opened in the editor."""
    chosen, _ = _chosen(request.POST)
    masks = _masks(request.POST, len(chosen))
    if len(chosen) < FEWEST or not masks:
        return go(request, f"{reverse('segments:compare')}?{_query(each.pk for each in chosen)}")
    rule = rule_of(masks, [each.name for each in chosen])
    made = Segment.objects.create(
        draft=drafts.with_ids(rule), created_by=request.user, edited_by=request.user
    )
    return go(request, reverse("segments:edit", args=[made.pk]))
