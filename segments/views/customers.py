"""Who is in a segment, a page at a time, and all of them as a file for those who may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.http import HttpRequest
from accounts.roles import EXPORT_CUSTOMERS, SEE_CONTACTS
from core.errors import MusterError
from segments import drafts
from segments.models import Segment
from segments.numbers import counting, customers
from segments.numbers.customers import Chosen
from segments.sheets import options
from segments.views.overview import head
from warehouse.catalogue import Catalogue, current
from warehouse.engines import newest

sees = permission_required("segments.view_segment", raise_exception=True)


@require_GET
@never_cache
@sees
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; its rows come by themselves. columns: "table.column", several; q: how the id
    begins; after, before: the id from which the page goes on."""
    segment = get_object_or_404(Segment, pk=pk)
    context = _page(request, segment, current())
    template = "segments/customers.html" + ("#listed" if request.htmx else "")
    return TemplateResponse(request, template, context)


@require_POST
@sees
def search(request: HttpRequest, pk: int) -> HttpResponse:
    """On to the customers whose ids begin so. What is no id is refused: it is in no URL."""
    segment = get_object_or_404(Segment, pk=pk)
    typed = request.POST.get("q", "").strip()
    if "@" in typed or typed.startswith("+"):
        fault = "Search for a customer id. For an email or phone use Why?"
        context = _page(request, segment, current()) | {"search": typed, "search_fault": fault}
        return TemplateResponse(request, "segments/customers.html", context, status=422)
    asked = {"q": typed, "columns": request.POST.getlist("columns")}
    return redirect(_address(reverse("segments:customers", args=[pk]), asked))


@require_GET
@never_cache
@sees
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows, and how many customers there are."""
    segment = get_object_or_404(Segment, pk=pk)
    if not request.htmx:
        query = request.GET.urlencode()
        return redirect(f"{reverse('segments:customers', args=[pk])}?{query}")
    compiled = counting.context(counting.page_moment())
    shown = _columns(request.GET.getlist("columns"), segment, compiled.catalogue)
    key = newest(f"customers-{pk}-{request.user.pk}")
    context: dict[str, Any] = {
        "segment": segment,
        "columns": shown,
        "begins": _begins(request),
        "exports": request.user.has_perm(EXPORT_CUSTOMERS),
    }
    try:
        rule = _rule(segment, compiled.catalogue)
        page = customers.page(
            rule,
            shown,
            compiled,
            after=_id(request, "after"),
            before=_id(request, "before"),
            begins=_begins(request),
            unmasked=request.user.has_perm(SEE_CONTACTS),
            key=key,
        )
        context |= {"page": page, "customers": counting.count(rule, compiled, key)}
    except MusterError as error:
        context["problem"] = str(error)
    else:
        context |= _around(request, pk, page)
    return TemplateResponse(request, "segments/customers_rows.html", context)


@require_POST
@permission_required(EXPORT_CUSTOMERS, raise_exception=True)
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All customers as CSV. Who takes them and why is written down before the first leaves."""
    segment = get_object_or_404(Segment, pk=pk)
    compiled = counting.context()
    unmasked = request.user.has_perm(SEE_CONTACTS)
    shown = _columns(request.POST.getlist("columns"), segment, compiled.catalogue)
    taken = customers.exportable(shown, unmasked)
    typed = request.POST.get("reason", "").strip()
    try:
        reason = audit.reason(typed)
        rule = _rule(segment, compiled.catalogue)
        count = counting.count(rule, compiled)
        pieces = customers.csv(rule, taken, compiled)
    except MusterError as error:
        context = _page(request, segment, compiled.catalogue)
        context |= {"reason": typed, "export_fault": str(error)}
        return TemplateResponse(request, "segments/customers.html", context, status=422)
    about = f"{segment} {f'v{segment.version}' if segment.rule is not None else '(draft)'}"
    names = ["customer_id", *(each.name for each in taken)]
    audit.record(
        request.user,
        audit.Action.EXPORTED,
        segment,
        about,
        customers=count,
        details=", ".join(names),
        reason=reason,
    )
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = f"{slugify(segment.name) or 'segment'}-customers.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, segment: Segment, catalogue: Catalogue) -> dict[str, Any]:
    asked = request.GET if request.method == "GET" else request.POST
    names = asked.getlist("columns")
    shown = _columns(names, segment, catalogue)
    query = {
        "q": _begins(request),
        "after": _id(request, "after"),
        "before": _id(request, "before"),
    }
    unmasked = request.user.has_perm(SEE_CONTACTS)
    return head(segment, "customers", catalogue) | {
        "columns": shown,
        "offered": _offered(shown, catalogue),
        "rows_url": _address(
            reverse("segments:customer_rows", args=[segment.pk]),
            query | {"columns": [each.name for each in shown]},
        ),
        "search": query["q"],
        "masked": not unmasked,
        "exports": request.user.has_perm(EXPORT_CUSTOMERS),
        "left_out": len(shown) - len(customers.exportable(shown, unmasked)),
    }


def _rule(segment: Segment, catalogue: Catalogue) -> Any:
    """The published rule; of a segment that never was, what its draft says so far."""
    if segment.rule is not None:
        return segment.rule
    return drafts.complete(segment.draft, catalogue)


def _columns(names: Sequence[str], segment: Segment, catalogue: Catalogue) -> list[Chosen]:
    asked = customers.chosen(names, catalogue)
    return asked or customers.usual(segment.rule or segment.draft, catalogue)


def _offered(shown: Sequence[Chosen], catalogue: Catalogue) -> list[options.Option]:
    """Every column that can be shown, as a picklist has them; the chosen ones marked."""
    marked = {each.name for each in shown}
    found = []
    for option in options.attributes(catalogue):
        name = option["value"].removeprefix("attribute:")
        if customers.chosen([name], catalogue):
            found.append({**option, "value": name, "selected": name in marked})
    return found


def _begins(request: HttpRequest) -> str:
    return _id(request, "q").strip()


def _id(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "")


def _around(request: HttpRequest, pk: int, page: customers.Page) -> dict[str, str]:
    """The addresses of the pages around this one."""
    here = reverse("segments:customers", args=[pk])
    asked = {"q": _begins(request), "columns": request.GET.getlist("columns")}
    return {
        "previous": _address(here, asked | {"before": page.before}) if page.before else "",
        "next": _address(here, asked | {"after": page.after}) if page.after else "",
    }


def _address(path: str, asked: dict[str, Any]) -> str:
    query = urlencode({key: value for key, value in asked.items() if value}, doseq=True)
    return f"{path}?{query}" if query else path
