"""What the customer tables hold, for whoever builds on them: tables, columns, a few values."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from core.http import part_of
from warehouse.catalogue import CatalogueTable, Column, current
from warehouse.models import Semantic, Type
from warehouse.samples import samples


@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """The tables: those with one row a customer first, the base table before all."""
    catalogue = current()
    tables = sorted(
        catalogue.tables.values(),
        key=lambda table: (table.name != catalogue.base, not table.one_per_customer, table.label),
    )
    loaded = (
        [_table(each, each.name == catalogue.base) for each in tables] if catalogue.version else []
    )
    context = {"tables": loaded}
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
    return TemplateResponse(request, "warehouse/data.html#columns", {"columns": rows})


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
