"""What the picklists of a rule offer, and the lists that are pasted or uploaded for one."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HttpRequest
from accounts.roles import SEE_CONTACTS
from core import formats
from core.errors import MusterError
from core.typed import whole
from segments import list_text
from segments.models import CustomerList, Segment
from segments.numbers import counting, membership, presence
from segments.rules import type_of
from segments.sheets import options, recent
from warehouse.catalogue import Catalogue, CatalogueTable, Column, current
from warehouse.personal import is_personal, masked
from warehouse.values import nearest, picklist

OFFERED = 50  # values of a column at once

may_edit = permission_required("segments.change_segment", raise_exception=True)


@require_GET
@may_edit
def choices(request: HttpRequest) -> HttpResponse:
    """What a picklist of the editor offers.

    kind: criteria, attributes, columns of an event, segments (but: the key of the one that is
    edited), or lists.
    """
    catalogue = current()
    kind, search = request.GET.get("kind", "criteria"), request.GET.get("q", "")
    if kind == "segments":
        others = _segments().exclude(pk=whole(request.GET.get("but", "")) or 0)
        return JsonResponse(options.found(options.names(others), search))
    if kind == "lists":
        return JsonResponse(options.found(options.names(_lists()), search))
    if kind == "columns":
        table = catalogue.table(request.GET.get("event", ""))
        if table is None:
            raise Http404("There is no such table.")
        offered = options.event_columns(table, catalogue)
    elif kind == "attributes":
        offered = options.attributes(catalogue)
    else:
        offered = options.criteria(catalogue, _segments().order_by("name"), _lists())
    lately = recent.columns(request.user) if not search and kind != "columns" else []
    return JsonResponse(
        options.found(offered, search, catalogue, lately, operators=kind == "criteria")
    )


def _segments() -> QuerySet[Segment, str]:
    return Segment.objects.active().exclude(name="").values_list("name", flat=True)


def _lists() -> QuerySet[CustomerList, str]:
    return CustomerList.objects.values_list("name", flat=True)


@require_GET
@may_edit
def values(request: HttpRequest) -> HttpResponse:
    """Real values of a column with how often they occur, those used lately first.

    Personal ones are listed for those who may see them; others can type and paste them.
    all: not the first of those that a search finds, but as many as a line holds.
    """
    catalogue = current()
    name, search = request.GET.get("column", ""), request.GET.get("q", "").strip()
    table, column = _column(name, catalogue)
    if is_personal(column) and not request.user.has_perm(SEE_CONTACTS):
        label = options.column_option(table, column)["text"]
        return JsonResponse(
            {"options": [], "more": 0, "none": f"{label} is personal and not listed. Type it."}
        )
    try:
        most = membership.FEW if "all" in request.GET else OFFERED
        answer = picklist(table.name, column.name, search, limit=most, catalogue=catalogue)
        near = "" if answer.values else nearest(table.name, column.name, search, catalogue)
    except MusterError as error:
        return JsonResponse({"error": str(error)}, status=503)
    lately = [] if search else recent.values(request.user, name)
    numbers = type_of(table, column) == "number"
    return JsonResponse(
        {
            "options": options.of_values(answer.values, lately, numbers),
            "more": answer.more,
            "near": near,
        }
    )


@require_POST
@may_edit
def missing(request: HttpRequest) -> HttpResponse:
    """Which of a criterion's values the data does not hold; a POST, for they may be personal.

    column: "table.column"; value: the values, or with kind "list" the name of a list.
    """
    context = counting.context()
    table, column = _column(request.GET.get("column", ""), context.catalogue)
    given = [each for each in request.POST.getlist("value") if each.strip()]
    listed = request.GET.get("kind") == "list"
    answer: dict[str, Any] = {"values": len(given)}
    try:
        if listed:
            stored = CustomerList.objects.filter(name=given[0] if given else "").first()
            if stored is None:
                raise Http404("There is no such list.")
            found = presence.missing_of_list(table, column, stored.digest, context)
            hidden = is_personal(column) and not request.user.has_perm(SEE_CONTACTS)
            named = [masked(each, column.semantic) if hidden else each for each in found.values]
            answer["values"] = stored.size
        else:
            found = presence.missing(table, column, given, context)
            named = list(found.values)
    except MusterError as error:
        return JsonResponse({"error": str(error)}, status=503)
    said = f"{formats.count(found.count)} not found" if found.count else ""
    matched = answer["values"] - found.count
    if listed:
        said = f"{formats.count(matched)} of {formats.count(answer['values'])} matched" + (
            f", {said}" if said else ""
        )
    return JsonResponse(answer | {"count": found.count, "said": said, "missing": named})


@require_http_methods(["GET", "POST"])
@may_edit
def paste(request: HttpRequest) -> HttpResponse:
    """The dialog to paste or upload a list for a group; posted, what its line is made of.

    Answers {"values": [what op "add" takes]}; a few values stand in the line, more are
    stored as a list. 422 with {"error", "field"} when they cannot be taken.
    """
    catalogue = current()
    if request.method == "GET":
        columns = [{"value": "", "text": ""}, *options.attributes(catalogue)]
        context = {"node": request.GET.get("node", ""), "columns": columns}
        return TemplateResponse(request, "segments/paste.html", context)
    file, name = request.FILES.get("file"), request.POST.get("name", "")
    typed = request.FILES.get("values")  # as a file: it may be longer than a form may be
    text = typed.read().decode("utf-8", "replace") if typed else request.POST.get("values", "")
    try:
        given = list_text.uploaded(file) if file else list_text.pasted(text)
        column = request.POST.get("column", "").removeprefix("attribute:")
        column = column or membership.likely_column(given, catalogue)
        table, found = _column(column, catalogue)
        if not given:
            return _refused("Paste some values, or choose a file that holds some.", "values")
        if type_of(table, found) != "text":
            return _refused("Its values are no text. Choose a column of text.", "column")
        if len(given) <= membership.FEW and not file:
            return JsonResponse({"values": [f"attribute is_in:{column}", *given]})
        if not request.user.has_perm("segments.add_customerlist"):
            raise PermissionDenied
        stored = membership.store(name or _stem(file), given, request.user)
    except membership.ListNameError as error:
        return _refused(str(error), "name")
    except MusterError as error:
        return _refused(str(error), "file" if file else "values")
    return JsonResponse({"values": [f"list:{column}", stored.name], "list": stored.name})


def _stem(file: UploadedFile | None) -> str:
    """The name that a file suggests for its list."""
    return PurePath(file.name or "").stem if file else ""


def _refused(text: str, field: str) -> JsonResponse:
    return JsonResponse({"error": text, "field": field}, status=422)


def _column(name: str, catalogue: Catalogue) -> tuple[CatalogueTable, Column]:
    found = catalogue.find(name)
    if found is None:
        raise Http404("There is no such column.")
    return found
