"""What is done with the segments that were picked in the list, or with one by its menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import HttpRequest
from accounts.models import User
from core.edits import EditRefusedError
from core.errors import MusterError
from core.formats import counted
from core.http import go
from core.typed import whole
from segments import editing, folders, labels, publishing, using
from segments.models import Segment
from segments.views.undo import back, done
from warehouse.catalogue import current

MOST = 200  # segments at once: four pages of the list


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
    sent = request.POST if request.method == "POST" else request.GET
    keys = [pk for pk in map(whole, sent.getlist("s")) if pk is not None][:MOST]
    segments = list(Segment.objects.filter(pk__in=keys).order_by("name", "pk"))
    if request.method == "GET":
        return _dialog(request, action, segments)
    try:
        ACTIONS[action](request, segments)
    except (folders.FolderError, labels.LabelError, EditRefusedError) as error:
        return _dialog(request, action, segments, str(error))
    if action == "rename":  # also by the menu of a segment's own page
        return go(request, request.htmx.current_url_abs_path or back(request))
    return go(request, back(request))


def _dialog(
    request: HttpRequest, action: str, segments: Sequence[Segment], fault: str = ""
) -> HttpResponse:
    if not request.htmx:
        return go(request, reverse("segments:list"))
    context: dict[str, Any] = {
        "action": action,
        "segments": segments,
        "fault": fault,
        "typed": request.POST,
    }
    if action == "move":
        context["folders"] = folders.tree()
        here = {segment.folder for segment in segments}
        context["chosen"] = request.POST.get("folder", here.pop() if len(here) == 1 else "")
    if action == "label":
        context["held"] = sorted({label for each in segments for label in each.labels})
        typed = request.POST.getlist("put_on")
        context["known"] = [
            {"value": label, "text": label, "selected": label in typed}
            for label in dict.fromkeys([*labels.known(), *typed])
        ]
        context["taken_off"] = request.POST.getlist("take_off")
    if action in ("archive", "delete"):
        used = using.usages(segments)
        refused = [each for each in segments if publishing.hindrance(each, used[each.pk])]
        context["refused"] = [(each, used[each.pk]) for each in refused]
        context["segments"] = [each for each in segments if each not in refused]
    template = f"segments/bulk_{action}.html"
    return TemplateResponse(request, template, context, status=422 if fault else 200)


def _move(request: HttpRequest, segments: Sequence[Segment]) -> None:
    path = request.POST.get("folder", "")
    if name := request.POST.get("new", "").strip():
        path = folders.create(name, path)
    before = {each.pk: each.folder for each in segments}
    folders.place(segments, path)
    where = f"in “{folders.words(path)}”" if path else "in no folder"
    done(request, f"{_these(segments)} now {where}.", "move", before)


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
    _each(request, segments, publishing.archive, "archived", undo="archive")


def _restore(request: HttpRequest, segments: Sequence[Segment]) -> None:
    _each(request, segments, publishing.restore, "restored")


def _delete(request: HttpRequest, segments: Sequence[Segment]) -> None:
    _each(request, segments, publishing.delete, "deleted")


def _each(
    request: HttpRequest,
    segments: Sequence[Segment],
    change: Callable[[Segment, User], object],
    word: str,
    undo: str = "",
) -> None:
    """Do it to each that allows it; say for how many, and why not for the others.

    undo: how it is taken back, '' where it cannot be.
    """
    changed: dict[int, str] = {}
    for segment in segments:
        pk, name = segment.pk, str(segment)
        try:
            change(segment, request.user)
            changed[pk] = name
        except MusterError as error:
            messages.error(request, str(error))
    if not changed:
        return
    [first, *more] = changed.values()
    said = f"{counted(len(changed), 'segment')} are {word}." if more else f"“{first}” is {word}."
    if undo:
        done(request, said, undo, changed)
    else:
        messages.success(request, said)


def _these(segments: Sequence[Segment]) -> str:
    if len(segments) == 1:
        return f"“{segments[0]}” is"
    return f"{counted(len(segments), 'segment')} are"


ACTIONS = {
    "rename": _rename,
    "move": _move,
    "label": _label,
    "archive": _archive,
    "restore": _restore,
    "delete": _delete,
}
