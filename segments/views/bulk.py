"""What is done with the segments that were picked in the list, or with one by its menu."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import HttpRequest
from core import picked
from core.edits import EditRefusedError
from core.formats import counted
from core.http import go, list_page
from segments import editing, folders, labels, publishing, using
from segments.models import Segment
from segments.views import filing
from segments.views.undo import done
from warehouse.catalogue import current


@require_http_methods(["GET", "POST"])
@permission_required("segments.change_segment", raise_exception=True)
def bulk(request: HttpRequest, action: str) -> HttpResponse:
    """GET: the dialog that asks; POST: do it, and back to the list as it was filtered.

    s: the segments' keys. What cannot be done to some of them is told one by one.
    """
    if action not in ACTIONS:
        raise Http404("There is no such action.")
    if action == "delete" and not request.user.has_perm("segments.delete_segment"):
        raise Http404("There is no such action.")
    found = Segment.objects.filter(pk__in=picked.keys(request))
    segments = list(found.order_by("name", "pk"))
    if request.method == "GET":
        return _dialog(request, action, segments)
    try:
        ACTIONS[action](request, segments)
    except (folders.FolderError, labels.LabelError, EditRefusedError) as error:
        return _dialog(request, action, segments, str(error))
    if action == "rename":  # also by the menu of a segment's own page
        return go(request, request.htmx.current_url_abs_path or list_page(request, "segments:list"))
    return go(request, list_page(request, "segments:list"))


def _dialog(
    request: HttpRequest, action: str, segments: Sequence[Segment], fault: str = ""
) -> HttpResponse:
    if not request.htmx:
        return go(request, reverse("segments:list"))
    context = filing.asked(request, "segment", action, segments, fault)
    context["here"] = reverse("segments:bulk", args=[action])
    if action in ("archive", "delete"):
        used = using.usages(segments)
        refused = [each for each in segments if publishing.hindrance(each, used[each.pk])]
        context["refused"] = [(each, used[each.pk]) for each in refused]
        context["rows"] = [each for each in segments if each not in refused]
    folder = "bulk" if action in ("move", "label") else "segments/bulk"
    template = f"{folder}/{action}.html"
    return TemplateResponse(request, template, context, status=422 if fault else 200)


def _move(request: HttpRequest, segments: Sequence[Segment]) -> None:
    path = filing.folder(request.POST)
    before = {each.pk: each.folder for each in segments}
    folders.place(segments, path)
    said = picked.said([str(each) for each in segments], "segment", filing.now_in(path))
    done(request, said, "move", before)


def _label(request: HttpRequest, segments: Sequence[Segment]) -> None:
    put_on = labels.read(request.POST.getlist("put_on"))
    before = {each.pk: each.labels for each in segments}
    labels.change(segments, put_on, request.POST.getlist("take_off"))
    said = f"The labels of {counted(len(segments), 'segment')} are saved."
    done(request, said, "label", before)


def _rename(request: HttpRequest, segments: Sequence[Segment]) -> None:
    name = request.POST.get("name", "").strip()
    if not name:
        raise EditRefusedError("Give the segment a name.")
    for segment in segments[:1]:
        editing.edit(segment.pk, "name", "", [name], None, request.user, current())
        messages.success(request, f"“{segment}” is now called “{name}”.")


def _archive(request: HttpRequest, segments: Sequence[Segment]) -> None:
    gone = picked.each(request, segments, lambda each: publishing.archive(each, request.user))
    if gone.names:
        done(request, picked.said(gone.names, "segment", "archived"), "archive", gone.was)


def _restore(request: HttpRequest, segments: Sequence[Segment]) -> None:
    back = picked.each(request, segments, lambda each: publishing.restore(each, request.user))
    if back.names:
        messages.success(request, picked.said(back.names, "segment", "restored"))


def _delete(request: HttpRequest, segments: Sequence[Segment]) -> None:
    gone = picked.each(request, segments, lambda each: publishing.delete(each, request.user))
    if gone.names:
        messages.success(request, picked.said(gone.names, "segment", "deleted"))


ACTIONS = {
    "rename": _rename,
    "move": _move,
    "label": _label,
    "archive": _archive,
    "restore": _restore,
    "delete": _delete,
}
