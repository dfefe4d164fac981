"""Segments in SQL: their editor, and any segment as the SQL that it means."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
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
from core.http import edit_key, go, part_of
from core.typed import whole
from segments import drafts, editing, revisions, sql_drafts
from segments.clash import clash
from segments.converting import as_query, written
from segments.merging import ClashError
from segments.models import Segment
from segments.numbers import counting
from segments.sql.errors import SqlRefusedError
from segments.sql.reading import problems
from segments.views import first_edit
from segments.views.draft_figures import uncounted
from segments.views.editor import editing_menu
from segments.views.newer import tells_newer
from segments.wording import words
from warehouse import freshness
from warehouse.catalogue import Catalogue, current
from warehouse.engines import newest

BESIDE = {"name": "name", "sql": "sql", "format": "sql"}  # the field at which it is told

may_write = permission_required(
    [USE_SQL, "segments.add_segment", "segments.change_segment"], raise_exception=True
)


@require_GET
@may_write
def new(request: HttpRequest) -> HttpResponse:
    """An empty editor: nothing is stored until the first edit."""
    return _editor(request, Segment(draft=sql_drafts.EMPTY), "segments/sql.html")


@require_POST
@may_write
def new_ops(request: HttpRequest) -> HttpResponse:
    """The first edit stores the draft; the page goes on at the draft's own address."""
    if (begun := revisions.begun(edit_key(request), request.user)) is not None:
        response = _edited(request, begun.pk)
        return push_url(response, reverse("segments:sql_edit", args=[begun.pk]))
    segment = sql_drafts.create(request.user)
    response = _edited(request, segment.pk, created=True)
    return first_edit.kept(segment, response, "segments:sql_edit")


@require_GET
@may_write
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    if segment.archived or not drafts.is_sql(segment.current_rule):
        return redirect("segments:detail" if segment.archived else "segments:edit", pk)
    return _editor(request, segment, "segments/sql.html")


