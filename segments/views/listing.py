"""The segments page, one segment's page, and what can be done with a whole segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import HttpRequest
from core.errors import MusterError
from core.typed import whole
from segments import counting, drafts, publishing
from segments.models import Segment
from segments.rules import check
from segments.sheet import words_of
from warehouse.catalogue import current
from warehouse.errors import QueryCancelledError

PAGE = 50
STATUSES = [("active", "Active"), ("draft", "Draft"), ("archived", "Archived")]


@require_GET
@vary_on_headers("HX-Request")
def index(request: HttpRequest) -> HttpResponse:
    search, status = request.GET.get("q", "").strip(), request.GET.get("status", "")
    start = whole(request.GET.get("after", "")) or 0
    segments = Segment.objects.listed(search, status).annotate(
        campaigns=Count("included_in", Q(included_in__archived=False), distinct=True)
        + Count("excluded_in", Q(excluded_in__archived=False), distinct=True)
    )
    shown = list(segments[start : start + PAGE + 1])
    catalogue = current()
    context = {
        "rows": [
            {
                "segment": each,
                "sentence": words_of(each.current_rule, catalogue),
                "menu": menu(each),
            }
            for each in shown[:PAGE]
        ],
        "counted": ",".join(str(each.pk) for each in shown[:PAGE]),
        "next": start + PAGE if len(shown) > PAGE else None,
        "search": search,
        "status": status,
        "statuses": STATUSES,
        "filtered": bool(search or status),
    }
    template = "segments/index.html" + ("#rows" if request.htmx else "")
    return TemplateResponse(request, template, context)


@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """The numbers of the segments in the list, all in one query."""
    if not request.htmx:
        return redirect("segments:list")
    ids = map(whole, request.GET.get("ids", "").split(","))
    asked = [pk for pk in ids if pk is not None][:PAGE]
    segments = Segment.objects.filter(pk__in=asked)
    context: dict[str, Any] = {}
    try:
        context["rows"] = _counted(segments)
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "segments/counts.html", context)


def _counted(segments: Sequence[Segment] | Any) -> list[dict[str, Any]]:
    compiled = counting.context(counting.page_moment())
    rules = {}
    for segment in segments:
        rule = segment.rule
        if rule is not None and not check(
            rule, compiled.catalogue, compiled.segments, compiled.lists
        ):
            rules[str(segment.pk)] = rule
    found = counting.reaches(rules, compiled)
    rows = []
    for segment in segments:
        reach = found.get(str(segment.pk))
        reached = None
        if reach and reach.customers and reach.neither is not None:
            reached = reach.customers - reach.neither
        rows.append(
            {
                "pk": segment.pk,
                "customers": reach.customers if reach else None,
                "reached": reached,
                "broken": segment.rule is not None and reach is None,
            }
        )
    return rows


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    catalogue = current()
    context = {
        "segment": segment,
        "sentence": words_of(segment.current_rule, catalogue),
        "published": words_of(segment.rule, catalogue) if segment.draft is not None else "",
        "usage": publishing.usage(segment),
        "versions": segment.versions.select_related("author")[:10],
        "menu": menu(segment),
    }
    return TemplateResponse(request, "segments/detail.html", context)


@require_GET
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """Count and reach of the published rule; of a draft that never was, its draft."""
    if not request.htmx:
        return redirect("segments:detail", pk)
    segment = get_object_or_404(Segment, pk=pk)
    return TemplateResponse(request, "segments/numbers.html", numbers(segment, segment.rule))


def numbers(segment: Segment, rule: Any, key: str = "") -> dict[str, Any]:
    """What segments/numbers.html shows of a rule. Raises QueryCancelledError alone."""
    compiled = counting.context(counting.page_moment())
    if rule is None:
        rule = drafts.complete(segment.current_rule, compiled.catalogue)
    context: dict[str, Any] = {"segment": segment, "at": compiled.moment}
    try:
        context["reach"] = counting.reach(rule, compiled, key)
        context["everyone"] = counting.total(compiled, key)
    except QueryCancelledError:
        raise
    except MusterError as error:
        context["problem"] = str(error)
    return context


@require_POST
@permission_required("segments.add_segment", raise_exception=True)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    original = get_object_or_404(Segment, pk=pk)
    twin = Segment.objects.create(
        description=original.description,
        folder=original.folder,
        labels=original.labels,
        draft=original.current_rule,
        created_by=request.user,
        edited_by=request.user,
    )
    return go(request, reverse("segments:edit", args=[twin.pk]))


@require_POST
@permission_required("segments.change_segment", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, publishing.archive, "“{}” is archived.")


@require_POST
@permission_required("segments.change_segment", raise_exception=True)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, publishing.restore, "“{}” is restored.")


@require_POST
@permission_required("segments.delete_segment", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, publishing.delete, "“{}” is deleted.")


def menu(segment: Segment) -> list[dict[str, Any]]:
    """What can be done with a segment in its state."""

    def url(name: str) -> str:
        return reverse(f"segments:{name}", args=[segment.pk])

    if segment.archived:
        return [{"label": "Restore", "post": url("restore"), "icon": "archive-restore"}]
    items: list[dict[str, Any]] = [{"label": "Edit", "url": url("edit"), "icon": "pencil"}]
    items.append({"label": "Duplicate", "post": url("copy"), "icon": "copy"})
    if segment.active:
        campaign = f"{reverse('campaigns:new')}?segment={segment.pk}"
        items.append({"label": "Use in a campaign", "url": campaign, "icon": "send"})
        items.append({"label": "Archive", "post": url("archive"), "icon": "archive"})
    items.append({"label": "Delete", "post": url("delete"), "icon": "trash-2", "danger": True})
    return items


def _act(
    request: HttpRequest, pk: int, action: Callable[[Segment], None], said: str
) -> HttpResponse:
    segment = get_object_or_404(Segment, pk=pk)
    name = str(segment)
    try:
        action(segment)
        messages.success(request, said.format(name))
    except MusterError as error:
        messages.error(request, str(error))
    return go(request, reverse("segments:list"))


def go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
