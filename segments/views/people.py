"""The people behind a number, in a dialog, a page at a time, masked unless permitted."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import HttpRequest
from accounts.roles import SEE_CONTACTS
from core.errors import MusterError
from core.http import part_of
from core.typed import whole
from segments import drafts
from segments.compile import Context
from segments.models import Segment
from segments.numbers import behind, counting, customers, tracking
from segments.numbers import records as doing
from segments.numbers.behind import Behind, NoSuchNumberError
from segments.sheets import spread
from segments.sheets.editor import phrase_of
from segments.views.overview import shown_rule
from segments.wording import words
from warehouse.engines import newest

sees = permission_required("segments.view_segment", raise_exception=True)


@require_GET
@never_cache
@sees
@part_of("segments:detail", "pk")
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The customers behind a number of a segment.

    rule: "draft" for the rule as it is edited, else that of the segment's page. Which of them,
    all unless said: part, one of ``behind.PARTS``; node, a line of the draft, alone; by and
    bar, an attribute and the place of a bar of its breakdown. after, before: the id from which
    the page goes on.
    """
    segment = get_object_or_404(Segment, pk=pk)
    compiled = counting.context(counting.page_moment())
    try:
        found = _behind(request, segment, compiled)
    except MusterError as error:
        return dialog(request, {"problem": str(error)})
    return listed(request, found, compiled)


def _behind(request: HttpRequest, segment: Segment, compiled: Context) -> Behind:
    """Raises NoSuchNumberError, and as ``behind.bar`` does."""
    asked, catalogue = request.GET, compiled.catalogue
    if "node" in asked:
        root = drafts.with_ids(segment.current_rule)
        node = behind.line(root, asked["node"], catalogue)
        said = phrase_of(node, catalogue)
        return Behind(node, f"Who {said}, whatever the other lines say.")
    rule = shown_rule(segment, catalogue)
    if asked.get("rule") == "draft":
        rule = drafts.complete(segment.current_rule, catalogue)
    if "part" in asked:
        return behind.part(rule, asked["part"], catalogue)
    if "by" in asked:
        offered = spread.choices(catalogue, request.user.has_perm(SEE_CONTACTS))
        if asked["by"] not in [each.name for each in offered]:
            raise NoSuchNumberError
        key = newest(f"people-{request.user.pk}")
        return behind.bar(rule, asked["by"], whole(asked.get("bar", "")), compiled, key)
    return Behind(rule)


def listed(request: HttpRequest, found: Behind, compiled: Context) -> HttpResponse:
    """The dialog with a page of those customers."""
    unmasked = request.user.has_perm(SEE_CONTACTS)
    columns = customers.usual(found.rule, compiled.catalogue)
    context: dict[str, Any] = {"label": found.label, "columns": columns, "masked": not unmasked}
    key = newest(f"people-{request.user.pk}")
    try:
        page = customers.page(
            found.rule,
            columns,
            compiled,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            unmasked=unmasked,
            key=key,
        )
        context |= {"page": page, "customers": counting.count(found.rule, compiled, key)}
    except MusterError as error:
        context["problem"] = str(error)
    return dialog(request, context)


@require_GET
@never_cache
@sees
@part_of("segments:history", "pk")
def changed(request: HttpRequest, pk: int) -> HttpResponse:
    """Who joined or left between two counts. since, until: the counts; who: "joined" or
    "left"; after, before: as above."""
    segment = get_object_or_404(Segment, pk=pk)
    kept = {each.pk: each for each in tracking.kept(segment)}
    asked = (whole(request.GET.get(name, "")) for name in ("since", "until"))
    earlier, later = (kept.get(each or 0) for each in asked)
    joined = request.GET.get("who") != "left"
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    compiled = counting.context(counting.page_moment())
    unmasked = request.user.has_perm(SEE_CONTACTS)
    columns = customers.usual(segment.rule, compiled.catalogue)
    context: dict[str, Any] = {"columns": columns, "masked": not unmasked}
    try:
        if earlier is None or later is None:
            raise NoSuchNumberError
        if not joined:
            earlier, later = later, earlier
        ids = tracking.new_in(segment, earlier, later, after, before, customers.PAGE + 1)
        page = customers.listed(
            ids, columns, compiled, after=after, before=before, unmasked=unmasked
        )
        number = tracking.joined_left(segment, earlier, later).joined
        context |= {"page": page, "customers": number}
        context["label"] = "Joined between the two counts" if joined else "Left between the two"
    except MusterError as error:
        context["problem"] = str(error)
    return dialog(request, context)


@require_POST
@sees
def records(request: HttpRequest) -> HttpResponse:
    """What a customer did, in a dialog. customer: the id, which is in no address; table: where
    it is written, the first of its kind unless said."""
    customer = request.POST.get("customer", "")
    compiled = counting.context()
    offered = doing.tables(compiled.catalogue)
    asked = [each for each in offered if each.name == request.POST.get("table", "")]
    unmasked = request.user.has_perm(SEE_CONTACTS)
    context: dict[str, Any] = {
        "customer": customer,
        "masked": not unmasked,
        "most": doing.MOST,
        "problem": "" if offered else "No table says what a customer did.",
    }
    for table in (asked or offered)[:1]:
        context["tables"] = [
            (each.name, words.table_label(each, each.name), each is table) for each in offered
        ]
        try:
            found = doing.records(customer, table, compiled, unmasked=unmasked)
        except MusterError as error:
            context["problem"] = str(error)
        else:
            context |= {"columns": found.columns, "more": found.more}
            context["rows"] = [list(zip(row, found.columns, strict=True)) for row in found.rows]
    return TemplateResponse(request, "segments/records.html", context)


def dialog(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """With the addresses of the pages around this one."""
    page = context.get("page")
    for name, way in (("previous", "before"), ("next", "after")):
        if id := getattr(page, way, ""):
            query = request.GET.copy()
            for other in ("after", "before"):
                query.pop(other, None)
            query[way] = id
            context[name] = f"{request.path}?{query.urlencode()}"
    return TemplateResponse(request, "segments/people.html", context)
