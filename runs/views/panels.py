"""Test people: the lists that marketers keep, and who is on them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HttpRequest
from accounts.roles import SEE_CONTACTS
from core.http import go
from runs import panels as keeping
from runs.forms import PanelForm, PanelistForm
from runs.models import Panel, Panelist

may_launch = permission_required("campaigns.launch_campaign", raise_exception=True)


@require_http_methods(["GET", "POST"])
@may_launch
def panels(request: HttpRequest) -> HttpResponse:
    """All lists of test people; a POST makes one."""
    form = PanelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        keeping.keep(form.instance, request.user)
        return redirect("runs:panel", form.instance.pk)
    context = {"panels": Panel.objects.with_size(), "form": form}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "runs/panels.html", context, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@may_launch
def panel(request: HttpRequest, panel: int) -> HttpResponse:
    """Who is on a list, contact data masked but for those who may see it; a POST renames it."""
    found = get_object_or_404(Panel, pk=panel)
    named = found.name
    form = PanelForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        keeping.keep(found, request.user)
        messages.success(request, "Saved.")
        return redirect("runs:panel", panel)
    unmasked = request.user.has_perm(SEE_CONTACTS)
    context = {
        "panel": found,
        "named": named,
        "form": form,
        "people": [keeping.shown(each, unmasked=unmasked) for each in found.people.all()],
        "unmasked": unmasked,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "runs/panel.html", context, status=status)


@require_POST
@may_launch
def remove_panel(request: HttpRequest, panel: int) -> HttpResponse:
    found = get_object_or_404(Panel, pk=panel)
    keeping.remove(found, request.user)
    messages.success(request, f"{found.name} is removed. Tests that were sent are not affected.")
    return redirect("runs:panels")


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("name", "phone", "email")
@never_cache
@may_launch
def panelist(request: HttpRequest, panel: int, person: int | None = None) -> HttpResponse:
    """The dialog that adds a person to a list, or changes one."""
    of = get_object_or_404(Panel, pk=panel)
    page = reverse("runs:panel", args=[panel])
    found = get_object_or_404(of.people, pk=person) if person else Panelist(panel=of)
    if not request.htmx and request.method == "GET":
        return redirect(page)
    data = request.POST if request.method == "POST" else None
    form = PanelistForm(found, request.user.has_perm(SEE_CONTACTS), data)
    if form.is_valid():
        found.name = form.cleaned_data["name"]
        keeping.keep_person(found, form.contact, request.user)
        return go(request, page)
    context = {"panel": of, "person": found, "form": form}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "runs/panelist.html", context, status=status)


@require_POST
@may_launch
def remove_panelist(request: HttpRequest, panel: int, person: int) -> HttpResponse:
    found = get_object_or_404(Panelist.objects.select_related("panel"), pk=person, panel=panel)
    keeping.remove_person(found, request.user)
    messages.success(request, f"{found.name} is removed from the list.")
    return go(request, reverse("runs:panel", args=[panel]))
