"""What a segment was: its versions, what each changed, and back to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HttpRequest
from core.errors import MusterError
from core.http import go, part_of
from core.typed import whole
from segments import publishing
from segments.models import Segment, SegmentVersion
from segments.numbers import counting, effects, tracking
from segments.sheets.editor import words_of
from segments.views.overview import head
from segments.wording import changes, difference
from warehouse.catalogue import Catalogue, current

PAGE = 20  # versions


@dataclass(frozen=True, slots=True)
class Row:
    """A version as the list shows it. parts: what it changed, each with the id of its
    number of customers."""

    version: SegmentVersion
    parts: Sequence[tuple[str, changes.Part]]
    first: bool
    current: bool


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    versions = segment.versions.select_related("author")
    before = whole(request.GET.get("before", ""))
    if before is not None:
        versions = versions.filter(number__lt=before)
    found = list(versions[: PAGE + 1])
    catalogue = current()
    shown = list(zip(found[:PAGE], [*found[1:], None], strict=False))
    context = head(segment, "history", catalogue) | {
        "rows": [_row(segment, each, older, catalogue) for each, older in shown],
        "older": f"?before={found[PAGE - 1].number}" if len(found) > PAGE else "",
        "newest": "?" if before is not None else "",
    }
    return TemplateResponse(request, "segments/history.html", context)


def _row(
    segment: Segment, version: SegmentVersion, older: SegmentVersion | None, catalogue: Catalogue
) -> Row:
    parts = changes.parts(older.rule, version.rule, catalogue) if older else []
    named = [(f"v{version.number}-{index}", part) for index, part in enumerate(parts)]
    return Row(version, named, older is None, version.number == segment.version)


@require_GET
@part_of("segments:history", "pk")
def joined_left(request: HttpRequest, pk: int) -> HttpResponse:
    """How many joined and left since an earlier count: ?since=12, else a week ago.

    ?brief=1: the sentence alone.
    """
    segment = get_object_or_404(Segment, pk=pk)
    counts = tracking.kept(segment)
    context: dict[str, Any] = {"segment": segment, "brief": "brief" in request.GET}
    if len(counts) > 1:
        newest, *others = counts
        asked = whole(request.GET.get("since", ""))
        earlier = next((each for each in others if each.pk == asked), tracking.week_before(counts))
        context |= {"newest": newest, "earlier": earlier, "others": others}
        context["days"] = (newest.day - earlier.day).days
        between = urlencode({"since": earlier.pk, "until": newest.pk})
        context["people"] = f"{reverse('segments:changed_people', args=[pk])}?{between}"
        try:
            context["change"] = tracking.joined_left(segment, earlier, newest)
        except tracking.MembersGoneError as error:
            context["problem"] = str(error)
    return TemplateResponse(request, "segments/joined_left.html", context)


@require_GET
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A rule as it was published."""
    found = _version(pk, number)
    catalogue = current()
    context = {
        "segment": found.segment,
        "version": found,
        "sentence": words_of(found.rule, catalogue),
        "current": found.number == found.segment.version,
        "row": _row(found.segment, found, _before(found), catalogue),
    }
    return TemplateResponse(request, "segments/version.html", context)


@require_GET
@part_of("segments:version", "pk", "number")
def figures(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """How many customers the version matches, and what each of its changes did to that."""
    found = _version(pk, number)
    older = _before(found)
    return _effects(request, older.rule if older else None, found.rule, f"v{number}")


@require_GET
def diff(request: HttpRequest, pk: int) -> HttpResponse:
    """Any two versions: ?from=3&to=4."""
    old, new = _asked(request, pk)
    parts = changes.parts(old.rule, new.rule, current())
    context = {
        "segment": new.segment,
        "old": old,
        "new": new,
        "versions": new.segment.versions.values_list("number", flat=True),
        "parts": [(f"diff-{index}", part) for index, part in enumerate(parts)],
    }
    return TemplateResponse(request, "segments/diff.html", context)


@require_GET
def diff_figures(request: HttpRequest, pk: int) -> HttpResponse:
    old, new = _asked(request, pk)
    if not request.htmx:
        return redirect(f"{reverse('segments:diff', args=[pk])}?from={old.number}&to={new.number}")
    return _effects(request, old.rule, new.rule, "diff")


def _asked(request: HttpRequest, pk: int) -> tuple[SegmentVersion, SegmentVersion]:
    """The two versions of ?from= and ?to=; without them the newest and the one before."""
    segment = get_object_or_404(Segment, pk=pk)
    to = whole(request.GET.get("to", "")) or segment.version
    start = whole(request.GET.get("from", "")) or max(to - 1, 1)
    return _version(pk, start), _version(pk, to)


def _version(pk: int, number: int) -> SegmentVersion:
    found = SegmentVersion.objects.select_related("segment", "author")
    try:
        return found.get(segment=pk, number=number)
    except (SegmentVersion.DoesNotExist, OverflowError) as error:
        raise Http404("There is no such version.") from error


def _before(version: SegmentVersion) -> SegmentVersion | None:
    return version.segment.versions.filter(number__lt=version.number).first()


def _effects(request: HttpRequest, old: Any, new: Any, name: str) -> HttpResponse:
    """name: the beginning of the ids of the differences."""
    compiled = counting.context(counting.page_moment())
    context: dict[str, Any] = {"name": name, "at": compiled.moment}
    try:
        if old is None:
            context["customers"] = counting.count(new, compiled)
        else:
            steps = difference.steps(old, new)
            found = effects.effect(old, new, steps, compiled)
            context |= {"effect": found, "customers": found.after}
            context["changes"] = [(f"{name}-{i}", each) for i, each in enumerate(found.steps)]
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "segments/version_figures.html", context)


@require_POST
@permission_required("segments.change_segment", raise_exception=True)
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The version's rule as the draft; publishing that makes the next version."""
    found = _version(pk, number)
    if found.segment.archived:
        messages.error(request, f"“{found.segment}” is archived. Restore the segment first.")
        return go(request, reverse("segments:history", args=[pk]))
    publishing.take_back(found, request.user)
    messages.success(
        request, f"Version {number} is back as the draft. Publish it to make it active; Undo works."
    )
    return go(request, reverse("segments:edit", args=[pk]))
