"""The dialog before a draft becomes what campaigns take: what changes, for whom, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import HttpRequest
from core.errors import MusterError
from core.http import go, part_of
from core.typed import whole
from segments import drafts, publishing, touching
from segments.models import Segment
from segments.numbers import counting, effects
from segments.sheets.editor import words_of
from segments.wording import changes, difference
from warehouse.catalogue import Catalogue
from warehouse.engines import newest

may_edit = permission_required("segments.change_segment", raise_exception=True)


@require_http_methods(["GET", "POST"])
@may_edit
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks, POST does it; what stands in the way is answered 422, a draft that was
    edited since the dialog was opened 409, in the dialog."""
    if request.method == "GET" and not request.htmx:
        return redirect("segments:edit", pk)
    segment = get_object_or_404(Segment.objects.live(), pk=pk)
    catalogue = counting.context().catalogue
    moved, status, stops = "", 200, None
    if request.method == "POST":
        try:
            if whole(request.POST.get("base", "")) not in (None, segment.revision):
                raise publishing.StaleError
            publishing.publish(segment, request.user, catalogue)
            messages.success(request, f"“{segment}” is active. Campaigns can take it now.")
            return go(request, reverse("segments:detail", args=[pk]))
        except publishing.PublishError as error:
            status, stops = 422, error.faults
        except publishing.StaleError:
            moved, status = "It was edited while you read. This is what it is now.", 409
            segment.refresh_from_db()
    context = _asked(segment, catalogue) | {"moved": moved}
    context["stops"] = stops or publishing.faults(segment, catalogue)
    return TemplateResponse(request, "segments/publish.html", context, status=status)


def _asked(segment: Segment, catalogue: Catalogue) -> dict[str, Any]:
    rule = drafts.finished(segment.current_rule, catalogue)
    steps = [] if segment.rule is None else difference.steps(segment.rule, rule)
    return {
        "segment": segment,
        "sentence": words_of(rule, catalogue),
        "parts": _numbered([changes.told(step, catalogue) for step in steps]),
        "unfinished": drafts.plain(segment.current_rule) != rule,
        "touched": touching.touched(segment),
    }


def _numbered(parts: Sequence[changes.Part]) -> list[tuple[str, changes.Part]]:
    """With the id of the place where its number of customers comes."""
    return [(f"step-{index}", part) for index, part in enumerate(parts)]


@require_GET
@may_edit
@part_of("segments:edit", "pk")
def publish_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """How many join and leave; of a first version how many there are."""
    segment = get_object_or_404(Segment.objects.live(), pk=pk)
    compiled = counting.context(counting.page_moment())
    rule = drafts.finished(segment.current_rule, compiled.catalogue)
    key = newest(f"publish-{pk}-{request.user.pk}")
    context: dict[str, Any] = {"segment": segment}
    try:
        if segment.rule is None:
            context["customers"] = counting.count(rule, compiled, key)
        else:
            steps = difference.steps(segment.rule, rule)
            found = effects.effect(segment.rule, rule, steps, compiled, key)
            context |= {"effect": found, "customers": found.after}
            context["changes"] = [(f"step-{i}", change) for i, change in enumerate(found.steps)]
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "segments/publish_figures.html", context)
