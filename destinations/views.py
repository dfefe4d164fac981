"""Destinations, and the default attributes of each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import HttpRequest
from core.errors import MusterError
from core.http import part_of
from destinations import contents, defaults, sources
from destinations.checking import check_connection
from destinations.forms import DefaultAttributesForm
from destinations.models import DefaultAttributes, Destination, Identifier
from warehouse import catalogue as catalogues
from warehouse.catalogue import Catalogue


@require_GET
@permission_required("destinations.view_destination", raise_exception=True)
def index(request: HttpRequest) -> HttpResponse:
    destinations = Destination.objects.open_to(request.user).with_credential().with_use()
    return TemplateResponse(request, "destinations/index.html", {"destinations": destinations})


@require_POST
@permission_required("destinations.change_destination", raise_exception=True)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    result = check_connection(get_object_or_404(Destination.objects.with_credential(), pk=pk))
    if not request.htmx:
        messages.add_message(
            request, messages.SUCCESS if result.ok else messages.ERROR, result.text
        )
        return redirect("destinations:list")
    destination = Destination.objects.with_credential().with_use().get(pk=pk)
    context = {"destination": destination, "result": result}
    return TemplateResponse(request, "destinations/index.html#tested", context)


@require_GET
@permission_required("destinations.view_defaultattributes", raise_exception=True)
def default_attributes(request: HttpRequest) -> HttpResponse:
    catalogue = catalogues.current()
    rows = []
    for each in Destination.objects.open_to(request.user).with_defaults().with_use():
        stored = getattr(each, "default_attributes", None)
        rows.append((each, stored, sources.words(stored.source, catalogue) if stored else ""))
    return TemplateResponse(request, "destinations/default_attributes.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@permission_required("destinations.view_defaultattributes", raise_exception=True)
def edit_defaults(request: HttpRequest, pk: int) -> HttpResponse:
    destination = _usable(request, pk)
    may_edit = request.user.has_perm("destinations.change_defaultattributes")
    catalogue = catalogues.current()
    stored = getattr(destination, "default_attributes", None)
    if request.method == "POST":
        if not may_edit:
            return TemplateResponse(request, "403.html", status=403)
        form = DefaultAttributesForm(
            request.POST, instance=stored or DefaultAttributes(destination=destination)
        )
        if form.is_valid():
            defaults.keep(form.instance, request.user)
            messages.success(request, f"Saved. {destination} takes it at once.")
            return redirect("destinations:edit_defaults", pk)
    else:
        form = DefaultAttributesForm(instance=stored, initial=suggestions(stored, catalogue))
    context = {
        "destination": destination,
        "stored": stored,
        "form": form,
        "rows": [row(identifier, form, catalogue, not may_edit) for identifier in Identifier],
        "may_edit": may_edit,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "destinations/edit_defaults.html", context, status=status)


@require_POST
@permission_required("destinations.delete_defaultattributes", raise_exception=True)
def remove_defaults(request: HttpRequest, pk: int) -> HttpResponse:
    destination = _usable(request, pk)
    defaults.remove(destination, request.user)
    messages.success(
        request, f"{destination} has no default attributes now: each campaign chooses itself."
    )
    return redirect("destinations:default_attributes")


@require_GET
@permission_required("destinations.view_defaultattributes", raise_exception=True)
@part_of("destinations:default_attributes")
def attributes(request: HttpRequest) -> HttpResponse:
    """The columns of a table as sources: ?identifier=phone&phone_table=merged_customers."""
    identifier = request.GET.get("identifier", "")
    if identifier not in Identifier.values:
        raise Http404("Attentive takes a phone or an email.")
    catalogue = catalogues.current()
    table = request.GET.get(f"{identifier}_table", "")
    chosen = sources.in_table(identifier, table, catalogue)
    row = {
        "value": identifier,
        "options": sources.attributes(identifier, table, chosen, catalogue),
    }
    return TemplateResponse(request, "destinations/attribute.html", {"row": row})


@require_GET
@permission_required("destinations.view_defaultattributes", raise_exception=True)
def shares(request: HttpRequest) -> HttpResponse:
    """How much of a column is filled and valid: ?identifier=phone&source=table.column."""
    identifier = request.GET.get("identifier", "")
    source = request.GET.get("source") or request.GET.get(identifier, "")
    context: dict[str, Any] = {"identifier": identifier, "source": source}
    if source and identifier in Identifier.values:
        try:
            catalogue = catalogues.current()
            context["reading"] = contents.reading(source, identifier, catalogue)
            context["problem"] = sources.fault(identifier, source, catalogue)
        except MusterError as error:
            context["error"] = error
    return TemplateResponse(request, "destinations/shares.html", context)


def _usable(request: HttpRequest, pk: int) -> Destination:
    """The destination with its defaults. Raises PermissionDenied where it is for others only."""
    if Destination.objects.closed_to(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return get_object_or_404(Destination.objects.with_defaults(), pk=pk)


def suggestions(stored: DefaultAttributes | None, catalogue: Catalogue) -> dict[str, str]:
    """The source of each identifier that nobody chose yet."""
    return {
        each.value: sources.suggested(each, catalogue)
        for each in Identifier
        if not getattr(stored, each.value, "")
    }


def row(
    identifier: Identifier, form: DefaultAttributesForm, catalogue: Catalogue, locked: bool
) -> dict[str, Any]:
    """One line of the page: an identifier, its source, and what else could be its source."""
    chosen = form[identifier.value].value() or ""
    table = sources.table_of(chosen, catalogue)
    return {
        "value": identifier.value,
        "label": identifier.label,
        "sent": form["identifier"].value() == identifier.value,
        "source": chosen,
        "tables": sources.tables(identifier, table, catalogue),
        "options": sources.attributes(identifier, table, chosen, catalogue),
        "errors": form[identifier.value].errors,
        "locked": locked,
    }
