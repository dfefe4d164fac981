"""Edit attributes: what one campaign sends to one destination instead of its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts.http import HttpRequest
from campaigns import counting, definition, mapping
from campaigns.clash import Clash, clash
from campaigns.mapping import Effective
from campaigns.merging import ClashError
from campaigns.models import Campaign
from campaigns.views.editor import insisted, may_edit
from core.edits import EditRefusedError, StaleEditError
from core.errors import MusterError
from core.http import part_of
from destinations import contents, sources
from destinations.contents import KINDS
from destinations.models import DefaultAttributes, Destination
from segments.wording.sentence import sentence
from warehouse import catalogue
from warehouse.catalogue import Catalogue

NAMED = 20  # campaigns of each sort that the defaults' page names


SOURCE_LENGTH = 401  # as the database keeps it: two names and a dot


@require_GET
@may_edit
def attributes(request: HttpRequest, pk: int, destination_id: int) -> HttpResponse:
    return TemplateResponse(
        request, "campaigns/attributes.html", _context(*_found(request, pk, destination_id))
    )


@require_POST
@may_edit
def attributes_ops(request: HttpRequest, pk: int, destination_id: int) -> HttpResponse:
    """Carry out one edit. 422 with its reason, nothing changed, when it does not fit."""
    campaign, destination = _found(request, pk, destination_id)
    now = mapping.effective(campaign, destination, catalogue.current())
    error: MusterError | None = None
    clashing: Clash | None = None
    how = insisted(request)
    op, opens, status = request.POST.get("op", ""), {}, 200
    try:
        if op == "reset":
            mapping.follow(pk, destination, **how)
        else:
            wanted = _wanted(now, op, request.POST.getlist("value"))
            if opened := _opened(op, request.POST.get("value", ""), wanted):
                opens = opened
            else:
                mapping.choose(pk, destination, wanted, **how)
    except ClashError as met:
        clashing, status = clash(met, dict(request.POST.lists()), catalogue.current()), 409
    except StaleEditError as stale:
        error, status = stale, 409
    except MusterError as refused:
        error, status = refused, 422
    context = _context(*_found(request, pk, destination_id), opens)
    context |= {"error": error, "before": now}
    context["clash"] = clashing
    if status == 200 and now.identifier and context["now"].identifier != now.identifier:
        context["released"] = now.identifier
    response = TemplateResponse(
        request, "campaigns/attributes.html#attributes", context, status=status
    )
    return trigger_client_event(response, "draft:changed")


@require_GET
@may_edit
@part_of("campaigns:attributes", "pk", "destination_id")
def attributes_figures(request: HttpRequest, pk: int, destination_id: int) -> HttpResponse:
    """Filled and valid share of each source, and how many people each choice reaches."""
    campaign, destination = _found(request, pk, destination_id)
    tables = catalogue.current()
    now = mapping.effective(campaign, destination, tables)
    context: dict[str, Any] = {"campaign": campaign, "destination": destination}
    try:
        context["contents"] = [
            {"kind": kind, "reading": contents.reading(now.source(kind), kind, tables)}
            for kind in KINDS
        ]
        context["reach"] = [
            {"kind": kind, "people": _reach(campaign, destination, now, kind)} for kind in KINDS
        ]
    except MusterError as error:
        context["problem"] = f"Could not count: {error} Your choice is saved."
    return TemplateResponse(request, "campaigns/attributes_figures.html", context)


@require_GET
@permission_required("destinations.view_defaultattributes", raise_exception=True)
@part_of("destinations:edit_defaults", "destination_id")
def followers(request: HttpRequest, destination_id: int) -> HttpResponse:
    """Campaigns that a change of the default attributes touches, and those that it does not."""
    destination = get_object_or_404(Destination, pk=destination_id)
    follow = mapping.followers(destination)
    override = mapping.overriders(destination)
    rows = [{"campaign": each, "takes": mapping.takes(each)} for each in follow[:NAMED]] + [
        {"campaign": each, "own": True} for each in override[:NAMED]
    ]
    more = max(follow.count() - NAMED, 0) + max(override.count() - NAMED, 0)
    context = {"destination": destination, "rows": rows, "more": more}
    return TemplateResponse(request, "campaigns/followers.html", context)


def _found(request: HttpRequest, pk: int, destination_id: int) -> tuple[Campaign, Destination]:
    """Raises PermissionDenied where the destination is for others only."""
    if Destination.objects.closed_to(request.user).filter(pk=destination_id).exists():
        raise PermissionDenied
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    destination = get_object_or_404(
        Destination.objects.select_related("default_attributes"), pk=destination_id
    )
    return campaign, destination


def _wanted(now: Effective, op: str, values: list[str]) -> Effective:
    value = values[-1] if values else ""
    if op in KINDS and len(value) > SOURCE_LENGTH:
        raise EditRefusedError("There is no such column. Choose one from the list.")
    if op == "identifier" and len(values) == 1 and value in KINDS:
        return replace(now, identifier=value)
    if op == "phone":
        return replace(now, phone=value)
    if op == "email":
        return replace(now, email=value)
    if op == "phone_table":
        return replace(now, phone=sources.in_table("phone", value, catalogue.current()))
    if op == "email_table":
        return replace(now, email=sources.in_table("email", value, catalogue.current()))
    if op == "only_where":
        rule = {"attribute": value, "operator": "is_true"} if value else None
        return replace(now, only_where=rule)
    raise EditRefusedError("Attentive takes a phone or an email, exactly one: choose it.")


def _opened(op: str, table: str, wanted: Effective) -> dict[str, str]:
    """The table whose columns are offered next, by its row, where none of them is meant for it:
    nothing is stored until one is chosen."""
    kind, _, of = op.partition("_")
    if of != "table" or wanted.source(kind) or len(table) > SOURCE_LENGTH:
        return {}
    return {kind: table}


def _context(
    campaign: Campaign, destination: Destination, opens: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """opens: a table for a row whose source is in another one."""
    tables = catalogue.current()
    now = mapping.effective(campaign, destination, tables)
    defaults = getattr(destination, "default_attributes", None)
    return {
        "campaign": campaign,
        "destination": destination,
        "destinations": Destination.objects.filter(
            groups__sub_audience__campaign=campaign
        ).distinct(),
        "now": now,
        "defaults": defaults,
        "rows": [_row(kind, now, defaults, tables, (opens or {}).get(kind, "")) for kind in KINDS],
        "consents": [
            {
                "value": f"{table.name}.{column.name}",
                "text": f"{table.label or table.name}: {column.label or column.name}",
                "selected": _consent(now) == f"{table.name}.{column.name}",
            }
            for table in tables.tables.values()
            if table.one_per_customer
            for column in table.columns.values()
            if column.type == "yes_no"
        ],
        "filter_differs": bool(defaults and now.only_where),
        "other_filter": sentence(now.only_where, tables)
        if now.only_where and not _consent(now)
        else "",
    }


def _row(
    kind: str, now: Effective, defaults: DefaultAttributes | None, tables: Catalogue, opened: str
) -> dict[str, Any]:
    """One of phone and email. opened: a table that was chosen and that the source is not in."""
    source = now.source(kind)
    table = opened or sources.table_of(source, tables)
    default = getattr(defaults, kind) if now.own and defaults else ""
    other = now.own and defaults is not None and defaults.identifier != now.identifier
    return {
        "kind": kind,
        "chosen": now.identifier == kind,
        "source": source,
        "tables": sources.tables(kind, table, tables),
        "options": sources.attributes(kind, table, source, tables),
        "still": sources.words(source, tables) if opened and source else "",
        "default": sources.words(default, tables) if default and default != source else "",
        "differs": other and kind in (now.identifier, getattr(defaults, "identifier", "")),
    }


def _consent(now: Effective) -> str:
    """The yes/no attribute of a plain consent filter, else ''."""
    rule = now.only_where
    if isinstance(rule, dict) and rule.get("operator") == "is_true":
        return str(rule.get("attribute", ""))
    return ""


def _reach(campaign: Campaign, destination: Destination, now: Effective, kind: str) -> int | None:
    """People this campaign would send to the destination by phone, or by email."""
    if not now.source(kind):
        return None
    frozen = definition.freeze(campaign)
    if not any(target.id == destination.pk for target in frozen.targets):
        return None
    targets = tuple(
        replace(target, identifier=kind, source=now.source(kind))
        if target.id == destination.pk
        else target
        for target in frozen.targets
    )
    counted = counting.figures(replace(frozen, targets=targets), timezone.now())
    return counted.waterfall(destination.pk).to_send
