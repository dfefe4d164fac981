"""The segment editor: one page, saved as you go, its numbers following each edit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url, trigger_client_event

from accounts.http import HttpRequest
from accounts.models import User
from accounts.roles import USE_SQL
from core.edits import EditRefusedError, StaleEditError
from core.http import edit_key, go, part_of
from core.links import Links
from core.menus import Entry
from core.typed import whole
from segments import drafts, editing, folders, revisions
from segments.clash import clash
from segments.drafts import is_sql
from segments.merging import ClashError
from segments.models import Segment
from segments.numbers import counting
from segments.sheets.editor import Refused, sheet
from segments.sheets.options import Option, chosen
from segments.views import first_edit
from segments.views.listing import menu
from segments.wording.announcing import announced

may_edit = permission_required("segments.change_segment", raise_exception=True)
may_add = permission_required("segments.add_segment", raise_exception=True)


@require_GET
@may_add
def new(request: HttpRequest) -> HttpResponse:
    """An empty editor: nothing is stored until the first edit. folder: the one to lie in."""
    segment = Segment(draft=drafts.with_ids(None), folder=_folder(request))
    context = {
        "sheet": sheet(segment, counting.context()),
        "folders": _folders(segment),
        "new_ops": _new_ops(segment),
    }
    return TemplateResponse(request, "segments/edit.html", context)


@require_POST
@may_add
def new_ops(request: HttpRequest) -> HttpResponse:
    """The first edit stores the draft; the page goes on at the draft's own address."""
    key = edit_key(request)
    if (begun := revisions.begun(key, request.user)) is not None:
        response = _edited(request, begun)
        return push_url(response, reverse("segments:edit", args=[begun.pk]))
    segment = editing.create(request.user, _folder(request))
    response = _edited(request, segment, created=True)
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
    context = _page(segment, request.user) | {"sheet": sheet(segment, counting.context())}
    return TemplateResponse(request, "segments/edit.html", context)


def _folder(request: HttpRequest) -> str:
    """The folder of the address, "" without one that there is."""
    path = request.GET.get("folder", "")
    return path if path and any(each.path == path for each in folders.tree()) else ""


def _new_ops(segment: Segment) -> str:
    """Where the first edit of a new segment goes, which lies in the same folder then."""
    address = reverse("segments:new_ops")
    return f"{address}?{urlencode({'folder': segment.folder})}" if segment.folder else address


def _folders(segment: Segment) -> list[Option]:
    """What a segment can lie in; nothing as long as there are no folders."""
    paths = [(each.path, each.words) for each in folders.tree()]
    return list(chosen([("", "No folder"), *paths] if paths else [], segment.folder))


def editing_menu(segment: Segment) -> list[Entry]:
    """What can be done with a segment from its editor, nothing before it is stored."""
    if not segment.pk:
        return []
    save = Entry("Save as", "copy-plus", dialog=reverse("segments:save_as", args=[segment.pk]))
    return [save, *menu(segment, Links("segments"))[1:]]


def _page(segment: Segment, user: User) -> dict[str, Any]:
    """What stands around the rule: steps to undo, the segment's menu, folders to lie in."""
    return {
        "steps": revisions.steps(segment, user),
        "menu": editing_menu(segment),
        "folders": _folders(segment),
    }


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
    return _edited(request, segment)


def _edited(request: HttpRequest, segment: Segment, created: bool = False) -> HttpResponse:
    op, node = request.POST.get("op", ""), request.POST.get("node", "")
    values = request.POST.getlist("value")
    base = None if created else whole(request.POST.get("base", ""))
    compiled = counting.context()
    refused, clashing, status, said = None, None, 200, ""
    before = drafts.with_ids(segment.current_rule)
    try:
        editing.edit(
            segment.pk,
            op,
            node,
            values,
            base,
            request.user,
            compiled.catalogue,
            key=edit_key(request),
            insists="insists" in request.POST,
        )
    except ClashError as error:
        clashing, status = error, 409
    except StaleEditError as error:
        refused, status = Refused("", "", [], str(error)), 409
    except EditRefusedError as error:
        refused, status, said = Refused(op, node, values, str(error)), 422, str(error)
    segment = Segment.objects.with_people().get(pk=segment.pk)
    if is_sql(segment.current_rule):  # undone is that it was SQL no more, or another wrote it
        return go(request, reverse("segments:edit", args=[segment.pk]))
    if status == 200:
        after = drafts.with_ids(segment.current_rule)
        said = announced(op, node, before, after, compiled.catalogue)
    if created and segment.revision == 0:
        created = False  # nothing said yet: still new
        segment = Segment(draft=segment.draft, folder=segment.folder)
    context = _page(segment, request.user) | {
        "sheet": sheet(segment, compiled, refused),
        "created": created,
        "said": said,
        "new_ops": _new_ops(segment),
    }
    if clashing is not None:
        context["clash"] = clash(clashing, segment, base or 0, compiled.catalogue)
    response = TemplateResponse(request, "segments/edit.html#editor", context, status=status)
    return trigger_client_event(response, "draft:changed", after="settle")


@require_GET
@never_cache
@may_edit
@part_of("segments:edit", "pk")
def watch(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has edited the draft since the revision ``base`` that the page shows; 204 as long as
    nobody else has."""
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    base = whole(request.GET.get("base", ""))
    if base is None or segment.revision <= base or segment.edited_by == request.user:
        return HttpResponse(status=204)
    return TemplateResponse(request, "segments/watch.html", {"segment": segment, "edited": True})
