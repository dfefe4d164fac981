"""What the customer tables hold, for whoever builds on them: tables, columns, a few values."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from accounts.roles import SEE_CONTACTS
from core.errors import MusterError
from core.http import part_of
from warehouse.catalogue import CatalogueTable, Column, current
from warehouse.models import Semantic, Type
from warehouse.samples import sample_rows, samples


@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """The tables: those with one row a customer first, the base table before all.

    table: the one that is open.
    """
    catalogue = current()
    tables = sorted(
        catalogue.tables.values(),
        key=lambda table: (table.name != catalogue.base, not table.one_per_customer, table.label),
    )
    loaded = (
        [_table(each, each.name == catalogue.base) for each in tables] if catalogue.version else []
    )
    context = {"tables": loaded, "shown": request.GET.get("table", "")}
    return TemplateResponse(request, "warehouse/data.html", context)


@require_GET
@part_of("warehouse:data")
def columns(request: HttpRequest) -> HttpResponse:
    """The columns of the table ``table``, with frequent values; personal ones are masked."""
    table = current().table(request.GET.get("table", ""))
    if table is None:
        raise Http404
    values = samples(table)
    rows = [
        _column(table, each) | {"values": values.get(each.name, ())}
        for each in table.columns.values()
    ]
    context = {"columns": rows, "table": table.name}
    return TemplateResponse(request, "warehouse/data.html#columns", context)


@require_GET
@never_cache
@permission_required("segments.view_segment", raise_exception=True)
@part_of("warehouse:data")
def rows(request: HttpRequest) -> HttpResponse:
    """A few rows of the table ``table``; personal values are masked unless one may see them."""
    table = current().table(request.GET.get("table", ""))
    if table is None:
        raise Http404
    unmasked = request.user.has_perm(SEE_CONTACTS)
    context: dict[str, Any] = {"masked": not unmasked, "columns": [*table.columns.values()]}
    try:
        context["rows"] = sample_rows(table, unmasked=unmasked)
    except MusterError as error:
        context["problem"] = str(error)
    return TemplateResponse(request, "warehouse/data.html#rows", context)


def _table(table: CatalogueTable, base: bool) -> dict[str, Any]:
    if base:
        kind = "One row a customer; all customers are those of this table"
    elif table.one_per_customer:
        kind = "One row a customer"
    elif table.customer:
        kind = "Many rows a customer: what they did"
    else:
        kind = "About other things, such as products; reached from tables that name them"
    return {
        "name": table.name,
        "label": table.label or table.name,
        "kind": kind,
        "rows": table.rows,
        "columns": len(table.columns),
    }


def _column(table: CatalogueTable, column: Column) -> dict[str, Any]:
    filled = column.filled / table.rows if column.filled is not None and table.rows else None
    return {
        "name": column.name,
        "label": column.label or column.name,
        "type": Type(column.type).label,
        "meaning": Semantic(column.semantic).label if column.semantic else "",
        "filled": filled,
        "unique": "unique" in column.facts,
    }
