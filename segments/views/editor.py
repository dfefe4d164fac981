"""The segment editor: one page, saved as you go, its numbers following each edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url, trigger_client_event

from accounts.http import HttpRequest
from accounts.roles import USE_SQL
from core.edits import EditRefusedError, StaleEditError
from core.errors import MusterError
from core.http import go
from core.typed import whole
from segments import counting, drafts, editing, lines, revisions
from segments.clash import clash
from segments.drafts import is_sql
from segments.merging import ClashError
from segments.models import Segment
from segments.sheet import Refused, phrase_of, priced, sheet
from segments.views import first_edit
from warehouse.catalogue import Catalogue
from warehouse.engines import engine

SAID = {
    "undo": "Undone.",
    "redo": "Redone.",
    "discard": "Changes discarded. Undo brings them back.",
}

may_edit = permission_required("segments.change_segment", raise_exception=True)
may_add = permission_required("segments.add_segment", raise_exception=True)


@require_GET
@may_add
def new(request: HttpRequest) -> HttpResponse:
    """An empty editor: nothing is stored until the first edit."""
    segment = Segment(draft=drafts.with_ids(None))
    context = {"sheet": sheet(segment, counting.context())}
    return TemplateResponse(request, "segments/edit.html", context)


@require_POST
@may_add
def new_ops(request: HttpRequest) -> HttpResponse:
    """The first edit stores the draft; the page goes on at the draft's own address."""
    key = _key(request)
    if (begun := revisions.begun(key, request.user)) is not None:
        response = _edited(request, begun.pk)
        return push_url(response, reverse("segments:edit", args=[begun.pk]))
    segment = editing.create(request.user)
    response = _edited(request, segment.pk, created=True)
    return first_edit.kept(segment, response, "segments:edit")


@require_GET
@may_edit
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    if segment.archived:
        return redirect("segments:detail", pk)
    if is_sql(segment.current_rule):
        writes = request.user.has_perm(USE_SQL)
        return redirect("segments:sql_edit" if writes else "segments:sql", pk)
    context = {
        "sheet": sheet(segment, counting.context()),
        "steps": revisions.steps(segment, request.user),
    }
    return TemplateResponse(request, "segments/edit.html", context)


@require_POST
@may_edit
def ops(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out one edit, answer with the editor as it is now.

    A refused edit is answered 422 with its reason beside the control; one of what another
    person has edited meanwhile 409, with both to choose from.
    """
    segment = get_object_or_404(Segment.objects.live(), pk=pk)
    if is_sql(segment.current_rule):
        return go(request, reverse("segments:edit", args=[pk]))
    return _edited(request, pk)


def _key(request: HttpRequest) -> str:
    """The edit's own name, "WINDOW-NUMBER", as static/js/requests.js gives it."""
    return request.headers.get("X-Edit", "")[:32]


def _edited(request: HttpRequest, pk: int, created: bool = False) -> HttpResponse:
    op, node = request.POST.get("op", ""), request.POST.get("node", "")
    values = request.POST.getlist("value")
    base = None if created else whole(request.POST.get("base", ""))
    compiled = counting.context()
    refused, clashing, status = None, None, 200
    try:
        editing.edit(
            pk,
            op,
            node,
            values,
            base,
            request.user,
            compiled.catalogue,
            key=_key(request),
            insists="insists" in request.POST,
        )
    except ClashError as error:
        clashing, status = error, 409
    except StaleEditError as error:
        refused, status = Refused("", "", [], str(error)), 409
    except EditRefusedError as error:
        refused, status = Refused(op, node, values, str(error)), 422
    segment = Segment.objects.with_people().get(pk=pk)
    if created and segment.revision == 0:
        created, segment = False, Segment(draft=segment.draft)  # nothing said yet: still new
    context: dict[str, Any] = {
        "sheet": sheet(segment, compiled, refused),
        "steps": revisions.steps(segment, request.user),
        "created": created,
        "said": SAID.get(op, "") if status == 200 else "",
    }
    if clashing is not None:
        context["clash"] = clash(clashing, segment, base or 0, compiled.catalogue)
    response = TemplateResponse(request, "segments/edit.html#editor", context, status=status)
    return trigger_client_event(response, "draft:changed", after="settle")


@require_GET
@may_edit
def draft_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of the draft as it is now; a newer edit cancels this count."""
    if not request.htmx:
        return redirect("segments:edit", pk)
    segment = get_object_or_404(Segment, pk=pk)
    key = f"segment-{pk}-{request.user.pk}"
    engine().cancel(key)
    context = _draft_numbers(segment, key)
    if not Segment.objects.filter(pk=pk, revision=segment.revision).exists():
        return HttpResponse(status=204)
    return TemplateResponse(request, "segments/numbers.html", context | {"editing": True})


def _draft_numbers(segment: Segment, key: str) -> dict[str, Any]:
    compiled = counting.context(counting.page_moment())
    context: dict[str, Any] = {"segment": segment, "at": compiled.moment}
    root = drafts.with_ids(segment.current_rule)
    rule = drafts.with_ids(drafts.complete(root, compiled.catalogue))
    try:
        found = lines.figures(rule, compiled, key)
    except MusterError as error:
        return context | {"problem": str(error)}
    shown = priced(root)
    costs = {id: line for id, line in found.lines.items() if id in shown}
    context |= {"reach": found.reach, "everyone": found.everyone, "lines": costs}
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