@require_POST
@may_write
def ops(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out one edit, answer with the editor as it is now.

    A refused edit is answered 422 with its reason beside the control; one of what another
    person has edited meanwhile 409, with both to choose from.
    """
    segment = get_object_or_404(Segment.objects.live(), pk=pk)
    if not drafts.is_sql(segment.current_rule):
        return go(request, reverse("segments:edit", args=[pk]))
    return _edited(request, pk)


def _edited(request: HttpRequest, pk: int, created: bool = False) -> HttpResponse:
    op, values = request.POST.get("op", ""), request.POST.getlist("value")
    base = None if created else whole(request.POST.get("base", ""))
    catalogue = current()
    clashing, status = None, 200
    refused: dict[str, str] = {}
    try:
        editing.edit(
            pk,
            op,
            "",
            values,
            base,
            request.user,
            catalogue,
            key=edit_key(request),
            insists="insists" in request.POST,
        )
    except ClashError as error:
        clashing, status = error, 409
    except StaleEditError as error:
        refused, status = {"text": str(error)}, 409
    except EditRefusedError as error:
        at = BESIDE.get(op, "")
        refused, status = {"op": op, "at": at, "typed": "".join(values), "text": str(error)}, 422
    segment = Segment.objects.with_people().get(pk=pk)
    if not drafts.is_sql(segment.current_rule):  # what was taken back is that it is SQL
        return go(request, reverse("segments:edit", args=[pk]))
    if created and segment.revision == 0:
        created, segment = False, Segment(draft=segment.draft)
    more: dict[str, Any] = {"refused": refused, "created": created}
    if clashing is not None:
        more["clash"] = clash(clashing, segment, base or 0, catalogue)
    response = _editor(request, segment, "segments/sql.html#editor", status, **more)
    return trigger_client_event(response, "draft:changed", after="settle")


def _editor(
    request: HttpRequest, segment: Segment, template: str, status: int = 200, **more: Any
) -> TemplateResponse:
    catalogue = current()
    text = sql_drafts.text_of(segment)
    context = {
        "segment": segment,
        "text": text,
        "query": _as_query(text, catalogue),
        "problems": problems(text, catalogue) if text.strip() else [],
        "tables": _tables(catalogue),
        "dialect": {"duckdb": "DuckDB", "postgres": "PostgreSQL"}[catalogue.dialect],
        "steps": revisions.steps(segment, request.user),
        "menu": editing_menu(segment),
        "visual": bool(segment.pk) and sql_drafts.visual(segment) is not None,
        **more,
    }
    return TemplateResponse(request, template, context, status=status)


def _as_query(text: str, catalogue: Catalogue) -> str:
    """What "Copy as query" copies, "" without SQL."""
    base = catalogue.table(catalogue.base)
    return as_query(text, base) if base and text.strip() else ""


def _tables(catalogue: Catalogue) -> list[dict[str, Any]]:
    """The tables with their columns, as they are inserted and as they are shown."""
    return [
        {
            "name": _quoted(table.name),
            "base": table.name == catalogue.base,
            "columns": [
                {"name": _quoted(column.name), "type": words.TYPES[column.type]}
                for column in table.columns.values()
            ],
        }
        for table in sorted(
            catalogue.tables.values(), key=lambda each: (each.name != catalogue.base, each.name)
        )
    ]


def _quoted(name: str) -> str:
    """As SQL writes the name: in quotes where it is not a plain word."""
    plain = name.isascii() and name.isidentifier() and name == name.lower()
    return name if plain else '"' + name.replace('"', '""') + '"'


@require_GET
@may_write
@part_of("segments:sql_edit", "pk")
@tells_newer
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of the draft as it is now; a newer edit stops this SQL."""
    segment = get_object_or_404(Segment, pk=pk)
    key = newest(f"segment-{pk}-{request.user.pk}")
    compiled = counting.context(counting.page_moment())
    context: dict[str, Any] = {
        "segment": segment,
        "at": compiled.moment,
        "data_version": freshness.version(),
    }
    rule = drafts.plain(segment.current_rule)
    try:
        if problems(sql_drafts.text_of(segment), compiled.catalogue):
            context["waiting"] = True  # said beside the field
        else:
            context["reach"] = counting.reach(rule, compiled, key)
            context["everyone"] = counting.total(compiled, key)
    except MusterError as error:
        context["problem"] = str(error)
    if not Segment.objects.filter(pk=pk, revision=segment.revision).exists():
        return HttpResponse(status=204)
    if "problem" in context:
        return uncounted(request, context)
    response = TemplateResponse(request, "segments/sql_numbers.html", context)
    if "reach" not in context:
        return response
    return trigger_client_event(response, "draft:counted", after="settle")


@require_GET
@permission_required("segments.view_segment", raise_exception=True)
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """A segment as SQL, to be read; those who may go on with it as such."""
    segment = get_object_or_404(Segment.objects.with_people(), pk=pk)
    context: dict[str, Any] = {"segment": segment}
    if drafts.is_sql(segment.current_rule):
        context["text"] = sql_drafts.text_of(segment)
        return TemplateResponse(request, "segments/sql_shown.html", context)
    compiled = counting.context()
    rule = drafts.finished(segment.current_rule, compiled.catalogue)
    try:
        found = written(rule, compiled)
        context |= {"text": found.text, "unlike": found.unlike, "visual": True}
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "segments/sql_shown.html", context)


@require_POST
@may_write
def convert(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a visual segment as SQL; its visual rule is kept."""
    get_object_or_404(Segment.objects.live(), pk=pk)
    try:
        segment = sql_drafts.convert(pk, counting.context(), request.user)
    except (sql_drafts.UnlikeError, SqlRefusedError, MusterError) as error:
        messages.error(request, str(error))
        return go(request, reverse("segments:sql", args=[pk]))
    messages.success(request, f"“{segment}” is a draft in SQL now. The visual rule is kept.")
    return go(request, reverse("segments:sql_edit", args=[pk]))


@require_POST
@may_write
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with the visual rule that it had before it became SQL."""
    get_object_or_404(Segment.objects.live(), pk=pk)
    sql_drafts.back(pk, request.user)
    messages.success(request, "The visual rule is the draft again. The SQL is kept beside it.")
    return go(request, reverse("segments:edit", args=[pk]))
