"""Copies of a segment: without a name by its menu, or with name and folder from its editor."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HttpRequest
from core.edits import EditRefusedError
from core.http import go
from segments import copying, folders
from segments.models import Segment

may_add = permission_required("segments.add_segment", raise_exception=True)


@require_POST
@may_add
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    twin = copying.copy(get_object_or_404(Segment, pk=pk), request.user)
    return go(request, reverse("segments:edit", args=[twin.pk]))


@require_http_methods(["GET", "POST"])
@may_add
def save_as(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the dialog that asks for name and folder; POST: the copy, opened in the editor."""
    segment = get_object_or_404(Segment, pk=pk)
    if not request.htmx:
        return redirect("segments:edit", pk)
    name, folder, fault = request.POST.get("name", ""), segment.folder, ""
    if request.method == "POST":
        folder = request.POST.get("folder", "")
        try:
            made = copying.save_as(segment, name, folder, request.user)
            messages.success(request, f"This is “{made}” now. “{segment}” stays as it was.")
            return go(request, reverse("segments:edit", args=[made.pk]))
        except EditRefusedError as error:
            fault = str(error)
    context = {
        "segment": segment,
        "name": name,
        "folder": folder,
        "folders": folders.tree(),
        "fault": fault,
    }
    status = 422 if fault else 200
    return TemplateResponse(request, "segments/save_as.html", context, status=status)
