"""The page of the folders: make, rename, move and delete them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HttpRequest
from core.http import act, go
from core.menus import Entry
from segments import folders

may_change = permission_required("segments.change_segment", raise_exception=True)


@require_GET
@may_change
def index(request: HttpRequest) -> HttpResponse:
    shown = [
        {
            "folder": folder,
            "url": f"{reverse('segments:list')}?{urlencode({'folder': folder.path})}",
            "campaigns_url": f"{reverse('campaigns:list')}?{urlencode({'folder': folder.path})}",
            "menu": _menu(folder),
            "menu_id": f"folder-menu-{number}",
        }
        for number, folder in enumerate(folders.tree(), start=1)
    ]
    return TemplateResponse(request, "segments/folders.html", {"folders": shown})


def _menu(folder: folders.Shown) -> list[Entry]:
    def to(action: str) -> str:
        address = reverse("segments:folder", args=[action])
        return f"{address}?{urlencode({'path': folder.path})}"

    new = f"{reverse('segments:new')}?{urlencode({'folder': folder.path})}"
    entries = [
        Entry("Create segment in it", "users", url=new),
        Entry("Rename", "pencil", dialog=to("rename")),
        Entry("Move", "folder-input", dialog=to("move")),
    ]
    if folder.level < folders.LEVELS:
        entries.insert(1, Entry("Create folder in it", "folder-plus", dialog=to("create")))
    delete = f"{reverse('segments:folder_delete')}?{urlencode({'path': folder.path})}"
    return [*entries, Entry("Delete", "trash-2", post=delete, danger=True)]


@require_http_methods(["GET", "POST"])
@may_change
def change(request: HttpRequest, action: str) -> HttpResponse:
    """GET: the dialog that asks; POST: do it, or say in the dialog why not.

    path: the folder; of a new one that in which it lies, "" for the top.
    """
    if action not in ACTIONS:
        raise Http404("There is no such action.")
    page, path = reverse("segments:folders"), request.GET.get("path", "")
    if request.method == "POST":
        try:
            messages.success(request, ACTIONS[action](path, request.POST.get("value", "")))
            return go(request, page)
        except folders.FolderError as error:
            return _dialog(request, action, path, str(error))
    return _dialog(request, action, path) if request.htmx else go(request, page)


def _dialog(request: HttpRequest, action: str, path: str, fault: str = "") -> HttpResponse:
    own = path.rpartition("/")[2] if action == "rename" else path.rpartition("/")[0]
    context: dict[str, Any] = {
        "action": action,
        "path": path,
        "words": folders.words(path),
        "fault": fault,
        "value": request.POST.get("value", "" if action == "create" else own),
    }
    if action == "move":
        inside = f"{path}/"
        context["folders"] = [
            each
            for each in folders.tree()
            if each.level < folders.LEVELS and not f"{each.path}/".startswith(inside)
        ]
    return TemplateResponse(request, "segments/folder.html", context, status=422 if fault else 200)


@require_POST
@may_change
def delete(request: HttpRequest) -> HttpResponse:
    path = request.GET.get("path", "")
    return act(
        request,
        lambda: folders.delete(path),
        said=f"The folder “{folders.words(path)}” is deleted.",
        then=reverse("segments:folders"),
    )


def _create(path: str, value: str) -> str:
    return f"The folder “{folders.words(folders.create(value, path))}” is made."


def _rename(path: str, value: str) -> str:
    return f"The folder is now called “{folders.words(folders.rename(path, value))}”."


def _move(path: str, value: str) -> str:
    return f"The folder is now “{folders.words(folders.move(path, value))}”."


ACTIONS: dict[str, Callable[[str, str], str]] = {
    "create": _create,
    "rename": _rename,
    "move": _move,
}
