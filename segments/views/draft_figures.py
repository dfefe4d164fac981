"""The numbers beside a rule that is being edited."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, trigger_client_event

from accounts.http import HttpRequest
from accounts.models import User
from core.errors import MusterError
from core.http import part_of
from segments import drafts, touching
from segments.models import Segment
from segments.numbers import counting, lines
from segments.numbers.insights import insights
from segments.rules import RuleError
from segments.sheets import hints
from segments.sheets.editor import phrase_of, priced
from segments.views.newer import tells_newer
from segments.wording import words
from warehouse import freshness
from warehouse.catalogue import Catalogue
from warehouse.engines import engine, newest

SHOWN_CAMPAIGNS = 3

may_edit = permission_required("segments.change_segment", raise_exception=True)


@require_GET
@may_edit
@part_of("segments:edit", "pk")
@tells_newer
def numbers(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of the draft as it is now; a newer edit cancels this count.

    One that was cancelled, or is of an older draft, is answered 204.
    """
    segment = get_object_or_404(Segment, pk=pk)
    engine().cancel(_worth_of(segment, request.user))  # of what the draft was before
    key = newest(_count_of(segment, request.user))
    problem = ""
    context: dict[str, Any] = {"data_version": freshness.version()}
    try:
        context |= _draft_numbers(segment, key)
    except MusterError as error:
        problem = str(error)
    if not Segment.objects.filter(pk=pk, revision=segment.revision).exists():
        return HttpResponse(status=204)
    if problem:
        return uncounted(request, {"segment": segment, "problem": problem})
    context |= {"editing": True, "touched": touching.touched(segment), "most": SHOWN_CAMPAIGNS}
    response = TemplateResponse(request, "segments/numbers.html", context)
    return trigger_client_event(response, "draft:counted", after="settle")


@require_POST
@may_edit
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the count that is going on; it can be asked for again."""
    segment = get_object_or_404(Segment, pk=pk)
    for key in (_count_of(segment, request.user), _worth_of(segment, request.user)):
        engine().cancel(key)
    return uncounted(request, {"segment": segment, "stopped": True})


def uncounted(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Why a draft is not counted, beside the old numbers, which stay.

    context: segment, and problem or stopped.
    """
    context["is_sql"] = drafts.is_sql(context["segment"].current_rule)
    response = TemplateResponse(request, "segments/uncounted.html", context)
    return trigger_client_event(reswap(response, "none"), "draft:uncounted")


@require_GET
@may_edit
@part_of("segments:edit", "pk")
def worth(request: HttpRequest, pk: int) -> HttpResponse:
    """Who of the draft's customers bought in the last year, and for how much."""
    segment = get_object_or_404(Segment, pk=pk)
    compiled = counting.context(counting.page_moment())
    key = newest(_worth_of(segment, request.user))
    rule = drafts.complete(segment.current_rule, compiled.catalogue)
    try:
        found = insights(rule, compiled, key=key)
    except MusterError:
        return HttpResponse(status=204)  # the numbers above say why
    context = {"worth": found.segment, "segment": segment}
    return TemplateResponse(request, "segments/worth.html", context)


def _count_of(segment: Segment, user: User) -> str:
    """The name by which a count of the draft is cancelled."""
    return f"segment-{segment.pk}-{user.pk}"


def _worth_of(segment: Segment, user: User) -> str:
    return f"worth-{segment.pk}-{user.pk}"


def _draft_numbers(segment: Segment, key: str) -> dict[str, Any]:
    """Raises as ``counting.count`` does."""
    compiled = counting.context(counting.page_moment())
    context: dict[str, Any] = {"segment": segment, "at": compiled.moment}
    root = drafts.with_ids(segment.current_rule)
    rule = drafts.with_ids(drafts.complete(root, compiled.catalogue))
    began = monotonic()
    found = lines.figures(rule, compiled, key)
    took = monotonic() - began
    context["took"] = hints.of_time(took, rule, compiled.catalogue, compiled.segments)
    shown = priced(root)
    context["lines"] = [
        (id, line, words.nothing(shown[id], compiled.catalogue))
        for id, line in found.lines.items()
        if id in shown
    ]
    context |= {"reach": found.reach, "everyone": found.everyone}
    if segment.rule is not None and segment.draft is not None:
        with suppress(RuleError):  # the published one may not fit the data any more
            context["change"] = found.reach.customers - counting.count(segment.rule, compiled, key)
    if not found.reach.customers:
        context["in_the_way"] = _in_the_way(root, found.lines, compiled.catalogue)
    return context


def _in_the_way(
    root: Any, costs: Mapping[str, lines.Line], catalogue: Catalogue
) -> dict[str, Any] | None:
    """Of a rule that nobody matches: the line without which most would."""
    without = {id: cost.without for id, cost in costs.items() if cost.without}
    id = max(without, key=without.__getitem__, default="")
    node = next((each for each in drafts.walk(root) if each["id"] == id), None)
    if node is None:
        return None
    said = phrase_of(node, catalogue)
    return {"id": id, "line": said, "customers": without[id]}
